"""Days on which offices work: no weekend, no holiday of the country, none of our own."""

from datetime import date, timedelta
from functools import cache

import holidays

from acuerdo.organization.models import Holiday

SATURDAY = 5


def add(start: date, count: int, *, country: str) -> date:
    """The ``count``-th business day after ``start`` in ``country`` (ISO code)."""
    own = set(Holiday.objects.filter(country=country, on__gt=start).values_list("on", flat=True))
    day = start
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in own and not _is_public(country, day):
            count -= 1
    return day


def _is_public(country: str, day: date) -> bool:
    return day in _calendar(country, day.year)


@cache
def _calendar(country: str, year: int) -> frozenset[date]:
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
