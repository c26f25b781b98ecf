import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from acuerdo.customers import profiles
from acuerdo.customers.models import Customer
from acuerdo.ledger import debts, portfolio
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.primitives.money import Money


def test_each_customer_and_currency_has_a_row(overdue: Customer, up_to_date: Customer) -> None:
    debt(overdue, Money(Decimal(40), "USD"), days_past_due=3)
    rows = [
        (row.customer_id, row.currency, row.open, row.overdue, row.days_past_due)
        for row in portfolio.balances(on=TODAY)
    ]
    assert rows == [
        (overdue.pk, "PEN", 300, 200, 10),
        (overdue.pk, "USD", 40, 40, 3),
        (up_to_date.pk, "PEN", 150, 0, 0),
    ]


def test_overdue_is_judged_on_the_day_asked_for(up_to_date: Customer) -> None:
    row = next(portfolio.balances(on=TODAY + timedelta(days=12)))
    assert (row.overdue, row.days_past_due) == (150, 2)


def test_settled_cancelled_and_deleted_are_left_out(
    overdue: Customer, up_to_date: Customer, paused: Customer
) -> None:
    payment(overdue, 300)
    debts.cancel(up_to_date.debts.get(), note="x", by=None, at=NOW)
    profiles.update(paused, status="deleted", by=None, at=NOW)
    assert list(portfolio.balances(on=TODAY)) == []


def test_the_command_prints_one_object_per_line(overdue: Customer) -> None:
    out = StringIO()
    call_command("customers", "--on", TODAY.isoformat(), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "document": overdue.document_number,
        "name": "Olga Vencida",
        "currency": "PEN",
        "open": "300.00",
        "overdue": "200.00",
        "days_past_due": 10,
    }


@pytest.mark.django_db
def test_a_wrong_date_is_answered_with_the_remedy() -> None:
    with pytest.raises(CommandError, match="2026-06-30"):
        call_command("customers", "--on", "ayer")
