"""Moves the demonstration's clock; every day on the way is begun and planned, none is jumped."""

from contextlib import suppress
from datetime import timedelta

from acuerdo.events import log
from acuerdo.flows import days
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import gateway

DAY = timedelta(days=1)


def advance(by: timedelta, *, actor: User) -> None:
    """Shift the clock forward; the worker sends what has fallen due.

    The rest of each day that ends on the way is run first, hour by hour, so that nothing
    arrives a day late. Raises Refusal while another process runs a day.
    """
    zone = settings.current().time_zone
    left = by
    while left > timedelta(0):
        step = min(left, DAY)
        before = clock.today(zone)
        if clock.date_in(zone, clock.now() + step) != before:
            days.run(on=before)
        settings.move_clock(step)
        _tell_the_provider()
        days.follow(at=clock.now())
        left -= step
    log.record("clock.moved", by=actor, at=clock.now(), seconds=int(by.total_seconds()))


def _tell_the_provider() -> None:
    """One that is not there is told when it is next asked for something."""
    with suppress(Refusal):
        gateway.set_clock()
