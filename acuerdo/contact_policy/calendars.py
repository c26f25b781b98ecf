"""Closed days: the library's holidays of the pack's calendar and the organisation's own."""

from datetime import date
from functools import lru_cache

import holidays

from acuerdo.contact_policy.rules import Calendar
from acuerdo.organization.models import Holiday

# Country, date and name of what the organisation added; a tuple, to be a key of caches.
Added = tuple[tuple[str, date, str], ...]


def added_closures() -> Added:
    return tuple(Holiday.objects.order_by("pk").values_list("country", "on", "name"))


def closure(calendar: Calendar, subdivision: str, day: date, added: Added) -> str:
    """The name of the holiday on ``day``, or empty. Dates can be added, never removed."""
    name = _names(added).get((calendar.country, day), "")
    if not name and day in calendar.extra_closed:
        name = day.isoformat()
    return name or _of_year(calendar, subdivision, day.year).get(day, "")


@lru_cache(maxsize=8)
def _names(added: Added) -> dict[tuple[str, date], str]:
    return {(country, on): name for country, on, name in added}


@lru_cache(maxsize=512)
def _of_year(calendar: Calendar, subdivision: str, year: int) -> dict[date, str]:
    known = holidays.list_supported_countries().get(calendar.country, [])
    if subdivision in known:
        return _listed(calendar, subdivision, year)
    national = _listed(calendar, None, year)
    if calendar.unknown_subdivision == "national":
        return national
    # Where the person lives is unknown, so the holidays of every region are closed.
    for region in known:
        national = {**_listed(calendar, region, year), **national}
    return national


def _listed(calendar: Calendar, subdivision: str | None, year: int) -> dict[date, str]:
    found = holidays.country_holidays(
        calendar.country,
        subdiv=subdivision,
        years=year,
        categories=calendar.categories,
        language="es",
    )
    return dict(found)
