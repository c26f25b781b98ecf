"""A local day of the organisation: what its first minute changes, and running all of it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Min

from acuerdo.calls import holding
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.sending import delivery
from acuerdo.customers import pauses, segmentation
from acuerdo.events import log
from acuerdo.flows import execution, locks, planning
from acuerdo.flows.models import DayRun, RunStatus, StepRun
from acuerdo.flows.planning import Planned
from acuerdo.ledger import payment_reports, promises, standings
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

logger = logging.getLogger(__name__)
HOUR = timedelta(hours=1)
# Said of a day whose facts changed; unlike None, it survives the end of a planning under way.
AGAIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ran:
    """What running a day did."""

    planned: Planned
    executed: int
    delivered: int


def begin(*, on: date, at: datetime) -> None:
    """Let the date take effect: what ends with a day ends, figures age, held calls go.

    Every part may run twice. Calls nobody made stay in the tray, flagged overdue.
    """
    turn(at=at)
    standings.roll(on=on)
    _sort_customers(at=at)
    holding.cancel_held(on=on, at=at)
    DayRun.objects.update_or_create(on=on, defaults={"begun_at": at})
    log.record("day.rolled", at=at, on=on.isoformat())


def _sort_customers(*, at: datetime) -> None:
    """Segments only sort: what goes wrong with them holds back no day."""
    try:
        segmentation.recompute(at=at)
    except (DatabaseError, Refusal):
        logger.exception("segments were not computed")


def turn(*, at: datetime) -> None:
    """End what ends with a day, wherever midnight has come: pauses, promises, reports.

    The portfolio of one organisation may lie in several zones, so this is asked all day long.
    """
    pauses.end_due(at=at)
    promises.settle_due(at=at)
    payment_reports.expire_due(at=at)


def plan(*, on: date, at: datetime) -> Planned:
    """Plan the day and, when all of it is, remember that it was planned."""
    # Emptied first, so that a wish to plan again that comes meanwhile is seen at the end.
    DayRun.objects.update_or_create(on=on, defaults={"planned_at": None})
    planned = planning.plan(on=on, at=at)
    DayRun.objects.filter(on=on, planned_at=None).update(planned_at=at)
    return planned


def follow(*, at: datetime) -> None:
    """Start what the clock has reached: begin and plan today, once each. Killed, it goes on."""
    on = clock.date_in(settings.current().time_zone, at)
    day, _made = DayRun.objects.get_or_create(on=on)
    if day.begun_at is None:
        begin(on=on, at=at)
    else:
        turn(at=at)
    if day.planned_at in (None, AGAIN):
        plan(on=on, at=at)


def plan_again() -> None:
    """Facts have changed: the next tick plans what the day still lacks."""
    today = clock.today(settings.current().time_zone)
    DayRun.objects.filter(on=today).update(planned_at=AGAIN)


def run(*, on: date) -> Ran:
    """Begin, plan, execute and deliver the local date ``on``, travelling through its hours.

    Workers keep delivering meanwhile but leave the flows alone. Raises Refusal when
    another process is already running a day.
    """
    start, end = bounds(on)
    executed = delivered = 0
    with locks.running_a_day():
        with clock.travel(start):
            begin(on=on, at=start)
            planned = plan(on=on, at=start)
        for moment in _moments(start, end):
            with clock.travel(moment):
                turn(at=moment)
                executed += _until_quiet_execution()
                delivered += _until_quiet_delivery()
    return Ran(planned, executed, delivered)


def bounds(on: date) -> tuple[datetime, datetime]:
    """The first moment of the organisation's date ``on``, and the first one after it."""
    zone = settings.current().time_zone
    start, end = clock.midnight(on, zone), clock.midnight(on + timedelta(days=1), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def _moments(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every hour of the day at which something is due by then, worked out as the day goes."""
    moment = start
    while moment < end:
        due = _next_due()
        if due is None or due >= end:
            return
        if due > moment:
            # On the hour that follows, but never past the day.
            hours = -((start - due) // HOUR)
            moment = min(start + hours * HOUR, end - timedelta(seconds=1))
        yield moment
        moment += HOUR


def _next_due() -> datetime | None:
    waiting = StepRun.objects.filter(status__in=(RunStatus.PLANNED, RunStatus.POSTPONED))
    runs = waiting.aggregate(first=Min("due_at"))["first"]
    messages = Outgoing.objects.filter(lease_until=None, held_reason="").aggregate(
        first=Min("due_at")
    )["first"]
    return min((due for due in (runs, messages) if due), default=None)


def _until_quiet_execution() -> int:
    return sum(iter(execution.drain, 0))


def _until_quiet_delivery() -> int:
    return sum(iter(delivery.drain, 0))
