"""A promise to pay holds the main flow until it is kept, broken or cancelled.

Nobody says that it was kept: the payments dated within it do.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import DecimalField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from acuerdo.customers import alerts, facts, zones
from acuerdo.customers.models import AlertKind, Customer
from acuerdo.customers.zones import local_date
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, FactKind, Kind, Origin, Status
from acuerdo.ledger import amounts, standings
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

# A promise silences the main flow, so a date years ahead would be a way never to be asked again.
FARTHEST = timedelta(days=90)
BATCH = 2000
ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=18, decimal_places=2))


@transaction.atomic
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
    today = local_date(customer, at)
    amounts.check_positive(amount)
    _check_date(due_on, today=today)
    standings.lock([customer.pk])
    _check_owed(customer, amount)
    for pending in customer.promises.filter(status=PromiseStatus.PENDING):
        cancel(pending, note=_("Reemplazado por un compromiso nuevo."), by=by, at=at)
    promise = Promise.objects.create(
        customer=customer,
        currency=amount.currency,
        amount=amount.amount,
        made_on=today,
        due_on=due_on,
        note=note.strip(),
        by=by,
        created_at=at,
    )
    _tell(promise, "promise.registered", FactKind.PROMISE, by=by, at=at, channel=channel)
    return promise


@transaction.atomic
def cancel(promise: Promise, *, note: str, by: User | None, at: datetime) -> Promise:
    if not note.strip():
        raise Refusal("no_note", _("Escriba por qué se anula el compromiso."), field="note")
    kept_note = f"{promise.note}\n{note.strip()}".strip()
    move_to(promise, PromiseStatus.CANCELLED, table=PROMISE_MOVES, settled_at=at, note=kept_note)
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
    alerts.raise_many([row.customer for row in broken], AlertKind.PROMISE_BROKEN, at=at)
    return len(taken)


def _pending() -> QuerySet[Promise]:
    return Promise.objects.filter(status=PromiseStatus.PENDING)


def _with_paid(promises: QuerySet[Promise]) -> list[Promise]:
    """``promises`` with ``paid`` brought up to date, in memory and in the table."""
    rows = list(promises)
    if not rows:
        return []
    values: dict[str, Any] = {
        "ids": [row.pk for row in rows],
        "grace": settings.current().promise_grace_days,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAID, values)
        paid = dict(cursor.fetchall())
    changed = [row for row in rows if row.paid != paid[row.pk]]
    for row in changed:
        row.paid = paid[row.pk]
    Promise.objects.bulk_update(changed, ["paid"], batch_size=500)
    return rows


# What came in before the promise was made is not part of it, though it bears the same date.
_PAID = """
SELECT p.id, coalesce(sum(pay.amount), 0)
FROM ledger_promise p
LEFT JOIN ledger_payment pay ON pay.customer_id = p.customer_id
    AND pay.currency = p.currency AND pay.status = 'posted'
    AND pay.created_at >= p.created_at
    AND pay.paid_on BETWEEN p.made_on AND p.due_on + %(grace)s::int
WHERE p.id = ANY(%(ids)s)
GROUP BY p.id
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


def _tell(
    promise: Promise,
    event: str,
    fact: FactKind,
    *,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> None:
    lifecycle.record_fact(
        promise.customer,
        fact,
        at=at,
        by=by,
        channel=channel,
        summary=promise.note,
        money=Money(promise.amount, promise.currency),
        subject_id=promise.pk,
    )
    facts.record(
        event,
        promise.customer,
        subject=promise,
        by=by,
        at=at,
        due_on=promise.due_on.isoformat(),
    )


def _check_date(due_on: date, *, today: date) -> None:
    if due_on < today:
        raise Refusal("promise_in_the_past", _("La fecha del compromiso ya pasó."), field="due_on")
    if due_on > today + FARTHEST:
        sentence = _("El compromiso puede vencer a lo sumo el %s.")
        day = (today + FARTHEST).strftime("%d/%m/%Y")
        raise Refusal("promise_too_far", sentence % day, field="due_on")


def _check_owed(customer: Customer, amount: Money) -> None:
    owed = Debt.objects.filter(
        customer=customer, status=DebtStatus.OPEN, currency=amount.currency
    ).aggregate(total=Coalesce(Sum("balance"), ZERO))["total"]
    if not owed:
        sentence = _("El cliente no debe nada en %s.")
        raise Refusal("nothing_owed", sentence % amount.currency, field="currency")
    if amount.amount > owed:
        sentence = _("El compromiso no puede pasar de lo que se debe: %(currency)s %(owed)s.")
        words = {"currency": amount.currency, "owed": owed}
        raise Refusal("promise_too_large", sentence % words, field="amount")
