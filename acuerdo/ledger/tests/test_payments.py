from decimal import Decimal

from acuerdo.customers.models import Customer
from acuerdo.ledger import promises
from acuerdo.ledger.tests.factories import NOW, TODAY, payment, soles
from acuerdo.organization.models import User


def test_the_oldest_due_debt_is_paid_first(overdue: Customer) -> None:
    payment(overdue, 150)
    old, new = overdue.debts.order_by("due_on")
    assert (old.balance, new.balance) == (Decimal(50), Decimal(100))


def test_a_payment_shows_in_the_standing(overdue: Customer) -> None:
    payment(overdue, 250)
    overdue.standing.refresh_from_db()
    assert overdue.standing.open_amount == Decimal(50)
    assert overdue.standing.overdue_amount == 0
    assert overdue.standing.open_debts == 1


def test_a_promise_is_kept_by_a_payment(overdue: Customer, adviser: User) -> None:
    promise = promises.register(overdue, amount=soles(200), due_on=TODAY, by=adviser, at=NOW)
    payment(overdue, 200)
    promise.refresh_from_db()
    assert promise.status == "kept"
