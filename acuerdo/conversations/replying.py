"""An adviser's message on its way to the queue: placeholders filled, the policy asked, sent once."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from acuerdo.conversations import composing, message_templates, outbox
from acuerdo.conversations.models import Message, MessageTemplate
from acuerdo.customers.models import Customer, CustomField
from acuerdo.interactions.models import Origin
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


def send(
    customer: Customer,
    *,
    channel: str,
    body: str,
    subject: str = "",
    template: MessageTemplate | None = None,
    key: str,
    later: bool = False,
    by: User,
    at: datetime,
) -> Message:
    """Queue it, now or (``later``) for when the policy opens; the same ``key`` makes one message.

    Refuses when a placeholder has no value, or when the policy is closed and it may not wait.
    """
    key = f"reply:{customer.pk}:{key}"
    known = Message.objects.filter(idempotency_key=key).first()
    if known is not None:
        # The first time may have used up what the policy allows.
        return known
    words = filled(customer, channel=channel, body=body, subject=subject, at=at)
    gate = composing.gate_of(customer, channel, at=at)
    if not gate.is_open and not (later and gate.can_wait):
        raise Refusal("closed", gate.verdict.sentence, status=409)
    return outbox.queue_message(
        customer,
        at=at,
        channel=channel,
        subject=words.subject,
        body=words.body,
        template=template,
        origin=Origin.MANUAL,
        due_at=None if gate.is_open else gate.verdict.until,
        idempotency_key=key,
        by=by,
    )


def filled(
    customer: Customer, *, channel: str, body: str, subject: str, at: datetime
) -> message_templates.Rendered:
    """The text as the customer will read it; refuses when a placeholder is unknown or empty."""
    unknown = message_templates.check(body) or message_templates.check(subject)
    if unknown:
        sentence = _("«%(tag)s» no es una etiqueta conocida. Elige una de la lista.")
        raise Refusal("unknown_placeholder", sentence % {"tag": unknown[0]}, field="body")
    draft = MessageTemplate(channel=channel, subject=subject, body=body)
    words = message_templates.render(draft, customer, at=at)
    if words.missing:
        names = ", ".join(_label(name) for name in words.missing)
        sentence = _("Falta un dato del cliente: %(names)s. Complétalo o quita la etiqueta.")
        raise Refusal("missing_value", sentence % {"names": names}, field="body")
    return words


def tags() -> Mapping[str, str]:
    """What may be inserted: placeholder and what it stands for."""
    own = {name: str(label) for name, label in message_templates.TAGS.items()}
    fields = CustomField.objects.filter(level="customer").order_by("label")
    return own | {f"{message_templates.CUSTOM}{each.key}": each.label for each in fields}


def _label(name: str) -> str:
    label = message_templates.TAGS.get(name)
    return f"{label} ({{{{{name}}}}})" if label else f"{{{{{name}}}}}"
