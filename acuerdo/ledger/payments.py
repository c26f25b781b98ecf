"""Money received. Posted once per code, voided by opposite entries, never edited."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts
from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind, Origin
from acuerdo.ledger import amounts, days, entries, promises, standings
from acuerdo.ledger.models import (
    PAYMENT_MOVES,
    Debt,
    DebtStatus,
    Payment,
    PaymentStatus,
)
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.primitives.uniqueness import refused_as

MAX_CODE = 80


@transaction.atomic
def record(
    customer: Customer,
    *,
    amount: Money,
    paid_on: date,
    code: str = "",
    method: str = "",
    reference: str = "",
    debts: Sequence[Debt] | None = None,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
    origin: Origin = Origin.MANUAL,
) -> Payment:
    """Pay ``debts`` in the order given, then the rest from the oldest due date on.

    What no debt is left to take stays in ``unapplied``. An empty ``code`` gets a new one.
    """
    amounts.check_positive(amount)
    _check_date(paid_on, today=local_date(customer, at))
    standings.lock([customer.pk])
    payment = Payment(
        customer=customer,
        code=_free_code(code),
        currency=amount.currency,
        amount=amount.amount,
        paid_on=paid_on,
        method=method.strip(),
        reference=reference.strip(),
        by=by,
        created_at=at,
    )
    with refused_as(_taken(payment.code)):
        payment.save(force_insert=True)
    touched = _apply(payment, _in_order(customer, amount.currency, debts or ()), by=by, at=at)
    settles = all(debt.status == DebtStatus.SETTLED for debt in touched)
    kind = FactKind.PAYMENT if settles else FactKind.PARTIAL_PAYMENT
    _tell(payment, "payment.recorded", kind, by=by, at=at, channel=channel, origin=origin)
    return payment


@transaction.atomic
def void(payment: Payment, *, note: str, by: User | None, at: datetime) -> Payment:
    """Undo a payment: what it paid is owed again. A promise already kept stays kept."""
    if not note.strip():
        raise Refusal("no_note", _("Escriba por qué se anula el pago."), field="note")
    standings.lock([payment.customer_id])
    move_to(payment, PaymentStatus.VOIDED, table=PAYMENT_MOVES, unapplied=Decimal(0))
    entries.reverse_payment(payment, on=days.of(at), note=note.strip(), by=by, at=at)
    _tell(payment, "payment.voided", FactKind.REVERSAL, by=by, at=at, summary=note)
    return payment


def _apply(payment: Payment, debts: Iterable[Debt], *, by: User | None, at: datetime) -> list[Debt]:
    left, touched = payment.amount, []
    for debt in debts:
        part = min(left, debt.balance)
        if part <= 0:
            continue
        entries.post(
            debt,
            entries.EntryKind.PAYMENT,
            -part,
            effective_on=payment.paid_on,
            payment=payment,
            by=by,
            at=at,
        )
        left -= part
        touched.append(debt)
    payment.unapplied = left
    Payment.objects.filter(pk=payment.pk).update(unapplied=left)
    return touched


def _in_order(customer: Customer, currency: str, named: Sequence[Debt]) -> list[Debt]:
    """The named debts as they stand now, then the customer's other open ones."""
    for debt in named:
        if debt.customer_id != customer.pk:
            sentence = _("La deuda %s es de otro cliente.")
            raise Refusal("debt_of_another", sentence % debt.code, field="debts")
        if debt.currency != currency:
            sentence = _("La deuda %(code)s está en %(currency)s: paga en esa moneda.")
            words = {"code": debt.code, "currency": debt.currency}
            raise Refusal("other_currency", sentence % words, field="currency")
    found = Debt.objects.filter(customer=customer, status=DebtStatus.OPEN, currency=currency)
    open_debts = {debt.pk: debt for debt in found.order_by("due_on", "pk")}
    for debt in named:
        if debt.pk not in open_debts:
            sentence = _("La deuda %s no está abierta.")
            raise Refusal("debt_not_open", sentence % debt.code, field="debts", status=409)
    first = [open_debts.pop(debt.pk) for debt in dict.fromkeys(named)]
    return first + list(open_debts.values())


def _tell(
    payment: Payment,
    event: str,
    kind: FactKind,
    *,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
    origin: Origin = Origin.MANUAL,
    summary: str = "",
) -> None:
    """What follows every change of a payment: lists, the register, the promise, the log."""
    standings.refresh([payment.customer_id], on=days.of(at))
    lifecycle.record_fact(
        payment.customer,
        kind,
        at=at,
        by=by,
        channel=channel,
        origin=origin,
        summary=summary or payment.reference,
        money=Money(payment.amount, payment.currency),
        subject_id=payment.pk,
    )
    facts.record(event, payment.customer, subject=payment, by=by, at=at)
    promises.weigh([payment.customer_id], at=at)


def _check_date(paid_on: date, *, today: date) -> None:
    if paid_on > today:
        sentence = _("La fecha del pago todavía no llega.")
        raise Refusal("paid_in_the_future", sentence, field="paid_on")


def _free_code(code: str) -> str:
    code = code.strip() or f"A-{uuid4().hex[:16]}"
    if len(code) > MAX_CODE:
        sentence = _("El código del pago tiene más de 80 caracteres.")
        raise Refusal("bad_code", sentence, field="code")
    if Payment.objects.filter(code=code).exists():
        raise _taken(code)
    return code


def _taken(code: str) -> Refusal:
    sentence = _("El pago %s ya está registrado.")
    return Refusal("payment_exists", sentence % code, field="code", status=409)
