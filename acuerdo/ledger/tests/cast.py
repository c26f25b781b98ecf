"""The debtors of the tests; see ``organization/tests/cast.py`` for the people who call them."""

from datetime import timedelta

import pytest
from django.db.models import Model

from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, email, phone
from acuerdo.ledger import claims, payment_reports, promises
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import Portfolio, User


@pytest.fixture
def overdue(book: Portfolio, adviser: User) -> Customer:
    """Owes 300 soles: 200 since ten days ago, 100 due in five. Has a phone and an e-mail."""
    row = customer(book, adviser=adviser, first_name="Olga", last_name="Vencida")
    phone(row, "987654321")
    email(row, "olga@example.com")
    debt(row, 200, days_past_due=10)
    debt(row, 100, days_past_due=-5)
    return row


@pytest.fixture
def up_to_date(book: Portfolio) -> Customer:
    """Owes 150 soles that fall due in ten days. Nobody is assigned."""
    row = customer(book, first_name="Daniel", last_name="Aldía")
    phone(row, "987111222")
    debt(row, 150, days_past_due=-10)
    return row


@pytest.fixture
def paused(book: Portfolio, adviser: User) -> Customer:
    """Owes 80 soles since forty days ago, and asked to be left alone for a week."""
    row = customer(book, adviser=adviser, first_name="Paula", last_name="Pausada")
    phone(row, "987333444")
    debt(row, 80, days_past_due=40)
    pauses.pause(row, until=TODAY + timedelta(days=7), by=adviser, at=NOW)
    return row


@pytest.fixture
def ledger_rows(overdue: Customer) -> dict[str, Model]:
    """One row of each kind that has a status."""
    return {
        "debt": overdue.debts.earliest("due_on"),
        "promise": promises.register(overdue, amount=soles(50), due_on=TODAY, by=None, at=NOW),
        "report": payment_reports.report(overdue, amount=soles(20), paid_on=TODAY, by=None, at=NOW),
        "payment": payment(overdue, 10),
        "claim": claims.open_claim(
            overdue, category="billing", description="Cobro doble", by=None, at=NOW
        ),
    }
