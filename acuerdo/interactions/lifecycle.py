"""Opens and moves rows of the register; no other module writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

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
from acuerdo.primitives.arrays import literal
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


def with_past(
    row: Interaction,
    *,
    reason_text: str = "",
    sent_at: datetime | None = None,
    delivered_at: datetime | None = None,
    opened_at: datetime | None = None,
) -> Interaction:
    """An unsaved row of ``build`` with the history that it had elsewhere."""
    row.reason_text = reason_text
    row.sent_at, row.delivered_at, row.opened_at = sent_at, delivered_at, opened_at
    return row


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


class Move(NamedTuple):
    """One row to move, when it happened, and the reason to show (empty keeps the old one)."""

    id: int
    at: datetime
    reason: str = ""
    reason_text: str = ""


class Moved(NamedTuple):
    """A row as it stands after its move."""

    id: int
    customer_id: int
    portfolio_id: int
    adviser_id: int | None
    status: str


def move_many(
    ids: Iterable[int], *, from_: Sequence[str], to: str, at: datetime, reason: str = ""
) -> list[Moved]:
    """As ``move_each``, all at one moment and for one reason."""
    return move_each([Move(id_, at, reason) for id_ in ids], from_=from_, to=to)


def move_each(moves: Iterable[Move], *, from_: Sequence[str], to: str) -> list[Moved]:
    """Move those that still stand in ``from_``, in one statement; answers which ones moved.

    The others are left alone: a late or repeated notice does nothing. ``at`` becomes the
    row's own moment when it leaves the queue, and its stamp for sent, delivered, opened.
    """
    for before in from_:
        if to not in MESSAGE_MOVES.get(before, ()) and to not in CALL_MOVES.get(before, ()):
            raise ValueError(f"{before} > {to} is not in the table")
    rows = list(moves)
    if not rows:
        return []
    values: dict[str, Any] = {
        "to": to,
        "from": list(from_),
        "settles": to in _SETTLES,
        "clears": to in _CLEARS,
        "ids": literal(row.id for row in rows),
        "ats": literal(row.at for row in rows),
        "reasons": literal(row.reason[:60] for row in rows),
        "texts": literal(row.reason_text[:300] for row in rows),
    }
    stamp = f"{to}_at" if to in _STAMPED else ""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(stamp=_STAMP.format(stamp) if stamp else ""), values)
        return [Moved(*row) for row in cursor.fetchall()]


_SETTLES = ("sent", "not_sent", "failed", "uncertain", "cancelled")
# A message that went on or arrived has no fault any more, whichever notice came first.
_CLEARS = ("processing", "sent", "delivered", "opened")
_STAMPED = ("sent", "delivered", "opened")
_STAMP = ", {0} = LEAST(row.{0}, move.at)"
# The status is wrapped: a planner that knows how few stood there when it last looked takes
# the batch for one row, and compares each row of it with each other.
_MOVE = """
UPDATE interactions_interaction AS row SET
    status = %(to)s,
    at = CASE WHEN %(settles)s AND row.status IN ('scheduled', 'processing')
        THEN move.at ELSE row.at END,
    reason = CASE WHEN %(clears)s OR move.reason <> '' THEN move.reason ELSE row.reason END,
    reason_text = CASE WHEN %(clears)s OR move.reason <> '' THEN move.text
        ELSE row.reason_text END{stamp}
FROM unnest(%(ids)s::bigint[], %(ats)s::timestamptz[], %(reasons)s::text[], %(texts)s::text[])
    AS move (id, at, reason, text)
WHERE row.id = move.id AND coalesce(row.status = ANY(%(from)s), false)
RETURNING row.id, row.customer_id, row.portfolio_id, row.adviser_id, row.status
"""


def take_back(ids: Iterable[int]) -> None:
    """Rows that were filed under the wrong person leave the register for good.

    What is still on its way out of our queue is never among them.
    """
    under_way = (Status.SCHEDULED, Status.PROCESSING, Status.UNCERTAIN)
    Interaction.objects.filter(pk__in=list(ids)).exclude(status__in=under_way).delete()


def put_off(moves: Iterable[Move]) -> None:
    """Scheduled rows wait until their move's ``at``, for its reason."""
    rows = list(moves)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE interactions_interaction AS row"
            " SET at = move.at, reason = move.reason, reason_text = move.text"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[])"
            " AS move (id, at, reason, text) WHERE row.id = move.id AND row.status = 'scheduled'",
            [
                literal(row.id for row in rows),
                literal(row.at for row in rows),
                literal(row.reason[:60] for row in rows),
                literal(row.reason_text[:300] for row in rows),
            ],
        )


def stamp(moves: Iterable[Move], *, to: str) -> None:
    """Note when a message was sent, delivered or opened, whatever status it has by now."""
    rows = list(moves)
    if rows and to in _STAMPED:
        with connection.cursor() as cursor:
            cursor.execute(
                _STAMP_LATE.format(f"{to}_at"), [[row.id for row in rows], [row.at for row in rows]]
            )


_STAMP_LATE = """
UPDATE interactions_interaction AS row SET {0} = move.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS move (id, at)
WHERE row.id = move.id AND (row.{0} IS NULL OR row.{0} > move.at)
"""
