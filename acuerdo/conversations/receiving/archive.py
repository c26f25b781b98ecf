"""Messages that already happened elsewhere, brought into the register as they were.

Nothing is queued and nobody is told: the rows say what was, with the times of then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import inbox
from acuerdo.conversations.models import Charge, Message
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status
from acuerdo.organization.models import User

# How long a message took between one state and the next, where only the last is known.
STEP = timedelta(minutes=2)
MARKS = ("sent_at", "delivered_at", "opened_at")
REACHED = {Status.SENT: 1, Status.UNCERTAIN: 1, Status.DELIVERED: 2, Status.OPENED: 3}


@dataclass(frozen=True, slots=True)
class Past:
    """One message of then. ``awaits`` says that it still waits for an answer.

    ``charged_as`` is the category that its provider charged it by, where it did.
    """

    customer: Customer
    channel: str
    direction: Direction
    status: Status
    body: str
    at: datetime
    account: ChannelAccount
    contact_point: ContactPoint
    subject: str = ""
    origin: Origin = Origin.MANUAL
    source: str = ""
    source_id: int | None = None
    template: str = ""
    reason_text: str = ""
    by: User | None = None
    awaits: bool = False
    charged_as: str = ""


@transaction.atomic
def bring_in(past: Sequence[Past]) -> list[Interaction]:
    """Store the messages, and show each customer's latest one in the inbox."""
    rows = lifecycle.open_many([_interaction(each) for each in past])
    pairs = list(zip(past, rows, strict=True))
    Message.objects.bulk_create([_message(*pair) for pair in pairs], batch_size=1000)
    Charge.objects.bulk_create(_charge(*pair) for pair in pairs if pair[0].charged_as)
    inbox.touch_many(row.pk for row in rows)
    inbox.arrived_many(row.pk for each, row in pairs if each.awaits)
    return rows


def _interaction(past: Past) -> Interaction:
    entry = lifecycle.Entry(
        kind=Kind.MESSAGE,
        channel=past.channel,
        direction=past.direction,
        status=past.status,
        origin=past.origin,
        at=past.at,
        source=past.source,
        source_id=past.source_id,
        template=past.template,
        recipient=past.contact_point.value,
        summary=past.body,
    )
    row = lifecycle.build(past.customer, entry, created_at=past.at, by=past.by)
    return lifecycle.with_past(row, reason_text=past.reason_text, **_times(past))


def _times(past: Past) -> dict[str, datetime]:
    """A message that was opened had been delivered, and before that sent."""
    if past.direction == Direction.INCOMING or past.status not in REACHED:
        return {}
    reached = REACHED[past.status]
    return {name: past.at + place * STEP for place, name in enumerate(MARKS[:reached])}


def _charge(past: Past, row: Interaction) -> Charge:
    return Charge(message_id=row.pk, category=past.charged_as, is_billable=True)


def _message(past: Past, row: Interaction) -> Message:
    return Message(
        interaction=row,
        account=past.account,
        contact_point=past.contact_point,
        address=past.contact_point.value,
        subject=past.subject,
        body=past.body,
    )
