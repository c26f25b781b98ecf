from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.customers.models import Balance, Customer, Standing
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import debts, payments
from acuerdo.ledger.models import Debt, Payment
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal

DOLLARS = Money(Decimal(40), "USD")


def balances(customer: Customer) -> list[Decimal]:
    return list(customer.debts.order_by("due_on", "pk").values_list("balance", flat=True))


def test_the_oldest_due_debt_is_paid_first(overdue: Customer) -> None:
    payment(overdue, 150)
    assert balances(overdue) == [50, 100]
    payment(overdue, 70)
    assert balances(overdue) == [0, 80]


def test_named_debts_are_paid_before_older_ones(overdue: Customer) -> None:
    newest = overdue.debts.latest("due_on")
    payment(overdue, 130, debts=[newest])
    assert balances(overdue) == [170, 0]


def test_what_no_debt_takes_stays_unapplied(overdue: Customer) -> None:
    assert payment(overdue, 350).unapplied == 50
    assert balances(overdue) == [0, 0]


def test_a_payment_shows_in_the_standing(overdue: Customer) -> None:
    payment(overdue, 250)
    standing = Standing.objects.get(pk=overdue.pk)
    assert (standing.open_amount, standing.overdue_amount) == (50, 0)
    assert standing.open_debts == 1
    assert standing.oldest_due_on == TODAY + timedelta(days=5)


def test_a_payment_is_told_once_on_the_timeline_and_in_the_log(
    overdue: Customer, adviser: User
) -> None:
    paid = payments.record(
        overdue, amount=soles(150), paid_on=TODAY, reference="OP 1", by=adviser, at=NOW
    )
    fact = Interaction.objects.get(customer=overdue)
    assert (fact.fact, fact.amount, fact.summary) == ("partial_payment", 150, "OP 1")
    event = Event.objects.get(type="payment.recorded")
    assert (event.subject_id, event.actor) == (paid.pk, adviser)


def test_a_payment_that_settles_what_it_touches_is_no_part_payment(overdue: Customer) -> None:
    payment(overdue, 200)
    assert Interaction.objects.get(customer=overdue).fact == "payment"


def test_a_code_posts_once(overdue: Customer, up_to_date: Customer) -> None:
    payment(overdue, 10, code="B-77")
    with pytest.raises(Refusal, match="payment_exists"):
        payment(up_to_date, 10, code="B-77")
    assert Payment.objects.count() == 1


def test_each_currency_pays_its_own_debts(overdue: Customer) -> None:
    debt(overdue, DOLLARS, days_past_due=90)
    payment(overdue, 300)
    assert list(Balance.objects.values_list("currency", "open_amount")) == [("USD", 40)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": soles(0)}, "amount_not_positive"),
        ({"amount": soles(-1)}, "amount_not_positive"),
        ({"paid_on": TODAY + timedelta(days=1)}, "paid_in_the_future"),
        ({"code": "x" * 81}, "bad_code"),
    ],
)
def test_a_wrong_payment_is_refused(overdue: Customer, change: dict, code: str) -> None:
    values = {"amount": soles(10), "paid_on": TODAY, "by": None, "at": NOW, **change}
    with pytest.raises(Refusal, match=code):
        payments.record(overdue, **values)
    assert balances(overdue) == [200, 100]


def test_a_debt_of_another_currency_is_refused(overdue: Customer) -> None:
    with pytest.raises(Refusal, match="other_currency"):
        payment(overdue, DOLLARS, debts=[overdue.debts.first()])


def test_a_debt_of_another_customer_is_refused(overdue: Customer, up_to_date: Customer) -> None:
    with pytest.raises(Refusal, match="debt_of_another"):
        payment(overdue, 10, debts=[up_to_date.debts.get()])


def test_a_closed_debt_takes_no_payment(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    debts.cancel(row, note="x", by=None, at=NOW)
    with pytest.raises(Refusal, match="debt_not_open"):
        payment(overdue, 10, debts=[row])
    payment(overdue, 10)
    assert balances(overdue) == [200, 90]


def test_voiding_reopens_a_settled_debt(overdue: Customer, supervisor: User) -> None:
    paid = payment(overdue, 350)
    payments.void(paid, note="Cheque sin fondos", by=supervisor, at=NOW)
    assert balances(overdue) == [200, 100]
    assert set(overdue.debts.values_list("status", flat=True)) == {"open"}
    assert Standing.objects.get(pk=overdue.pk).overdue_amount == 200
    paid.refresh_from_db()
    assert (paid.status, paid.unapplied) == ("voided", 0)


def test_voiding_leaves_every_movement_in_place(overdue: Customer) -> None:
    payments.void(payment(overdue, 50), note="Duplicado", by=None, at=NOW)
    entries = overdue.debts.earliest("due_on").entries.order_by("pk")
    kinds = [(entry.kind, entry.amount) for entry in entries]
    assert kinds == [("principal", 200), ("payment", -50), ("reversal", 50)]
    assert entries[2].reverses == entries[1]


def test_a_payment_is_voided_once_and_with_a_reason(overdue: Customer) -> None:
    paid = payment(overdue, 50)
    with pytest.raises(Refusal, match="no_note"):
        payments.void(paid, note="", by=None, at=NOW)
    payments.void(paid, note="x", by=None, at=NOW)
    with pytest.raises(Refusal, match="move_not_allowed"):
        payments.void(paid, note="x", by=None, at=NOW)
    assert balances(overdue) == [200, 100]


def test_voiding_on_a_debt_cancelled_since_keeps_it_cancelled(overdue: Customer) -> None:
    paid = payment(overdue, 50)
    debts.cancel(overdue.debts.earliest("due_on"), note="x", by=None, at=NOW)
    payments.void(paid, note="x", by=None, at=NOW)
    row = Debt.objects.get(pk=overdue.debts.earliest("due_on").pk)
    assert (row.status, row.balance) == ("cancelled", 200)
