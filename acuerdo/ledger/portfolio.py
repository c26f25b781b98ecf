"""Who owes what, over every portfolio."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min, Q, Sum

from acuerdo.customers.models import CustomerStatus
from acuerdo.ledger.models import Debt, DebtStatus

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class CustomerBalance:
    """One customer in one currency; ``days_past_due`` is zero when nothing is overdue."""

    customer_id: int
    document: str
    name: str
    currency: str
    open: Decimal
    overdue: Decimal
    days_past_due: int


def balances(*, on: date) -> Iterator[CustomerBalance]:
    """Today's balances, judged overdue or not on the date ``on``; who owes nothing is left out."""
    debts = Debt.objects.filter(status=DebtStatus.OPEN).exclude(
        customer__status=CustomerStatus.DELETED
    )
    rows = (
        debts.values(
            "customer_id",
            "customer__document_number",
            "customer__first_name",
            "customer__last_name",
            "currency",
        )
        .annotate(
            open=Sum("balance"),
            overdue=Sum("balance", filter=Q(due_on__lt=on)),
            oldest=Min("due_on"),
        )
        .order_by("customer_id", "currency")
    )
    for row in rows.iterator(chunk_size=CHUNK):
        name = f"{row['customer__first_name']} {row['customer__last_name']}"
        yield CustomerBalance(
            customer_id=row["customer_id"],
            document=row["customer__document_number"],
            name=name.strip(),
            currency=row["currency"],
            open=row["open"],
            overdue=row["overdue"] or Decimal("0.00"),
            days_past_due=max(0, (on - row["oldest"]).days),
        )
