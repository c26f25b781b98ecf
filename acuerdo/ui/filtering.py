"""What narrows a list: read from the address without ever failing, shown as menus and chips."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.utils.functional import Promise

LARGEST_ID = 2**63 - 1
# Translated when it is shown.
Words = str | Promise
_SPACES = re.compile(r"\s+")


def text(query: Mapping[str, str], key: str, *, longest: int = 120) -> str:
    """What was typed, on one line; the database takes no NUL."""
    return _SPACES.sub(" ", query.get(key, "").replace("\x00", "")).strip()[:longest]


def choice(query: Mapping[str, str], key: str, allowed: Iterable[str]) -> str:
    value = query.get(key, "")
    return value if value in set(allowed) else ""


def number(query: Mapping[str, str], key: str) -> int | None:
    """A whole number that an id could be."""
    value = query.get(key, "")
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        return None
    return min(int(value), LARGEST_ID)


def day(query: Mapping[str, str], key: str) -> date | None:
    try:
        found = date.fromisoformat(query.get(key, ""))
    except ValueError:
        return None
    # Beyond these a moment in another zone falls out of the calendar.
    return found if 1900 < found.year < 9000 else None


@dataclass(frozen=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True)
class Menu:
    """One value out of a few. ``key`` is its parameter in the address."""

    key: str
    label: Words
    options: tuple[Option, ...]
    value: str = ""

    @property
    def chosen(self) -> str:
        return next((option.label for option in self.options if option.value == self.value), "")


@dataclass(frozen=True)
class Period:
    """Two dates, either of which may be open."""

    label: Words
    start: date | None = None
    end: date | None = None
    start_key: str = "desde"
    end_key: str = "hasta"

    @property
    def chosen(self) -> str:
        if self.start and self.end:
            return f"{_day(self.start)} – {_day(self.end)}"
        if self.start:
            return f"≥ {_day(self.start)}"
        return f"≤ {_day(self.end)}" if self.end else ""


@dataclass(frozen=True)
class Bar:
    """Everything that narrows one list, as ``ui/_filter_bar.html`` shows it."""

    menus: tuple[Menu, ...] = ()
    period: Period | None = None
    search: str = ""
    search_label: Words = ""

    @property
    def is_narrowed(self) -> bool:
        dated = bool(self.period and self.period.chosen)
        return dated or bool(self.search) or any(menu.value for menu in self.menus)


def options(pairs: Iterable[tuple[object, object]]) -> tuple[Option, ...]:
    return tuple(Option(str(value), str(label)) for value, label in pairs)


def _day(day: date) -> str:
    pattern = "d MMM y"
    return str(format_date(day, pattern, locale="es")).replace(".", "").replace("sept", "sep")
