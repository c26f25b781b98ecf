"""The organisation's own day, by which whole portfolios are judged."""

from datetime import date, datetime

from acuerdo.organization import settings
from acuerdo.primitives import clock


def of(at: datetime) -> date:
    return clock.date_in(settings.current().time_zone, at)
