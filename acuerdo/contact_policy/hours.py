"""When a channel is open. Windows are half-open, in UTC; every zone given must be open."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, reduce
from typing import NamedTuple
from zoneinfo import ZoneInfo

from acuerdo.contact_policy import calendars
from acuerdo.contact_policy.calendars import Added
from acuerdo.contact_policy.rules import WEEKDAYS, HoursRule, Pack

# No calendar of any pack stays closed for longer than this.
HORIZON_DAYS = 45


class Window(NamedTuple):
    start: datetime
    end: datetime


class Place(NamedTuple):
    """Where the customer may be: candidate zones, the likeliest first, and the region."""

    zones: tuple[str, ...]
    subdivision: str = ""

    def day_of(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zones[0])).date()


@lru_cache(maxsize=20_000)
def open_windows(
    pack: Pack, place: Place, channel: str, day: date, added: Added = ()
) -> tuple[Window, ...]:
    """Windows that begin on the local date ``day`` of the likeliest zone."""
    per_zone = [_around(pack, zone, place.subdivision, channel, day, added) for zone in place.zones]
    common = reduce(_intersect, per_zone)
    return tuple(window for window in common if place.day_of(window.start) == day)


def is_open(pack: Pack, place: Place, channel: str, at: datetime, added: Added = ()) -> bool:
    return window_at(pack, place, channel, at, added) is not None


def window_at(
    pack: Pack, place: Place, channel: str, at: datetime, added: Added = ()
) -> Window | None:
    """The window that holds ``at``, or None when some zone is closed then."""
    today = place.day_of(at)
    for day in (today - timedelta(days=1), today):
        for window in open_windows(pack, place, channel, day, added):
            if window.start <= at < window.end:
                return window
    return None


def next_open(
    pack: Pack, place: Place, channel: str, at: datetime, added: Added = ()
) -> datetime | None:
    """The first open moment from ``at`` on; None when nothing opens within the horizon."""
    if window_at(pack, place, channel, at, added):
        return at
    today = place.day_of(at)
    for ahead in range(HORIZON_DAYS):
        for window in open_windows(pack, place, channel, today + timedelta(days=ahead), added):
            if window.start >= at:
                return window.start
    return None


def closing_rule(
    pack: Pack, place: Place, channel: str, at: datetime, added: Added = ()
) -> tuple[str, str]:
    """Why ``at`` is closed: the name of the holiday (or empty) and the rule's id."""
    rules = pack.hours_for(channel)
    for zone in place.zones:
        day = at.astimezone(ZoneInfo(zone)).date()
        name = calendars.closure(pack.calendar, place.subdivision, day, added)
        if name:
            return name, rules[0].id if rules else ""
    weekday = WEEKDAYS[place.day_of(at).weekday()]
    of_the_day = [rule for rule in rules if weekday in rule.days]
    return "", (of_the_day or list(rules))[0].id if rules else ""


def _around(
    pack: Pack, zone: str, subdivision: str, channel: str, day: date, added: Added
) -> list[Window]:
    found: list[Window] = []
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        closed = bool(calendars.closure(pack.calendar, subdivision, near, added))
        found += _of_day(pack, zone, channel, near, is_closed=closed)
    return found


def _of_day(pack: Pack, zone: str, channel: str, day: date, *, is_closed: bool) -> list[Window]:
    weekday = WEEKDAYS[day.weekday()]
    windows = [
        _window(rule, zone, day)
        for rule in pack.hours_for(channel)
        if weekday in rule.days and (rule.holidays == "open" or not is_closed)
    ]
    return _merged(sorted(windows))


def _window(rule: HoursRule, zone: str, day: date) -> Window:
    local = ZoneInfo(zone)
    start = datetime.combine(day, rule.opens, tzinfo=local)
    end_day = day if rule.closes else day + timedelta(days=1)
    end = datetime.combine(end_day, rule.closes or datetime.min.time(), tzinfo=local)
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _merged(windows: Sequence[Window]) -> list[Window]:
    merged: list[Window] = []
    for window in windows:
        if merged and window.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged


def _intersect(left: Sequence[Window], right: Sequence[Window]) -> list[Window]:
    common = [
        Window(max(one.start, other.start), min(one.end, other.end))
        for one in left
        for other in right
    ]
    return sorted(window for window in common if window.start < window.end)
