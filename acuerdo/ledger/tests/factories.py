"""Debts and payments for tests, made through the operations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from acuerdo.customers.models import Customer
from acuerdo.ledger import debts, payments
from acuerdo.ledger.models import Debt, Payment
from acuerdo.primitives.money import Money

NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
TODAY = date(2026, 6, 10)
_numbers = count(1)


def soles(amount: str | int) -> Money:
    return Money(Decimal(amount), "PEN")


def debt(
    customer: Customer,
    amount: Money | str | int = 100,
    *,
    days_past_due: int = 0,
    at: datetime = NOW,
    **fields: Any,
) -> Debt:
    """A debt that is so many days overdue on ``TODAY`` (negative: still to come)."""
    money = amount if isinstance(amount, Money) else soles(amount)
    values = {"code": f"D-{next(_numbers):06}", **fields}
    due_on = values.pop("due_on", TODAY - timedelta(days=days_past_due))
    return debts.create(customer, amount=money, due_on=due_on, by=None, at=at, **values)


def payment(
    customer: Customer, amount: Money | str | int, *, at: datetime = NOW, **fields: Any
) -> Payment:
    money = amount if isinstance(amount, Money) else soles(amount)
    values = {"paid_on": TODAY, **fields}
    return payments.record(customer, amount=money, by=None, at=at, **values)
