from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from acuerdo.customers.models import Customer
from acuerdo.ledger import adjustments, entries, payments
from acuerdo.ledger.models import Debt
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.primitives.refusals import Refusal

CHANGES = [
    "UPDATE ledger_entry SET amount = 1",
    "UPDATE ledger_entry SET note = 'x'",
    "DELETE FROM ledger_entry",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_an_entry(overdue: Customer, statement: str) -> None:
    before = list(overdue.debts.values_list("entries__amount", flat=True))
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert list(overdue.debts.values_list("entries__amount", flat=True)) == before


def test_the_balance_is_the_sum_of_the_entries(overdue: Customer) -> None:
    payment(overdue, 250)
    payments.void(payment(overdue, 30), note="Rebotó", by=None, at=NOW)
    for row in Debt.objects.annotate(total=Sum("entries__amount")):
        assert row.balance == row.total


def test_nothing_takes_a_balance_below_zero(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    with pytest.raises(Refusal, match="below_zero"):
        entries.post(
            row,
            entries.EntryKind.PAYMENT,
            Decimal("-200.01"),
            effective_on=TODAY,
            by=None,
            at=NOW,
        )
    assert Debt.objects.get(pk=row.pk).balance == 200


def test_zero_settles_and_owing_again_opens(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    adjustments.post(row, -row.balance, note="x", by=None, at=NOW)
    assert Debt.objects.get(pk=row.pk).status == "settled"
    adjustments.post(row, Decimal(5), note="x", by=None, at=NOW)
    assert Debt.objects.get(pk=row.pk).status == "open"


def test_an_entry_is_reversed_once(overdue: Customer) -> None:
    paid = payment(overdue, 100)
    assert entries.reverse_payment(paid, on=TODAY, note="", by=None, at=NOW) == 1
    assert entries.reverse_payment(paid, on=TODAY, note="", by=None, at=NOW) == 0
    assert overdue.debts.earliest("due_on").balance == 200


def test_a_posting_on_an_old_copy_counts_from_the_row(overdue: Customer) -> None:
    stale = overdue.debts.earliest("due_on")
    payment(overdue, 150)
    entries.post(
        stale, entries.EntryKind.PAYMENT, Decimal(-50), effective_on=TODAY, by=None, at=NOW
    )
    assert stale.status == "settled"
    assert Debt.objects.get(pk=stale.pk).balance == 0


def test_a_debt_begins_with_its_principal(up_to_date: Customer) -> None:
    entry = debt(up_to_date, 70).entries.get()
    assert (entry.kind, entry.amount, entry.effective_on) == ("principal", 70, TODAY)
