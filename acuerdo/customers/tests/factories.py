"""Customers for tests, made through the operations."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.organization.models import Portfolio, User

NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
_numbers = count(1)


def customer(
    portfolio: Portfolio, *, adviser: User | None = None, at: datetime = NOW, **fields: Any
) -> Customer:
    number = next(_numbers)
    values = {
        "document_type": "CODIGO",
        "document_number": f"C-{number:06}",
        "first_name": f"Cliente {number}",
        "country": "PE",
        **fields,
    }
    return profiles.create(portfolio=portfolio, adviser=adviser, by=None, at=at, **values)


def phone(customer: Customer, value: str = "", **fields: Any) -> ContactPoint:
    return _point(customer, "phone", value or f"9{next(_numbers):08}", **fields)


def whatsapp(customer: Customer, value: str = "", **fields: Any) -> ContactPoint:
    return _point(customer, "whatsapp", value or f"9{next(_numbers):08}", **fields)


def email(customer: Customer, value: str = "", **fields: Any) -> ContactPoint:
    return _point(customer, "email", value or f"cliente{next(_numbers)}@example.com", **fields)


def _point(customer: Customer, kind: str, value: str, **fields: Any) -> ContactPoint:
    return contact_points.add(customer, kind=kind, value=value, by=None, at=NOW, **fields)
