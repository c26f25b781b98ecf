"""The only writer of entries, of a debt's balance, and of whether it is settled."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer
from acuerdo.ledger import amounts
from acuerdo.ledger.models import DEBT_MOVES, Debt, DebtStatus, Payment
from acuerdo.ledger.models.entry import Entry, EntryKind
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to

__all__ = ["Entry", "EntryKind", "adjustments_of", "post", "reverse_payment"]


@transaction.atomic
def post(
    debt: Debt,
    kind: EntryKind,
    amount: Decimal,
    *,
    effective_on: date,
    payment: Payment | None = None,
    reverses: Entry | None = None,
    note: str = "",
    by: User | None,
    at: datetime,
) -> Entry:
    """Add a signed amount to ``debt``: positive is owed more, negative less.

    The balance never goes below zero: Refusal ``below_zero``. The caller holds the
    customer (``standings.lock``) and refreshes its standing afterwards.
    """
    row = Debt.objects.select_for_update(no_key=True).get(pk=debt.pk)
    balance = row.balance + amount
    if balance < 0:
        sentence = _("La deuda %(code)s solo tiene %(balance)s por cobrar.")
        words = {"code": debt.code, "balance": row.balance}
        raise Refusal("below_zero", sentence % words, field="amount", status=409)
    amounts.check(Money(balance, debt.currency))
    entry = Entry.objects.create(
        debt=debt,
        kind=kind,
        amount=amount,
        effective_on=effective_on,
        posted_at=at,
        payment=payment,
        reverses=reverses,
        by_id=by.pk if by else None,
        note=note[:200],
    )
    Debt.objects.filter(pk=debt.pk).update(balance=balance, updated_at=at)
    debt.balance, debt.status, debt.updated_at = balance, row.status, at
    _settle(debt)
    return entry


def adjustments_of(customer: Customer, *, limit: int) -> list[Entry]:
    """The corrections of what ``customer`` owes, newest first, each with its debt."""
    found = Entry.objects.filter(debt__customer=customer, kind=EntryKind.ADJUSTMENT)
    return list(found.select_related("debt").order_by("-pk")[:limit])


def reverse_payment(payment: Payment, *, on: date, note: str, by: User | None, at: datetime) -> int:
    """Post the opposite of every entry of ``payment``; says how many debts it touched."""
    posted = Entry.objects.filter(payment=payment, kind=EntryKind.PAYMENT, reversed_by=None)
    entries = list(posted.select_related("debt").order_by("debt_id", "pk"))
    for entry in entries:
        post(
            entry.debt,
            EntryKind.REVERSAL,
            -entry.amount,
            effective_on=on,
            payment=payment,
            reverses=entry,
            note=note,
            by=by,
            at=at,
        )
    return len(entries)


def _settle(debt: Debt) -> None:
    """Nothing left closes an open debt; something owed again opens a settled one."""
    if debt.balance == 0 and debt.status == DebtStatus.OPEN:
        move_to(debt, DebtStatus.SETTLED, table=DEBT_MOVES)
    elif debt.balance > 0 and debt.status == DebtStatus.SETTLED:
        move_to(debt, DebtStatus.OPEN, table=DEBT_MOVES)
