"""Contacts that somebody already had, for tests of the policy."""

from datetime import datetime

from acuerdo.customers.models import Customer
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status


def contact(
    customer: Customer,
    at: datetime,
    *,
    channel: str = "sms",
    status: Status = Status.SENT,
    direction: Direction = Direction.OUTGOING,
) -> Interaction:
    """One message or call of the register, as it stands after it happened at ``at``."""
    entry = lifecycle.Entry(
        kind=Kind.CALL if channel == "call" else Kind.MESSAGE,
        channel=channel,
        direction=direction,
        status=status,
        origin=Origin.FLOW,
        at=at,
    )
    return lifecycle.open_entry(customer, entry, created_at=at)


def inbound(customer: Customer, at: datetime, *, channel: str = "whatsapp") -> Interaction:
    return contact(
        customer, at, channel=channel, status=Status.RECEIVED, direction=Direction.INCOMING
    )
