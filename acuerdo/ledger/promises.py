"""A promise to pay holds the main flow until it is kept, broken or cancelled.

Nobody says that it was kept: the payments dated within it do. Of a promise in parts each payment
counts once, for the earliest part that can still take it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import DecimalField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from acuerdo.customers import alerts, facts, zones
from acuerdo.customers.models import AlertKind, Customer
from acuerdo.customers.zones import local_date
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, FactKind, Kind, Origin, Status
from acuerdo.ledger import instalments, standings
from acuerdo.ledger.instalments import Part
from acuerdo.ledger.models import (
    PROMISE_MOVES,
    Debt,
    DebtStatus,
    Promise,
    PromiseStatus,
)
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_many, move_to
from acuerdo.ui.formatting import money as written

BATCH = 2000
ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=18, decimal_places=2))


def register(
    customer: Customer,
    *,
    amount: Money,
    due_on: date,
    note: str = "",
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> Promise:
    """A pending promise of the customer is cancelled: the new one takes its place."""
    parts = [Part(amount, due_on)]
    return register_plan(customer, parts=parts, note=note, by=by, at=at, channel=channel)[0]


@transaction.atomic
def register_plan(
    customer: Customer,
    *,
    parts: Sequence[Part],
    note: str = "",
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> list[Promise]:
    """One promise in several parts, in one currency; told once. What was pending is cancelled."""
    today = local_date(customer, at)
    instalments.check(parts, today=today)
    standings.lock([customer.pk])
    _check_owed(customer, instalments.total_of(parts))
    for pending in _pending().filter(customer=customer).order_by("part")[:1]:
        cancel(pending, note=_("Reemplazado por un compromiso nuevo."), by=by, at=at)
    made: list[Promise] = []
    for number, part in enumerate(parts, start=1):
        made.append(
            Promise.objects.create(
                customer=customer,
                currency=part.amount.currency,
                amount=part.amount.amount,
                made_on=today,
                due_on=part.due_on,
                plan=made[0] if made else None,
                part=number,
                parts=len(parts),
                note=note.strip(),
                by=by,
                created_at=at,
            )
        )
    _tell_made(made, by=by, at=at, channel=channel)
    return made


@transaction.atomic
def cancel(promise: Promise, *, note: str, by: User | None, at: datetime) -> Promise:
    """Whatever is still pending of its plan goes with it."""
    if not note.strip():
        raise Refusal("no_note", _("Escriba por qué se anula el compromiso."), field="note")
    standings.lock([promise.customer_id])
    kept_note = f"{promise.note}\n{note.strip()}".strip()
    move_to(promise, PromiseStatus.CANCELLED, table=PROMISE_MOVES, settled_at=at, note=kept_note)
    rest = list(_pending().filter(_of_plan(promise.plan_key)))
    if rest:
        move_many(rest, PromiseStatus.CANCELLED, table=PROMISE_MOVES, settled_at=at)
    _tell(promise, "promise.cancelled", FactKind.PROMISE_CANCELLED, by=by, at=at)
    return promise


def weigh(customer_ids: Iterable[int], *, at: datetime) -> int:
    """Compare pending promises with what was paid; says how many are kept by now.

    Called by whatever posts or voids payments, inside its transaction, holding the customers.
    """
    rows = _pending().filter(customer_id__in=list(customer_ids)).select_related("customer")
    kept = [row for row in _with_paid(rows) if row.paid >= row.amount]
    _decide(kept, PromiseStatus.KEPT, at=at)
    return len(kept)


def settle_due(*, at: datetime) -> int:
    """Decide every promise whose last day, grace included, is over where its customer lives.

    In batches, each its own transaction: a run cut short goes on where it stopped. Says how many.
    """
    settled = 0
    while batch := _settle_batch(at=at):
        settled += batch
    return settled


@transaction.atomic
def _settle_batch(*, at: datetime) -> int:
    grace = settings.current().promise_grace_days
    nearly = _pending().filter(due_on__lt=zones.ahead_of_all(at) - timedelta(days=grace))
    due = nearly.filter(due_on__lt=zones.day_before(at, days=grace))
    first = due.order_by("due_on", "pk").values_list("pk", "customer_id")[:BATCH]
    taken = dict(first)
    standings.lock(taken.values())
    rows = _with_paid(due.filter(pk__in=taken).select_related("customer"))
    _decide([row for row in rows if row.paid >= row.amount], PromiseStatus.KEPT, at=at)
    broken = [row for row in rows if row.paid < row.amount]
    _decide(broken, PromiseStatus.BROKEN, at=at)
    alone = {row.customer_id: row.customer for row in broken}
    alerts.raise_many(list(alone.values()), AlertKind.PROMISE_BROKEN, at=at)
    return len(taken)


def _pending() -> QuerySet[Promise]:
    return Promise.objects.filter(status=PromiseStatus.PENDING)


def _of_plan(key: int) -> Q:
    return Q(pk=key) | Q(plan_id=key)


def _with_paid(promises: QuerySet[Promise]) -> list[Promise]:
    """``promises`` with ``paid`` brought up to date, in memory and in the table."""
    rows = list(promises)
    if not rows:
        return []
    values: dict[str, Any] = {
        "plans": [row.plan_key for row in rows],
        "grace": settings.current().promise_grace_days,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAID, values)
        paid = _shares(cursor.fetchall())
    changed = [row for row in rows if row.paid != paid[row.pk]]
    for row in changed:
        row.paid = paid[row.pk]
    Promise.objects.bulk_update(changed, ["paid"], batch_size=500)
    return rows


def _shares(found: Iterable[tuple[int, int, bool, Decimal, Decimal]]) -> dict[int, Decimal]:
    """What falls to each part, earliest first; money beyond the whole plan stays with the last."""
    used: dict[int, Decimal] = defaultdict(Decimal)
    shares: dict[int, Decimal] = {}
    for pk, plan, is_last, amount, came_in in found:
        left = max(came_in - used[plan], Decimal(0))
        shares[pk] = left if is_last else min(amount, left)
        used[plan] += shares[pk]
    return shares


# What came in before the promise was made is not part of it, though it bears the same date.
_PAID = """
SELECT p.id, coalesce(p.plan_id, p.id), p.part = p.parts, p.amount, coalesce(sum(pay.amount), 0)
FROM ledger_promise p
LEFT JOIN ledger_payment pay ON pay.customer_id = p.customer_id
    AND pay.currency = p.currency AND pay.status = 'posted'
    AND pay.created_at >= p.created_at
    AND pay.paid_on BETWEEN p.made_on AND p.due_on + %(grace)s::int
WHERE p.id = ANY(%(plans)s) OR p.plan_id = ANY(%(plans)s)
GROUP BY p.id
ORDER BY p.part
"""
_EVENTS = {PromiseStatus.KEPT: "promise.kept", PromiseStatus.BROKEN: "promise.broken"}
_FACTS = {
    PromiseStatus.KEPT: FactKind.PROMISE_KEPT,
    PromiseStatus.BROKEN: FactKind.PROMISE_BROKEN,
}


def _decide(rows: list[Promise], status: PromiseStatus, *, at: datetime) -> None:
    if not rows:
        return
    move_many(rows, status, table=PROMISE_MOVES, settled_at=at)
    lifecycle.open_many(
        [
            lifecycle.build(row.customer, _entry(row, _FACTS[status], at), created_at=at, by=None)
            for row in rows
        ]
    )
    log.record_many([facts.fact(_EVENTS[status], row.customer, row) for row in rows], at=at)


def _entry(promise: Promise, fact: FactKind, at: datetime) -> lifecycle.Entry:
    return lifecycle.Entry(
        kind=Kind.FACT,
        fact=fact,
        channel="dashboard",
        direction=Direction.OUTGOING,
        status=Status.GENERATED,
        origin=Origin.SYSTEM,
        at=at,
        money=Money(promise.amount, promise.currency),
        subject_id=promise.pk,
    )


def _tell_made(made: list[Promise], *, by: User | None, at: datetime, channel: str) -> None:
    """One line on the timeline and one fact, however many parts; the subject is the first."""
    first = made[0]
    total = sum((each.amount for each in made), Decimal(0))
    dates = [each.due_on.isoformat() for each in made]
    words = [_("En %s partes.") % len(made)] if len(made) > 1 else []
    lifecycle.record_fact(
        first.customer,
        FactKind.PROMISE,
        at=at,
        by=by,
        channel=channel,
        summary=" ".join([*words, first.note]).strip(),
        money=Money(total, first.currency),
        subject_id=first.pk,
    )
    more: dict[str, Any] = {"parts": dates} if len(made) > 1 else {}
    facts.record(
        "promise.registered",
        first.customer,
        subject=first,
        by=by,
        at=at,
        due_on=dates[0],
        **more,
    )


def _tell(promise: Promise, event: str, fact: FactKind, *, by: User | None, at: datetime) -> None:
    lifecycle.record_fact(
        promise.customer,
        fact,
        at=at,
        by=by,
        summary=promise.note,
        money=Money(promise.amount, promise.currency),
        subject_id=promise.pk,
    )
    due_on = promise.due_on.isoformat()
    facts.record(event, promise.customer, subject=promise, by=by, at=at, due_on=due_on)


def _check_owed(customer: Customer, amount: Money) -> None:
    owed = Debt.objects.filter(
        customer=customer, status=DebtStatus.OPEN, currency=amount.currency
    ).aggregate(total=Coalesce(Sum("balance"), ZERO))["total"]
    if not owed:
        sentence = _("El cliente no debe nada en %s.")
        raise Refusal("nothing_owed", sentence % amount.currency, field="currency")
    if amount.amount > owed:
        sentence = _("El compromiso no puede pasar de lo que se debe: %s.")
        known = written(owed, amount.currency)
        raise Refusal("promise_too_large", sentence % known, field="amount")
