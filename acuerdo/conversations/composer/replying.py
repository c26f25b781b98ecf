"""An adviser's message on its way to the queue: placeholders filled, the policy asked, sent once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.channels import accounts
from acuerdo.conversations import attachments
from acuerdo.conversations.composer import challenge, composing
from acuerdo.conversations.models import Attachment, Message, MessageTemplate
from acuerdo.conversations.sending import outbox, provider_rules
from acuerdo.conversations.team import ownership
from acuerdo.conversations.templating import addressees, message_templates
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer, CustomField
from acuerdo.interactions.models import Origin
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def send(
    customer: Customer,
    *,
    channel: str,
    body: str,
    subject: str = "",
    template: MessageTemplate | None = None,
    key: str,
    later: bool = False,
    due_at: datetime | None = None,
    files: Sequence[Attachment] = (),
    quotes: str = "",
    values: Mapping[str, str] | None = None,
    seen: int | None = None,
    agreed: int = 0,
    by: User,
    at: datetime,
) -> Message:
    """Queue it, now, at ``due_at``, or (``later``) for when the policy opens.

    The same ``key`` makes one message. ``quotes`` is the provider's id of what it answers.
    ``values`` stand in for the customer's own in an approved template. ``seen`` and ``agreed``:
    see ``challenge``.

    Refuses whom the house does not let write, when something newer arrived, when a placeholder has no value, when the policy is closed and it may not wait, or
    when the provider would take nothing but an approved template by then.
    """
    key = f"reply:{customer.pk}:{key}"
    # Two who send at once take turns: the second is shown what the first one wrote.
    customer = ownership.locked(customer)
    known = Message.objects.filter(idempotency_key=key).first()
    if known is not None:
        # The first time may have used up what the policy allows.
        return known
    ownership.require(by, customer)
    words = _words(customer, template, channel, body, subject, values, at=at)
    ask = partial(challenge.refuse_unseen, customer, seen=seen, agreed=agreed)
    ask(channel=channel, body=words.body, by=by, at=at)
    attachments.check(files, channel=channel)
    gate = composing.gate_of(customer, channel, at=due_at or at)
    if not gate.is_open and not (later and gate.can_wait):
        raise Refusal("closed", gate.verdict.sentence, status=409)
    _refuse_in_vain(customer, channel, words.template_call, at=_leaves_at(gate, due_at, at=at))
    return outbox.queue_message(
        customer,
        at=at,
        channel=channel,
        subject=words.subject,
        body=words.body,
        template=template,
        template_call=words.template_call,
        origin=Origin.MANUAL,
        files=tuple(files),
        quotes=quotes,
        kind=_kind(files),
        due_at=_leaves_at(gate, due_at, at=at),
        idempotency_key=key,
        by=by,
    )


def _words(
    customer: Customer,
    template: MessageTemplate | None,
    channel: str,
    body: str,
    subject: str,
    values: Mapping[str, str] | None,
    *,
    at: datetime,
) -> message_templates.Rendered:
    """As the customer will read it, by a template that is for them or by the words of the box."""
    if template and not addressees.fits(template, customer):
        sentence = _("La plantilla «%s» es de otra cartera o de otro idioma.") % template.name
        raise Refusal("foreign_template", sentence, field="body")
    if template and template.provider_template and template.body.strip() == body.strip():
        return _complete(message_templates.render(template, customer, at=at, values=values))
    return filled(customer, channel=channel, body=body, subject=subject, at=at)


def _kind(files: Sequence[Attachment]) -> str:
    if not files:
        return "text"
    general = files[0].content_type.partition("/")[0]
    return general if general in ("image", "audio", "video") else "document"


def _leaves_at(gate: composing.Gate, due_at: datetime | None, *, at: datetime) -> datetime:
    """When it may be sent; at once leaves a moment in which its author can take it back."""
    if not gate.is_open and gate.verdict.until:
        return gate.verdict.until
    return due_at or at + timedelta(seconds=django_settings.UNDO_SECONDS)


def filled(
    customer: Customer, *, channel: str, body: str, subject: str, at: datetime
) -> message_templates.Rendered:
    """The text as the customer will read it; refuses when a placeholder is unknown or empty."""
    unknown = message_templates.check(body) or message_templates.check(subject)
    if unknown:
        sentence = _("«%(tag)s» no es una etiqueta conocida. Elija una de la lista.")
        raise Refusal("unknown_placeholder", sentence % {"tag": unknown[0]}, field="body")
    draft = MessageTemplate(channel=channel, subject=subject, body=body)
    return _complete(message_templates.render(draft, customer, at=at))


def _complete(words: message_templates.Rendered) -> message_templates.Rendered:
    if words.missing:
        names = ", ".join(label(name) for name in words.missing)
        sentence = _("Falta un dato del cliente: %(names)s. Complételo o quite la etiqueta.")
        raise Refusal("missing_value", sentence % {"names": names}, field="body")
    return words


def _refuse_in_vain(
    customer: Customer, channel: str, call: dict[str, Any] | None, *, at: datetime
) -> None:
    """What the provider would not take by then is not queued."""
    account = accounts.active().get(channel)
    point = contact_points.for_channel([customer.pk], channel=channel).get(customer.pk)
    if account and point:
        zone = settings.current().time_zone
        provider_rules.refuse(
            account, customer.pk, point.value, template_call=call, at=at, zone=zone
        )


def tags() -> Mapping[str, str]:
    """What may be inserted: placeholder and what it stands for."""
    own = {name: str(label) for name, label in message_templates.TAGS.items()}
    fields = CustomField.objects.filter(level="customer").order_by("label")
    return own | {f"{message_templates.CUSTOM}{each.key}": each.label for each in fields}


def label(name: str) -> str:
    label = message_templates.TAGS.get(name)
    return f"{label} ({{{{{name}}}}})" if label else f"{{{{{name}}}}}"
