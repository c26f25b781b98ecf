"""The messages of each day, counted ahead: no page counts them itself.

A day is counted as a whole, in one statement, and again until nothing about it can change.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError, connection, transaction

from acuerdo.conversations.count_models import CountedDay, SentCount
from acuerdo.organization import settings
from acuerdo.primitives import clock

DAY = timedelta(days=1)
# Meta keeps a message for thirty days: until then it may still be delivered.
LATE = timedelta(days=31)
# How far back a day is counted that never was, from the first of its month.
HISTORY = timedelta(days=366)
PATIENCE_SECONDS = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far some days are counted: until when, and how many of them not to their end."""

    until: datetime | None
    missing: int


def catch_up(*, at: datetime) -> None:
    """Count what is due, the newest first; what there is no time for is due the next time.

    A day that cannot be counted holds back no other.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    for day in due(at=at):
        if time.monotonic() > end:
            return
        try:
            recount(day, at=at)
        except DatabaseError:
            logger.exception("the messages of %s were not counted", day)


def due(*, at: datetime) -> list[date]:
    """Today and yesterday always; once a night those of which something may still be heard."""
    zone = settings.current().time_zone
    today = clock.date_in(zone, at)
    since = (today - HISTORY).replace(day=1)
    counted = _counted(since, today)
    return [
        day
        for day in reversed(list(_days(since, today)))
        if day >= today - DAY or _lacks(counted.get(day), min(day + LATE, today), zone)
    ]


@transaction.atomic
def recount(day: date, *, at: datetime) -> None:
    """Replace the counts of one day. Of two at once, the second waits at the row of the day."""
    zone = settings.current().time_zone
    CountedDay.objects.update_or_create(day=day, defaults={"counted_at": at})
    SentCount.objects.filter(day=day).delete()
    values = {
        "day": day,
        "start": clock.midnight(day, zone),
        "end": clock.midnight(day + DAY, zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)


def extent(first: date, last: date, *, at: datetime) -> Extent:
    """Of the days from ``first`` to ``last``, as far as they have begun."""
    zone = settings.current().time_zone
    today = clock.date_in(zone, at)
    counted = _counted(first, last)
    lacking = [
        day
        for day in _days(first, min(last, today))
        if _lacks(counted.get(day), min(day + DAY, today), zone)
    ]
    return Extent(counted[max(counted)] if counted else None, len(lacking))


def _lacks(counted_at: datetime | None, until: date, zone: str) -> bool:
    return counted_at is None or counted_at < clock.midnight(until, zone)


def _counted(first: date, last: date) -> dict[date, datetime]:
    rows = CountedDay.objects.filter(day__range=(first, last))
    return dict(rows.values_list("day", "counted_at"))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


# The start of a number tells its country (see ``phone.region_of_start``): few of them, where
# whole numbers would be one group each. What was brought in from elsewhere was paid elsewhere.
COUNT = """
INSERT INTO conversations_sentcount (day, account_id, portfolio_id, adviser_id, start,
    category, is_billable, messages, delivered, segments)
SELECT %(day)s, message.account_id, entry.portfolio_id, entry.adviser_id,
    CASE WHEN entry.channel = 'email' THEN ''
        WHEN message.address LIKE 'bsuid:%%' THEN left(message.address, 8)
        WHEN message.address LIKE '+1%%' THEN left(message.address, 5)
        ELSE left(message.address, 4) END AS start,
    coalesce(charge.category, '') AS category, charge.is_billable,
    count(*),
    count(*) FILTER (WHERE entry.status IN ('delivered', 'opened')),
    sum(coalesce(message.segments, 1))
FROM interactions_interaction AS entry
JOIN conversations_message AS message ON message.interaction_id = entry.id
LEFT JOIN conversations_charge AS charge ON charge.message_id = entry.id
WHERE entry.at >= %(start)s AND entry.at < %(end)s
    AND entry.kind = 'message' AND entry.direction = 'outgoing' AND entry.origin <> 'import'
    AND (entry.sent_at IS NOT NULL OR entry.status IN ('delivered', 'opened'))
GROUP BY message.account_id, entry.portfolio_id, entry.adviser_id, 5, 6, 7
"""
