"""What somebody must pay. Its balance changes only through entries."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts
from acuerdo.customers.models import Customer
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger import amounts, days, entries, standings
from acuerdo.ledger.models import DEBT_MOVES, Debt, DebtStatus
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.primitives.uniqueness import refused_as

MAX_CODE = 60


@transaction.atomic
def create(
    customer: Customer,
    *,
    code: str,
    amount: Money,
    due_on: date,
    issued_on: date | None = None,
    product: str = "",
    custom: dict[str, Any] | None = None,
    by: User | None,
    at: datetime,
) -> Debt:
    amounts.check_positive(amount)
    code = code.strip()
    _check(code, due_on=due_on, issued_on=issued_on)
    standings.lock([customer.pk])
    debt = Debt(
        customer=customer,
        code=code,
        product=product.strip(),
        currency=amount.currency,
        amount=amount.amount,
        balance=Decimal(0),
        issued_on=issued_on,
        due_on=due_on,
        custom=custom or {},
        created_at=at,
        updated_at=at,
    )
    with refused_as(_taken(code)):
        debt.save(force_insert=True)
    entries.post(
        debt,
        entries.EntryKind.PRINCIPAL,
        amount.amount,
        effective_on=issued_on or days.of(at),
        by=by,
        at=at,
    )
    standings.refresh([customer.pk], on=days.of(at))
    facts.record("debt.created", customer, subject=debt, by=by, at=at)
    return debt


def cancel(debt: Debt, *, note: str, by: User | None, at: datetime) -> Debt:
    """Take a debt that should not have been there out of every total; ``reopen`` undoes it."""
    return _close(debt, DebtStatus.CANCELLED, "debt.cancelled", note=note, by=by, at=at)


@transaction.atomic
def mark_uncollectible(debt: Debt, *, note: str, by: User | None, at: datetime) -> Debt:
    """Give the debt up: out of flows and collectable totals, kept in history, reversible."""
    _close(debt, DebtStatus.UNCOLLECTIBLE, "debt.marked_uncollectible", note=note, by=by, at=at)
    lifecycle.record_fact(
        debt.customer,
        FactKind.UNCOLLECTIBLE,
        at=at,
        by=by,
        summary=note,
        money=Money(debt.balance, debt.currency),
        subject_id=debt.pk,
    )
    return debt


@transaction.atomic
def reopen(debt: Debt, *, note: str, by: User | None, at: datetime) -> Debt:
    """Undo ``cancel`` or ``mark_uncollectible``. A settled debt reopens by what is posted on it."""
    if debt.status == DebtStatus.SETTLED:
        sentence = _("La deuda está pagada: anule el pago o registre un ajuste.")
        raise Refusal("debt_settled", sentence, status=409)
    return _move(debt, DebtStatus.OPEN, "debt.reopened", note=note, by=by, at=at)


def _close(
    debt: Debt, status: DebtStatus, event: str, *, note: str, by: User | None, at: datetime
) -> Debt:
    if not note.strip():
        raise Refusal("no_note", _("Escriba el motivo."), field="note")
    return _move(debt, status, event, note=note, by=by, at=at)


@transaction.atomic
def _move(
    debt: Debt, status: DebtStatus, event: str, *, note: str, by: User | None, at: datetime
) -> Debt:
    standings.lock([debt.customer_id])
    move_to(debt, status, table=DEBT_MOVES, status_note=note.strip(), updated_at=at)
    standings.refresh([debt.customer_id], on=days.of(at))
    facts.record(event, debt.customer, subject=debt, by=by, at=at)
    return debt


def _check(code: str, *, due_on: date, issued_on: date | None) -> None:
    if not code or len(code) > MAX_CODE:
        sentence = _("Indique el código de la deuda, con hasta 60 caracteres.")
        raise Refusal("bad_code", sentence, field="code")
    if issued_on is not None and issued_on > due_on:
        sentence = _("La deuda vence antes de su emisión.")
        raise Refusal("due_before_issue", sentence, field="due_on")
    if Debt.objects.filter(code=code).exists():
        raise _taken(code)


def _taken(code: str) -> Refusal:
    sentence = _("Ya hay una deuda con el código %s.")
    return Refusal("code_taken", sentence % code, field="code", status=409)
