"""Opens and moves rows of the register; no other module writes them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from acuerdo.customers.models import Customer
from acuerdo.interactions.models import (
    CALL_MOVES,
    MESSAGE_MOVES,
    Direction,
    Interaction,
    Kind,
    Origin,
    Status,
)
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.states import move_to

SUMMARY_LENGTH = 240


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new row of the register says; see ``Interaction`` for the meaning of each."""

    kind: Kind
    channel: str
    direction: Direction
    status: Status
    origin: Origin
    at: datetime
    fact: str = ""
    source: str = ""
    source_id: int | None = None
    template: str = ""
    recipient: str = ""
    summary: str = ""
    money: Money | None = None
    subject_id: int | None = None


def build(
    customer: Customer, entry: Entry, *, created_at: datetime, by: User | None
) -> Interaction:
    """An unsaved row, for callers that insert many at once."""
    return Interaction(
        customer=customer,
        kind=entry.kind,
        fact=entry.fact,
        channel=entry.channel,
        direction=entry.direction,
        status=entry.status,
        origin=entry.origin,
        source=entry.source,
        source_id=entry.source_id,
        template=entry.template,
        recipient=entry.recipient,
        summary=" ".join(entry.summary.split())[:SUMMARY_LENGTH],
        amount=_amount(entry.money),
        currency=entry.money.currency if entry.money else "",
        subject_id=entry.subject_id,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        by=by,
        at=entry.at,
        created_at=created_at,
    )


def _amount(money: Money | None) -> Decimal | None:
    return money.amount if money else None


def open_entry(
    customer: Customer, entry: Entry, *, created_at: datetime, by: User | None = None
) -> Interaction:
    row = build(customer, entry, created_at=created_at, by=by)
    row.save(force_insert=True)
    return row


def open_many(rows: list[Interaction]) -> list[Interaction]:
    """Insert rows made by ``build``; ids are filled in, order kept."""
    return Interaction.objects.bulk_create(rows, batch_size=1000)


def record_fact(
    customer: Customer,
    fact: str,
    *,
    at: datetime,
    by: User | None,
    channel: str = "dashboard",
    origin: Origin = Origin.MANUAL,
    summary: str = "",
    money: Money | None = None,
    subject_id: int | None = None,
) -> Interaction:
    """A ledger fact or portal step, in state "generated"."""
    entry = Entry(
        kind=Kind.FACT,
        fact=fact,
        channel=channel,
        direction=Direction.INCOMING if channel == "portal" else Direction.OUTGOING,
        status=Status.GENERATED,
        origin=origin,
        at=at,
        summary=summary,
        money=money,
        subject_id=subject_id,
    )
    return open_entry(customer, entry, created_at=at, by=by)


def move(row: Interaction, status: Status, **changes: object) -> None:
    """Move one row along its table; raises Refusal when the move is not in it."""
    table = CALL_MOVES if row.kind == Kind.CALL else MESSAGE_MOVES
    move_to(row, status, table=table, **changes)
