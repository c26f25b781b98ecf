"""The contingency channel: where an automatic message fails, one fixed text goes another way.

It takes the last channel that worked with that customer, passes the same outbox and the same
contact policy as any message of its origin, and never answers for a failure of its own.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import Message, MessageTemplate
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.templating.message_templates import Rendered
from acuerdo.events.models import Event
from acuerdo.interactions.models import AUTOMATIC_ORIGINS, Interaction, Kind, Status
from acuerdo.ledger import holds
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

SOURCE = "Contingencia"
WRITTEN = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
WORKED = (Status.DELIVERED, Status.OPENED, Status.RECEIVED)
# A provider may tell of old failures after an outage; their day is over.
FRESH = timedelta(days=2)
PATIENCE = timedelta(days=1)
# WhatsApp takes a free text only this long after the person wrote.
WHATSAPP_WINDOW = timedelta(hours=24)


def answer_failure(event: Event) -> None:
    """Reaction to ``message.failed``; told twice, it still queues one message."""
    if not settings.current().contingency_channel or event.subject_id is None:
        return
    failed = Interaction.objects.select_related("customer").filter(pk=event.subject_id).first()
    if failed is None or not _is_answered(failed, at=event.at):
        return
    channel = _channel(failed, at=event.at)
    text = _text(failed, at=event.at) if channel else None
    if channel and text:
        _queue(failed, channel, text, at=event.at)


def _is_answered(failed: Interaction, *, at: datetime) -> bool:
    if failed.status != Status.FAILED or failed.origin not in AUTOMATIC_ORIGINS:
        return False
    if failed.source == SOURCE or (failed.sent_at or failed.at) < at - FRESH:
        return False
    on = clock.date_in(settings.current().time_zone, at)
    return not holds.blockers([failed.customer_id], on=on)


def _channel(failed: Interaction, *, at: datetime) -> str:
    """The channel of the last contact that arrived, other than the one that failed; or empty."""
    others = [channel for channel in WRITTEN if channel != failed.channel]
    contacts = Interaction.objects.filter(
        customer_id=failed.customer_id, kind=Kind.MESSAGE, channel__in=others, status__in=WORKED
    )
    for channel, status, when in contacts.order_by("-at", "-pk").values_list(
        "channel", "status", "at"
    )[:50]:
        is_open = status == Status.RECEIVED and when > at - WHATSAPP_WINDOW
        if channel != Channel.WHATSAPP or is_open:
            return str(channel)
    return ""


def _text(failed: Interaction, *, at: datetime) -> Rendered | None:
    """Name, due date, consolidated balance and company; nothing where one of them is unknown."""
    fixed = MessageTemplate(
        subject=_("Aviso de {{empresa}}"),
        body=_(
            "Hola, {{nombre}}. Le escribimos de {{empresa}}: su saldo es de {{saldo_total}}, con"
            " vencimiento el {{vencimiento}}. Si ya pagó, no tome en cuenta este mensaje."
        ),
    )
    rendered = message_templates.render(fixed, failed.customer, at=at)
    return None if rendered.missing else rendered


def _queue(failed: Interaction, channel: str, text: Rendered, *, at: datetime) -> Message | None:
    """No address or no account on that channel: then there is no contingency."""
    try:
        return outbox.queue_message(
            failed.customer,
            channel=channel,
            subject=text.subject if channel == Channel.EMAIL else "",
            body=text.body,
            origin=failed.origin,
            source=SOURCE,
            source_id=failed.pk,
            not_after=at + PATIENCE,
            idempotency_key=f"contingency:{failed.pk}",
            at=at,
        )
    except Refusal:
        return None
