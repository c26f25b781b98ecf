from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from acuerdo.customers.models import Balance, Customer, Standing
from acuerdo.ledger import standings
from acuerdo.ledger.tests.factories import TODAY, debt, payment
from acuerdo.primitives.money import Money


def test_the_currency_of_the_oldest_debt_leads(overdue: Customer) -> None:
    debt(overdue, Money(Decimal(40), "USD"), days_past_due=50)
    standing = Standing.objects.get(pk=overdue.pk)
    assert (standing.currency, standing.open_amount, standing.open_debts) == ("USD", 40, 3)
    assert standing.oldest_due_on == TODAY - timedelta(days=50)
    rows = Balance.objects.filter(customer=overdue).order_by("currency")
    totals = [(row.currency, row.open_amount, row.overdue_amount) for row in rows]
    assert totals == [("PEN", 300, 200), ("USD", 40, 40)]


def test_who_paid_everything_owes_nothing_in_no_currency(overdue: Customer) -> None:
    payment(overdue, 300)
    standing = Standing.objects.get(pk=overdue.pk)
    assert (standing.currency, standing.open_amount, standing.oldest_due_on) == ("", 0, None)
    assert not Balance.objects.filter(customer=overdue).exists()


def test_what_falls_due_today_is_not_overdue_yet(up_to_date: Customer) -> None:
    debt(up_to_date, 10, days_past_due=0)
    assert Standing.objects.get(pk=up_to_date.pk).overdue_amount == 0


def test_the_passing_of_days_makes_debts_overdue(up_to_date: Customer, overdue: Customer) -> None:
    def amounts() -> list[Decimal]:
        rows = Standing.objects.filter(pk__in=[up_to_date.pk, overdue.pk])
        return list(rows.order_by("open_amount").values_list("overdue_amount", flat=True))

    assert standings.roll(on=TODAY + timedelta(days=5)) == 0
    assert standings.roll(on=TODAY + timedelta(days=6)) == 1
    assert amounts() == [0, 300]
    assert standings.roll(on=TODAY + timedelta(days=30)) == 1
    assert amounts() == [150, 300]
    assert standings.roll(on=TODAY + timedelta(days=30)) == 0


def test_a_clock_put_back_is_followed(up_to_date: Customer) -> None:
    standings.roll(on=TODAY + timedelta(days=30))
    standings.roll(on=TODAY)
    assert Standing.objects.get(pk=up_to_date.pk).overdue_amount == 0


def test_any_number_of_customers_takes_the_same_statements(
    overdue: Customer,
    up_to_date: Customer,
    paused: Customer,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = [overdue.pk, up_to_date.pk, paused.pk]
    # Besides the one that writes: the missing rows, the lock, and the savepoint's two.
    with django_assert_num_queries(5):
        standings.refresh(ids, on=TODAY)


@pytest.mark.parametrize("lost", ["balance", "standing"])
def test_what_was_lost_is_worked_out_again(overdue: Customer, lost: str) -> None:
    before = _figures(overdue)
    (Balance if lost == "balance" else Standing).objects.all().delete()
    standings.refresh([overdue.pk], on=TODAY)
    assert _figures(overdue) == before


def _figures(row: Customer) -> list[object]:
    standing = Standing.objects.filter(pk=row.pk).values()
    return [*standing, *Balance.objects.filter(customer=row).values_list("currency", "open_amount")]
