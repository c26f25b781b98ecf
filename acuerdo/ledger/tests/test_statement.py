from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer
from acuerdo.ledger import statement
from acuerdo.ledger.tests.factories import TODAY, debt, payment
from acuerdo.organization.models import Portfolio
from acuerdo.primitives.money import Money


def test_the_composition_says_what_is_due_when(overdue: Customer) -> None:
    found = statement.composition(overdue, on=TODAY)
    assert [(line.debt.balance, line.days_past_due) for line in found.lines] == [
        (200, 10),
        (100, 0),
    ]
    assert [line.is_overdue for line in found.lines] == [True, False]
    total = found.totals[0]
    assert (total.open, total.overdue, total.not_yet_due) == (300, 200, 100)
    assert (total.ages["current"], total.ages["1-29"]) == (100, 200)
    assert (found.days_past_due, found.oldest_due_on) == (10, TODAY - timedelta(days=10))


def test_currencies_are_never_added(overdue: Customer) -> None:
    debt(overdue, Money(Decimal(40), "USD"))
    totals = statement.composition(overdue, on=TODAY).totals
    assert {total.currency: total.open for total in totals} == {"PEN": 300, "USD": 40}


def test_another_day_another_age(overdue: Customer) -> None:
    total = statement.composition(overdue, on=TODAY + timedelta(days=80)).totals[0]
    assert (total.ages["60-89"], total.ages["90+"]) == (100, 200)
    assert total.not_yet_due == 0


def test_who_owes_nothing_has_an_empty_statement(overdue: Customer, book: Portfolio) -> None:
    payment(overdue, 300)
    for row in (overdue, customer(book)):
        found = statement.composition(row, on=TODAY)
        assert (found.lines, found.totals, found.days_past_due) == ([], [], 0)


@pytest.mark.parametrize(
    ("days", "age"),
    [(-5, "current"), (0, "current"), (1, "1-29"), (30, "30-59"), (89, "60-89"), (90, "90+")],
)
def test_the_borders_of_the_ages(days: int, age: str) -> None:
    assert statement.age_of(days) == age
