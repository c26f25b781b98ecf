"""Costos: what the messages of a month were charged as, at the prices that hold for each day.

The messages were counted ahead (``counting``); the page adds up a few groups, and each gets
its price. Amounts of two currencies are never added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from acuerdo.channels.models import Channel, ChannelAccount, Rate, RateCategory
from acuerdo.channels.rates import Book
from acuerdo.conversations.count_models import SentCount
from acuerdo.conversations.sending import counting
from acuerdo.conversations.sending.counting import Extent
from acuerdo.organization.access import Scope, scope
from acuerdo.organization.models import User
from acuerdo.primitives import phone
from acuerdo.primitives.money import Money

# As ``customers.contact_points`` writes an address that hides the number: bsuid:PE.123...
SCOPED_ID = "bsuid:"
MONTH_DAYS = 31


class Counted(NamedTuple):
    """Messages of one account, day and start of the number that were charged alike."""

    account: int
    start: str
    day: date
    category: str
    is_billable: bool | None
    messages: int
    delivered: int
    segments: int


@dataclass(slots=True)
class Line:
    """One row of the page. ``rate`` is empty where there is none, or where nothing is charged.

    ``charged`` is what the price is multiplied with: messages, or segments of SMS.
    """

    account: ChannelAccount
    category: str
    country: str
    rate: Rate | None
    is_free: bool
    messages: int = 0
    charged: int = 0

    @property
    def is_told(self) -> bool:
        """False where the provider has not said what it charges these as."""
        return bool(self.category)

    @property
    def is_priceable(self) -> bool:
        return self.category in RateCategory.values

    @property
    def is_unpriced(self) -> bool:
        return bool(self.charged) and not self.is_free and self.rate is None

    @property
    def category_label(self) -> str:
        named = RateCategory(self.category).label if self.is_priceable else self.category
        return str(named)

    @property
    def cost(self) -> Money | None:
        if self.rate is None:
            return None
        return Money(self.rate.amount * self.charged, self.rate.currency)


@dataclass(frozen=True, slots=True)
class Month:
    """``totals`` has one amount for each currency."""

    lines: list[Line]
    extent: Extent

    @property
    def totals(self) -> list[Money]:
        sums: dict[str, Money] = {}
        for cost in (line.cost for line in self.lines):
            if cost is not None:
                sums[cost.currency] = (
                    sums.get(cost.currency, Money(Decimal(0), cost.currency)) + cost
                )
        return [sums[currency] for currency in sorted(sums)]

    @property
    def unpriced(self) -> int:
        return sum(line.charged for line in self.lines if line.is_unpriced)

    @property
    def free(self) -> int:
        return sum(line.messages for line in self.lines if line.is_free)


def of_month(user: User, first: date, *, at: datetime) -> Month:
    """Of the customers that ``user`` reaches; by the calendar of the organisation."""
    accounts = {row.pk: row for row in ChannelAccount.objects.exclude(channel=Channel.CALL)}
    counted = _count(scope(user), first)
    lines = _lines(counted, accounts, Book({row.account for row in counted}))
    return Month(lines, counting.extent(first, after(first) - counting.DAY, at=at))


def after(first: date) -> date:
    """The first day of the month that follows."""
    return (first + timedelta(days=MONTH_DAYS)).replace(day=1)


def before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _lines(
    counted: Iterable[Counted], accounts: dict[int, ChannelAccount], book: Book
) -> list[Line]:
    found: dict[tuple[Any, ...], Line] = {}
    for row in counted:
        account = accounts[row.account]
        country, category = _country(row.start), _category(account, row)
        is_free = row.is_billable is False
        rate = None if is_free else book.price(row.account, category, country, on=row.day)
        key = (account.channel, account.pk, category, country, is_free, rate and rate.valid_from)
        line = found.setdefault(key, Line(account, category, country, rate, is_free))
        line.messages += row.messages
        line.charged += 0 if is_free else _charged(account, row)
    return sorted(found.values(), key=_order)


def _order(line: Line) -> tuple[Any, ...]:
    day = line.rate.valid_from if line.rate else date.min
    account = (line.account.channel, line.account.pk)
    return (*account, line.category, line.country, line.is_free, day)


def _category(account: ChannelAccount, row: Counted) -> str:
    """WhatsApp's is what Meta told; the others have but one."""
    if account.channel == Channel.SMS:
        return RateCategory.SEGMENT
    return RateCategory.MESSAGE if account.channel == Channel.EMAIL else row.category


def _charged(account: ChannelAccount, row: Counted) -> int:
    """WhatsApp charges what was delivered, the others what they took."""
    if account.channel == Channel.SMS:
        return row.segments
    return row.delivered if account.channel == Channel.WHATSAPP else row.messages


def _country(start: str) -> str:
    if start.startswith(SCOPED_ID):
        return start.removeprefix(SCOPED_ID).upper()
    return phone.region_of_start(start)


def _count(reach: Scope, first: date) -> list[Counted]:
    rows = SentCount.objects.filter(reach.condition(), day__gte=first, day__lt=after(first))
    alike = rows.order_by().values_list("account_id", "start", "day", "category", "is_billable")
    return [
        Counted(*row) for row in alike.annotate(*map(Sum, ("messages", "delivered", "segments")))
    ]
