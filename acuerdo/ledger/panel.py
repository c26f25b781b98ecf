"""What somebody who talks with a customer has to see at a glance: debt first, then the rest."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.customers import contact_points
from acuerdo.customers.models import Alert, ContactPoint, Customer, Pause
from acuerdo.ledger import statement
from acuerdo.ledger.models import (
    Claim,
    ClaimStatus,
    PaymentReport,
    Promise,
    PromiseStatus,
    ReportStatus,
)
from acuerdo.ledger.statement import Composition, Total
from acuerdo.organization import settings
from acuerdo.primitives import clock

# The oldest age first, as the bar shows it: key of the statement, tone and words.
AGES = (
    ("90+", "b4", _("90 días o más")),
    ("60-89", "b3", _("60 a 89 días")),
    ("30-59", "b2", _("30 a 59 días")),
    ("1-29", "b1", _("1 a 29 días")),
    ("current", "b0", _("Por vencer")),
)
# How many promises the marks show, the latest last.
MARKS = 6
REACHED_BY = ("whatsapp", "sms", "email", "call")


@dataclass(frozen=True, slots=True)
class Slice:
    """One age of what is owed in one currency."""

    tone: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Purse:
    """What is owed in one currency, with its ages that are not empty."""

    total: Total
    slices: list[Slice]

    @property
    def bar(self) -> list[tuple[str, Decimal]]:
        return [(each.tone, each.amount) for each in self.slices]


@dataclass(frozen=True, slots=True)
class Panel:
    composition: Composition
    purses: list[Purse]
    promises: list[Promise]
    reports: list[PaymentReport]
    claims: list[Claim]
    alerts: list[Alert]
    points: list[ContactPoint]
    pause: Pause | None
    verdict: Verdict | None
    verdict_channel: str

    @property
    def running(self) -> Promise | None:
        return next((each for each in self.promises if each.status == PromiseStatus.PENDING), None)

    @property
    def settled(self) -> list[Promise]:
        """Kept and broken ones, the oldest first."""
        ends = (PromiseStatus.KEPT, PromiseStatus.BROKEN)
        return [each for each in self.promises if each.status in ends][::-1]

    @property
    def marks(self) -> list[Promise]:
        return self.settled[-MARKS:]

    @property
    def kept(self) -> int:
        return sum(each.status == PromiseStatus.KEPT for each in self.settled)

    @property
    def last_broken(self) -> Promise | None:
        broken = [each for each in self.settled if each.status == PromiseStatus.BROKEN]
        return broken[-1] if broken else None

    @property
    def opens(self) -> datetime | None:
        """When contact is possible again, on the customer's clock; None while it is now."""
        if self.verdict is None or self.verdict.is_allowed or self.verdict.until is None:
            return None
        return clock.wall(self.verdict.until, self.verdict.zone)

    @property
    def closes(self) -> datetime | None:
        if self.verdict is None or not self.verdict.is_allowed or not self.verdict.closes_at:
            return None
        return clock.wall(self.verdict.closes_at, self.verdict.zone)


def of(customer: Customer, *, at: datetime) -> Panel:
    """In a fixed number of queries, whatever the customer owes or promised."""
    on = clock.date_in(settings.current().time_zone, at)
    composition = statement.composition(customer, on=on)
    points = list(customer.contact_points.order_by("role", "position", "pk"))
    channel, verdict = _verdict(customer, points, at=at)
    return Panel(
        composition=composition,
        purses=[_purse(total) for total in composition.totals],
        promises=list(customer.promises.order_by("-due_on", "-pk")[:50]),
        reports=_reports(customer),
        claims=list(customer.claims.filter(status=ClaimStatus.OPEN).order_by("-pk")[:5]),
        alerts=list(customer.alerts.filter(cleared_at=None).order_by("-raised_at")),
        points=points,
        pause=customer.pauses.filter(resumed_at=None).first(),
        verdict=verdict,
        verdict_channel=channel,
    )


def _reports(customer: Customer) -> list[PaymentReport]:
    waiting = customer.payment_reports.filter(status=ReportStatus.REPORTED)
    return list(waiting.order_by("-created_at")[:5])


def _purse(total: Total) -> Purse:
    found = ((tone, str(label), total.ages[age]) for age, tone, label in AGES)
    return Purse(total, [Slice(*each) for each in found if each[2]])


def _verdict(
    customer: Customer, points: list[ContactPoint], *, at: datetime
) -> tuple[str, Verdict | None]:
    """The first channel that is open now, else the next to open; none where none reaches."""
    closed: list[tuple[str, Verdict]] = []
    for channel in REACHED_BY:
        kinds = contact_points.KINDS_OF_CHANNEL[channel]
        if not any(point.is_usable and point.kind in kinds for point in points):
            continue
        verdict = decide.preview(customer, channel=channel, at=at)
        if verdict.is_allowed:
            return str(Channel(channel).label), verdict
        closed.append((str(Channel(channel).label), verdict))
    never = datetime.max.replace(tzinfo=UTC)
    return min(closed, key=lambda found: found[1].until or never, default=("", None))
