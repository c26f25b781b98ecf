"""The hours of a channel as a person reads them, and the open stretches around a moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from acuerdo.contact_policy import hours
from acuerdo.contact_policy.calendars import Added
from acuerdo.contact_policy.hours import Place, Window
from acuerdo.contact_policy.rules import WEEKDAYS, HoursRule, Pack

# What is shown before now where nothing of today was open, and of the stretch that opens next.
BEFORE = timedelta(hours=2)
AFTER = timedelta(hours=6)


def words(pack: Pack, channel: str) -> str:
    """«Colombia, Ley 2300 de 2023: lun a vie 07:00-19:00, sáb 08:00-15:00.»"""
    rules = pack.hours_for(channel)
    if not rules:
        return ""
    country = _locale().territories.get(pack.calendar.country, pack.calendar.country)
    law = pack.law(rules[0].id) or _("regla de la casa")
    said = ", ".join(_stretch(rule) for rule in rules)
    return f"{country}, {law}: {said}."


def _stretch(rule: HoursRule) -> str:
    return f"{_days(rule.days)} {rule.open}–{rule.close}"


def _days(days: Sequence[str]) -> str:
    names = _locale().days["stand-alone"]["abbreviated"]
    places = sorted(WEEKDAYS.index(day) for day in days)
    first, last = (names[place].strip(".") for place in (places[0], places[-1]))
    if len(places) == len(WEEKDAYS):
        return _("todos los días")
    if len(places) > 1 and places == list(range(places[0], places[-1] + 1)):
        return _("%(first)s a %(last)s") % {"first": first, "last": last}
    return ", ".join(names[place].strip(".") for place in places)


def _locale() -> Locale:
    return Locale.parse((get_language() or "es").replace("-", "_"))


def around(
    pack: Pack, place: Place, channel: str, at: datetime, until: datetime, added: Added = ()
) -> tuple[Window, ...]:
    """What is open from today's first hour on until some hours after ``until``.

    Between now and ``until`` nothing is, whatever the clock says: a cap closes open hours.
    """
    found: list[Window] = []
    last = until + AFTER
    for window in _from_today(pack, place, channel, at, last, added):
        found += [
            piece
            for piece in (
                Window(window.start, min(window.end, at)),
                Window(max(window.start, until), min(window.end, last)),
            )
            if piece.start < piece.end
        ]
    return tuple(found)


def _from_today(
    pack: Pack, place: Place, channel: str, at: datetime, last: datetime, added: Added
) -> Iterator[Window]:
    day = place.day_of(at)
    while day <= place.day_of(last):
        yield from hours.open_windows(pack, place, channel, day, added)
        day += timedelta(days=1)
