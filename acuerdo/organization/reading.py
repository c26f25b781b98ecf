"""What one reading request asks for again and again, answered once and dropped at its end."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Found = TypeVar("Found")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("acuerdo_reading", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Until the end, ``once`` remembers. Only for work that changes nothing."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: Hashable, find: Callable[[], Found]) -> Found:
    """What ``find`` answers; inside ``kept`` it is asked once for each ``key``."""
    known = _kept.get()
    if known is None:
        return find()
    if key not in known:
        known[key] = find()
    found: Found = known[key]
    return found
