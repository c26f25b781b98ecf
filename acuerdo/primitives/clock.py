"""The only source of "now". Stores and returns UTC; days are asked for in a zone.

A demonstration or a rehearsal moves time: ``travel`` for one block of code,
``set_offset`` for the whole process (the simulator's clock).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)
_offset: timedelta = timedelta(0)


def now() -> datetime:
    fixed = _fixed.get()
    return fixed if fixed is not None else datetime.now(UTC) + _offset


def today(zone: str) -> date:
    """The current date in the IANA zone ``zone``."""
    return date_in(zone, now())


def date_in(zone: str, at: datetime) -> date:
    """The date that ``at`` (aware) falls on in the IANA zone ``zone``."""
    return at.astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """The first moment of ``day`` in the IANA zone ``zone``."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def wall(at: datetime, zone: str) -> datetime:
    """What a clock on the wall there shows, naive: templates would move an aware one."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def set_offset(offset: timedelta) -> None:
    """Shift the clock of this whole process; zero in production."""
    global _offset  # noqa: PLW0603 - one clock per process is the point
    _offset = offset


def offset() -> timedelta:
    return _offset


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Hold the clock at ``to`` (aware) inside the block, for this thread or task."""
    if to.tzinfo is None:
        raise ValueError("travel needs an aware datetime")
    token = _fixed.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
