"""The list of customers: one narrow row each, with its age on the day of the list."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from acuerdo.customers.models import Alert, Customer

# Order by parameter: column, falling, and whether it needs a debt to have a place at all.
ORDERS = {
    "nombre": ("sort_key", False),
    "saldo": ("standing__open_amount", True),
    "vencido": ("standing__overdue_amount", True),
    "mora": ("standing__oldest_due_on", False),
}


@dataclass(frozen=True)
class Row:
    customer: Customer
    days: int


def rows_of(customers: QuerySet[Customer], order: str) -> QuerySet[Customer]:
    """``customers`` with what a row shows; by age, only those who owe have a place."""
    if order == "mora":
        customers = customers.filter(standing__oldest_due_on__isnull=False)
    alerts = Prefetch("alerts", Alert.objects.filter(cleared_at=None), to_attr="open_alerts")
    return customers.select_related("adviser", "portfolio", "standing").prefetch_related(alerts)


def row(customer: Customer, *, on: date) -> Row:
    return Row(customer, days_past_due(customer, on=on))


def days_past_due(customer: Customer, *, on: date) -> int:
    due = customer.standing.oldest_due_on
    return max((on - due).days, 0) if due else 0
