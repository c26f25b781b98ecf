"""Feeds every committed event to its subscribers, in the order of commit, at least once.

Readers stop below the oldest transaction still open: ids are handed out before rows
become visible, so reading by id alone would step over the slower of two writers.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from acuerdo.events.models import Cursor, Event, FailedReaction
from acuerdo.events.subscriptions import Reaction, subscribers
from acuerdo.primitives import clock

BATCH = 200
TRIES = 6
FIRST_WAIT = timedelta(seconds=5)

logger = logging.getLogger(__name__)

# Transactions of other databases of the server are no writers of ours: only those that
# may be (a hidden or finished one counts) hold the readers back.
_CEILING = RawSQL(
    """(SELECT COALESCE(min(running.id), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    FROM (SELECT open::text::bigint AS id FROM pg_snapshot_xip(pg_current_snapshot()) AS open)
        AS running
    WHERE NOT EXISTS (SELECT FROM pg_stat_activity AS other
        WHERE other.datname <> current_database()
        AND other.backend_xid::text::bigint = running.id & 4294967295))""",
    (),
)


def drain() -> int:
    """Do one batch for each subscriber; says how many events were read or tried again."""
    return sum(_feed(name, table) + _retry(name, table) for name, table in subscribers().items())


@transaction.atomic
def _feed(name: str, table: Mapping[str, Reaction]) -> int:
    cursor = _cursor(name)
    if cursor is None:
        return 0
    events = list(_unread(cursor)[:BATCH])
    for event in events:
        if event.type in table:
            _react(name, table[event.type], event)
    if events:
        cursor.transaction, cursor.event_id = events[-1].transaction, events[-1].pk
        cursor.save(update_fields=["transaction", "event_id"])
    return len(events)


def _cursor(name: str) -> Cursor | None:
    """The subscriber's place, locked; nothing while another dispatcher holds it."""
    Cursor.objects.bulk_create([Cursor(name=name)], ignore_conflicts=True)
    return Cursor.objects.select_for_update(skip_locked=True).filter(name=name).first()


def _unread(cursor: Cursor) -> QuerySet[Event]:
    later = Q(transaction__gt=cursor.transaction) | Q(
        transaction=cursor.transaction, pk__gt=cursor.event_id
    )
    return Event.objects.filter(
        later, transaction__gte=cursor.transaction, transaction__lt=_CEILING
    ).order_by("transaction", "pk")


def _react(name: str, reaction: Reaction, event: Event) -> None:
    """A reaction that fails is set aside to be tried again; the others go on."""
    try:
        with transaction.atomic():
            reaction(event)
    except Exception as fault:
        logger.exception("%s failed on event %s (%s)", name, event.pk, event.type)
        FailedReaction.objects.create(
            subscriber=name, event=event, error=repr(fault)[:300], retry_at=clock.now() + FIRST_WAIT
        )


@transaction.atomic
def _retry(name: str, table: Mapping[str, Reaction]) -> int:
    due = FailedReaction.objects.filter(
        subscriber=name, retry_at__lte=clock.now(), tries__lt=TRIES
    ).select_related("event")
    failed = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH])
    for row in failed:
        _try_again(row, table)
    return len(failed)


def _try_again(row: FailedReaction, table: Mapping[str, Reaction]) -> None:
    try:
        with transaction.atomic():
            if row.event.type in table:
                table[row.event.type](row.event)
            row.delete()
    except Exception as fault:
        logger.exception("%s failed again on event %s", row.subscriber, row.event_id)
        row.tries += 1
        row.error = repr(fault)[:300]
        row.retry_at = clock.now() + FIRST_WAIT * 2**row.tries
        row.save(update_fields=["tries", "error", "retry_at"])
