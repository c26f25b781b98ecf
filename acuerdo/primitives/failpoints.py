"""Named points at which a test makes the product fail: raise, die, or wait.

Settings without ``FAILPOINTS`` arm nothing, so that no variable of the environment can
make an installation fail. A plan is a text, ``outbox.claimed=kill@3;outbox.settling=raise``:
at each point ``raise``, ``kill`` or ``sleep:SECONDS``, always or only at the n-th time.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

from django.conf import settings

Act = Callable[[], object]


class Failure(Exception):  # noqa: N818 - it stands for any fault
    """What an armed point raises."""


_armed: dict[str, Act] | None = None


def hit(name: str) -> None:
    """Nothing, unless a test armed ``name``."""
    # A dict of none is the usual case: this line is all that production pays.
    if _armed is not None and not _armed:
        return
    act = _plan().get(name)
    if act is not None:
        act()


@contextmanager
def armed(**points: Act | str) -> Iterator[None]:
    """Arm points of this process inside the block; ``__`` in a name stands for the dot.

    A point takes the words of a plan, or something to call.
    """
    global _armed  # noqa: PLW0603 - the points are the process's
    if not hasattr(settings, "FAILPOINTS"):
        raise RuntimeError("these settings have no failpoints")
    before = _plan()
    named = {name.replace("__", "."): act for name, act in points.items()}
    _armed = before | {
        name: _act(name, act) if isinstance(act, str) else act for name, act in named.items()
    }
    try:
        yield
    finally:
        _armed = before


def _plan() -> dict[str, Act]:
    global _armed  # noqa: PLW0603 - read once, at the first point that is passed
    if _armed is None:
        words = str(getattr(settings, "FAILPOINTS", ""))
        pairs = (part.strip().split("=", 1) for part in words.split(";") if part.strip())
        _armed = {name: _act(name, act) for name, act in pairs}
    return _armed


def _act(name: str, words: str) -> Act:
    verb, _at, nth = words.partition("@")
    verb, _colon, value = verb.partition(":")
    acts: dict[str, Act] = {
        "raise": partial(_raise, name),
        "kill": _die,
        "sleep": partial(time.sleep, float(value or 1)),
    }
    act = acts[verb]
    return partial(_at_turn, act, int(nth), count(1)) if nth else act


def _at_turn(act: Act, nth: int, turns: "count[int]") -> None:
    if next(turns) == nth:
        act()


def _raise(name: str) -> None:
    raise Failure(name)


def _die() -> None:
    """As the kernel kills when memory runs out: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
