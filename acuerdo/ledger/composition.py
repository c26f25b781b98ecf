"""What a customer's debt is made of, currency by currency, and what was given up."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.ledger import statement
from acuerdo.ledger.models import Debt, DebtStatus
from acuerdo.ledger.statement import Line, Total
from acuerdo.organization import settings
from acuerdo.organization.models import PortfolioKind
from acuerdo.primitives import clock

# The oldest age first, as the bar shows it: key of the statement, tone and words.
AGES = (
    ("90+", "b4", _("90 días o más")),
    ("60-89", "b3", _("60 a 89 días")),
    ("30-59", "b2", _("30 a 59 días")),
    ("1-29", "b1", _("1 a 29 días")),
    ("current", "b0", _("Por vencer")),
)
# Beyond this a drawer is no place to read them; the totals count every debt.
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Slice:
    """One age of what is owed in one currency."""

    tone: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Purse:
    """What is owed in one currency, with its ages that are not empty and its debts."""

    total: Total
    slices: list[Slice]
    lines: list[Line]

    @property
    def bar(self) -> list[tuple[str, Decimal]]:
        return [(each.tone, each.amount) for each in self.slices]

    @property
    def shown(self) -> list[Line]:
        return self.lines[:MOST_LINES]

    @property
    def more(self) -> int:
        return max(0, len(self.lines) - MOST_LINES)


@dataclass(frozen=True, slots=True)
class Owed:
    """``state`` is charged_off, overdue, current or none."""

    purses: list[Purse]
    days_past_due: int
    state: str

    @property
    def lines(self) -> list[Line]:
        """The oldest due date of each currency first."""
        return [line for purse in self.purses for line in purse.shown]


def of(customer: Customer, *, at: datetime) -> Owed:
    on = clock.date_in(settings.current().time_zone, at)
    found = statement.composition(customer, on=on)
    return Owed(
        purses=[purse(total, found.lines) for total in found.totals],
        days_past_due=found.days_past_due,
        state=_state(customer, found),
    )


def given_up(customer: Customer) -> list[Debt]:
    """The debts that were marked uncollectible, the latest first."""
    marked = Debt.objects.filter(customer=customer, status=DebtStatus.UNCOLLECTIBLE)
    return list(marked.order_by("-updated_at", "-pk")[:MOST_LINES])


def purse(total: Total, lines: list[Line]) -> Purse:
    ages = ((tone, str(label), total.ages[age]) for age, tone, label in AGES)
    return Purse(
        total=total,
        slices=[Slice(*each) for each in ages if each[2]],
        lines=[line for line in lines if line.debt.currency == total.currency],
    )


def _state(customer: Customer, found: statement.Composition) -> str:
    if not found.lines:
        return "none"
    if customer.portfolio.kind == PortfolioKind.CHARGED_OFF:
        return "charged_off"
    return "overdue" if found.days_past_due else "current"
