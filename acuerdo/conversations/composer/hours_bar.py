"""The bar of a closed gate: which stretches are open, where now is, and when it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats

from acuerdo.contact_policy.hours import Window
from acuerdo.contact_policy.schedules import AFTER, BEFORE
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.primitives import clock

# Two labels nearer than this share of the bar would run into each other.
NEAREST = 17.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From where to where, in per cent of the bar, with a point for the decimals."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Label:
    x: str
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Bar:
    open: Sequence[Stretch]
    now: str
    labels: Sequence[Label]


def of(verdict: Verdict, *, at: datetime) -> Bar | None:
    """None where nothing says when it opens."""
    if verdict.until is None or not verdict.windows:
        return None
    before = (at - BEFORE).replace(minute=0, second=0, microsecond=0)
    start = min(verdict.windows[0].start, before)
    end = min(verdict.windows[-1].end, verdict.until + AFTER)
    scale = _Scale(start, end)
    return Bar(
        open=[_stretch(scale, window) for window in verdict.windows],
        now=_percent(scale.place(at)),
        labels=_labels(scale, verdict),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def place(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return 100 * min(max(share, 0.0), 1.0)


def _stretch(scale: _Scale, window: Window) -> Stretch:
    start = scale.place(window.start)
    return Stretch(_percent(start), _percent(scale.place(window.end) - start))


def _labels(scale: _Scale, verdict: Verdict) -> list[Label]:
    """The beginning, the end and the opening always; the closing where there is room for it."""
    assert verdict.until is not None  # noqa: S101 - ``of`` saw to it
    closing = [window.end for window in verdict.windows if window.end < verdict.until]
    moments = [scale.start, *closing[-1:], verdict.until, scale.end]
    kept: list[Label] = []
    taken: list[float] = []
    for moment in sorted(moments, key=lambda each: each in closing[-1:]):
        x = scale.place(moment)
        if all(abs(x - other) >= NEAREST for other in taken):
            taken.append(x)
            names_day = moment in (scale.start, verdict.until)
            kept.append(Label(_percent(x), _said(moment, verdict.zone, names_day), _anchor(x)))
    return kept


def _anchor(x: float) -> str:
    if x < NEAREST / 2:
        return "start"
    return "end" if x > 100 - NEAREST / 2 else "middle"


def _said(moment: datetime, zone: str, names_day: bool) -> str:
    local = clock.wall(moment, zone)
    if local.microsecond or local.second:
        local += timedelta(seconds=60 - local.second, microseconds=-local.microsecond)
    return formats.date_format(local, "D H:i" if names_day else "H:i")


def _percent(share: float) -> str:
    return f"{share:.2f}%"
