"""Which debts a list shows: one object for the page and the export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from acuerdo.customers.filters import BUCKETS, matching, number, one_of
from acuerdo.customers.models import Customer
from acuerdo.ledger.models import Debt, DebtStatus
from acuerdo.primitives.money import CURRENCIES
from acuerdo.ui import filtering

OVERDUE = "overdue"
CURRENT = "current"
# Open debts are told apart by their due date; the rest are states.
STANDINGS = (CURRENT, OVERDUE, *BUCKETS, *DebtStatus.values)
# Column and whether its largest value comes first, as ``ui.pagination`` wants them.
SORTS: dict[str, tuple[str, bool]] = {
    "due": ("due_on", False),
    "-due": ("due_on", True),
    "amount": ("balance", False),
    "-amount": ("balance", True),
    "code": ("code", False),
    "-code": ("code", True),
}
DEFAULT_SORT = "due"


@dataclass(frozen=True, slots=True)
class DebtFilter:
    """A value that means nothing is left out, not an error."""

    search: str = ""
    standing: str = ""
    currency: str = ""
    portfolio: int | None = None
    adviser: int | None = None
    customer: int | None = None
    due_from: date | None = None
    due_to: date | None = None
    sort: str = DEFAULT_SORT

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "DebtFilter":
        return cls(
            search=filtering.text(params, "q", longest=100),
            standing=one_of(STANDINGS, params.get("standing", "")),
            currency=one_of(CURRENCIES, params.get("currency", "")),
            portfolio=number(params.get("portfolio", "")),
            adviser=number(params.get("adviser", "")),
            customer=number(params.get("customer", "")),
            due_from=_day(params.get("due_from", "")),
            due_to=_day(params.get("due_to", "")),
            sort=one_of(SORTS, params.get("sort", "")) or DEFAULT_SORT,
        )

    @property
    def order(self) -> tuple[str, bool]:
        """The column and direction for ``ui.pagination.paginate``."""
        return SORTS[self.sort]

    def apply(self, debts: QuerySet[Debt], *, on: date) -> QuerySet[Debt]:
        """``on`` is today in the organisation's zone."""
        if self.currency:
            debts = debts.filter(currency=self.currency)
        if self.portfolio is not None:
            debts = debts.filter(customer__portfolio_id=self.portfolio)
        if self.adviser is not None:
            debts = debts.filter(customer__adviser_id=self.adviser)
        if self.customer is not None:
            debts = debts.filter(customer_id=self.customer)
        if self.due_from is not None:
            debts = debts.filter(due_on__gte=self.due_from)
        if self.due_to is not None:
            debts = debts.filter(due_on__lte=self.due_to)
        return debts.filter(in_standing(self.standing, on=on), _matching(self.search))


def in_standing(standing: str, *, on: date) -> Q:
    """One of ``STANDINGS``; empty is all of them."""
    if not standing:
        return Q()
    if standing in DebtStatus.values:
        return Q(status=standing)
    found = Q(status=DebtStatus.OPEN)
    if standing == CURRENT:
        return found & Q(due_on__gte=on)
    youngest, oldest = BUCKETS.get(standing, (1, None))
    found &= Q(due_on__lte=on - timedelta(days=youngest))
    if oldest is not None:
        found &= Q(due_on__gte=on - timedelta(days=oldest))
    return found


def _matching(search: str) -> Q:
    """The code of the debt from its beginning, or whatever finds its customer."""
    if not search:
        return Q()
    customers = Customer.objects.filter(matching(search))
    return Q(code__istartswith=search) | Q(customer__in=customers.values("pk"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
