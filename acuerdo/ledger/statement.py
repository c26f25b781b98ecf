"""What one customer owes on a day, debt by debt and currency by currency."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from acuerdo.customers.filters import BUCKETS
from acuerdo.customers.models import Customer
from acuerdo.ledger.models import Debt, DebtStatus

NOT_YET_DUE = "current"
AGES = (NOT_YET_DUE, *BUCKETS)


@dataclass(frozen=True, slots=True)
class Line:
    debt: Debt
    days_past_due: int
    age: str

    @property
    def is_overdue(self) -> bool:
        return self.days_past_due > 0


@dataclass(slots=True)
class Total:
    """``ages`` splits the open amount by the age of its debts; its keys are ``AGES``."""

    currency: str
    open: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    ages: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(AGES, Decimal(0)))

    @property
    def not_yet_due(self) -> Decimal:
        return self.open - self.overdue

    def add(self, line: Line) -> None:
        self.open += line.debt.balance
        self.ages[line.age] += line.debt.balance
        if line.is_overdue:
            self.overdue += line.debt.balance


@dataclass(frozen=True, slots=True)
class Composition:
    """``days_past_due`` is that of the oldest open debt, zero when nothing is overdue."""

    lines: list[Line]
    totals: list[Total]
    oldest_due_on: date | None
    days_past_due: int


def composition(customer: Customer, *, on: date) -> Composition:
    """Open debts, oldest due date first, as of the date ``on``; totals never mix currencies."""
    open_debts = Debt.objects.filter(customer=customer, status=DebtStatus.OPEN)
    lines = [_line(debt, on) for debt in open_debts.order_by("due_on", "pk")]
    totals: dict[str, Total] = {}
    for line in lines:
        totals.setdefault(line.debt.currency, Total(line.debt.currency)).add(line)
    oldest = lines[0] if lines else None
    return Composition(
        lines=lines,
        totals=list(totals.values()),
        oldest_due_on=oldest.debt.due_on if oldest else None,
        days_past_due=oldest.days_past_due if oldest else 0,
    )


def age_of(days_past_due: int) -> str:
    """One of ``AGES``."""
    for name, (youngest, oldest) in BUCKETS.items():
        if days_past_due >= youngest and (oldest is None or days_past_due <= oldest):
            return name
    return NOT_YET_DUE


def _line(debt: Debt, on: date) -> Line:
    days = max(0, (on - debt.due_on).days)
    return Line(debt=debt, days_past_due=days, age=age_of(days))
