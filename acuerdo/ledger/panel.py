"""What somebody who talks with a customer has to see at a glance: debt first, then the rest."""

from dataclasses import dataclass
from datetime import UTC, datetime

from acuerdo.channels.models import Channel
from acuerdo.contact_policy import calendars, decide, hours, rules, zones
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.customers import contact_points, pauses
from acuerdo.customers.models import Alert, ContactPoint, Customer, Pause
from acuerdo.ledger import composition
from acuerdo.ledger.composition import Owed
from acuerdo.ledger.models import (
    Claim,
    ClaimStatus,
    PaymentReport,
    Promise,
    PromiseStatus,
    ReportStatus,
)
from acuerdo.primitives import clock

# How many promises the marks show, the latest last.
MARKS = 6
REACHED_BY = ("whatsapp", "sms", "email", "call")


@dataclass(frozen=True, slots=True)
class Panel:
    owed: Owed
    promises: list[Promise]
    reports: list[PaymentReport]
    claims: list[Claim]
    alerts: list[Alert]
    points: list[ContactPoint]
    pause: Pause | None
    verdict: Verdict | None
    verdict_channel: str
    next_opens: datetime | None

    @property
    def pending(self) -> list[Promise]:
        """The running promise, or the parts of it that are still to come; the nearest first."""
        return [each for each in self.promises if each.status == PromiseStatus.PENDING][::-1]

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
    def broken(self) -> int:
        return len(self.settled) - self.kept

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


def of(customer: Customer, *, at: datetime, channel: str = "") -> Panel:
    """In a fixed number of queries, whatever the customer owes or promised.

    The policy is asked for ``channel``, where it reaches the customer.
    """
    points = list(customer.contact_points.order_by("role", "position", "pk"))
    channel, verdict = _verdict(customer, points, wanted=channel, at=at)
    return Panel(
        owed=composition.of(customer, at=at),
        promises=list(customer.promises.order_by("-due_on", "-pk")[:50]),
        reports=_reports(customer),
        claims=list(customer.claims.filter(status=ClaimStatus.OPEN).order_by("-pk")[:5]),
        alerts=list(customer.alerts.filter(cleared_at=None).order_by("-raised_at")),
        points=points,
        pause=pauses.running(customer),
        verdict=verdict,
        verdict_channel=str(Channel(channel).label) if channel else "",
        next_opens=_next_opening(customer, channel, verdict),
    )


def _reports(customer: Customer) -> list[PaymentReport]:
    waiting = customer.payment_reports.filter(status=ReportStatus.REPORTED)
    return list(waiting.order_by("-created_at")[:5])


def _verdict(
    customer: Customer, points: list[ContactPoint], *, wanted: str, at: datetime
) -> tuple[str, Verdict | None]:
    """The wanted channel, else the first that is open now, else the next to open."""
    closed: list[tuple[str, Verdict]] = []
    reaching = [channel for channel in REACHED_BY if _reaches(channel, points)]
    for channel in [wanted] if wanted in reaching else reaching:
        verdict = decide.preview(customer, channel=channel, at=at)
        if verdict.is_allowed:
            return channel, verdict
        closed.append((channel, verdict))
    never = datetime.max.replace(tzinfo=UTC)
    return min(closed, key=lambda found: found[1].until or never, default=("", None))


def _reaches(channel: str, points: list[ContactPoint]) -> bool:
    kinds = contact_points.KINDS_OF_CHANNEL[channel]
    return any(point.is_usable and point.kind in kinds for point in points)


def _next_opening(customer: Customer, channel: str, verdict: Verdict | None) -> datetime | None:
    """When the window after this one begins, on the customer's clock; None while it is closed."""
    pack = rules.pack_for(customer.country)
    if pack is None or verdict is None or not verdict.is_allowed or verdict.closes_at is None:
        return None
    place = Place(zones.candidates(customer.country, customer.time_zone), customer.subdivision)
    added = calendars.added_closures()
    opens = hours.next_open(pack, place, channel, verdict.closes_at, added)
    return clock.wall(opens, verdict.zone) if opens else None
