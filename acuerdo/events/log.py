"""Records facts. Call it inside the operation's own transaction: both happen or neither."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from acuerdo.events.catalogue import TYPES
from acuerdo.events.models import Event
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.arrays import literal

# PostgreSQL delivers NOTIFY at commit, so a listener never hears of what was rolled back.
CHANNEL = "acuerdo_events"

# An event's id and its transaction.
Place = tuple[int, int]

# One statement for any number of events; bulk_create costs four times as much here.
_INSERT = """
INSERT INTO events_event (type, at, customer_id, subject_type, subject_id, actor_id, data)
SELECT row.type, coalesce(row.at, %s), row.customer_id, row.subject_type, row.subject_id, %s, row.data
FROM ROWS FROM (unnest(%s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[]),
    jsonb_array_elements(%s::jsonb)) WITH ORDINALITY
    AS row (type, at, customer_id, subject_type, subject_id, data, place)
ORDER BY row.place
RETURNING id, transaction
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event to record. ``data`` holds ids and small plain values, never texts of people.

    ``portfolio_id`` and ``adviser_id`` of the customer in ``data`` let the live stream
    decide who may hear of it. Without ``at``, the moment of the whole batch counts.
    """

    type: str
    customer_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def record(
    type_: str,
    *,
    subject: models.Model | None = None,
    customer_id: int | None = None,
    by: User | None = None,
    at: datetime | None = None,
    **data: Any,
) -> Event:
    """Record one fact; raises KeyError for a type that is not in the catalogue."""
    fact = Fact(
        type_,
        customer_id=customer_id,
        subject_type=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        data=data,
    )
    return record_many([fact], by=by, at=at)[0]


def record_many(
    facts: Iterable[Fact], *, by: User | None = None, at: datetime | None = None
) -> list[Event]:
    """Record several facts with one insert and one notification."""
    moment, known = at or clock.now(), list(facts)
    return [
        _event(fact, place, at=moment, by=by)
        for fact, place in zip(known, _insert(known, at=moment, by=by), strict=True)
    ]


def append(facts: Iterable[Fact], *, by: User | None = None, at: datetime | None = None) -> None:
    """As ``record_many``, for batches whose rows nobody looks at."""
    _insert(list(facts), at=at or clock.now(), by=by)


def _event(fact: Fact, place: Place, *, at: datetime, by: User | None) -> Event:
    event = Event(
        pk=place[0],
        transaction=place[1],
        type=fact.type,
        at=fact.at or at,
        customer_id=fact.customer_id,
        subject_type=fact.subject_type,
        subject_id=fact.subject_id,
        actor=by,
        data=fact.data,
    )
    event._state.adding = False  # noqa: SLF001 - what a save would have done
    return event


def _insert(facts: list[Fact], *, at: datetime, by: User | None) -> list[Place]:
    if not facts:
        return []
    columns = [
        literal(_known(fact.type) for fact in facts),
        literal(fact.at for fact in facts),
        literal(fact.customer_id for fact in facts),
        literal(fact.subject_type for fact in facts),
        literal(fact.subject_id for fact in facts),
        json.dumps([fact.data for fact in facts], cls=DjangoJSONEncoder),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, by.pk if by else None, *columns])
        places: list[Place] = cursor.fetchall()
        _notify(cursor, places)
    return places


def _known(type_: str) -> str:
    if type_ not in TYPES:
        raise KeyError(f"{type_} is not in events/catalogue.py")
    return type_


# Notifying transactions commit in the order of their notices: whoever comes after this one in
# that order is still open now, or has not begun. So the oldest open one is where to read on.
_NOTIFY = """
SELECT pg_notify(%s, (%s::jsonb || jsonb_build_object(
    'floor', pg_snapshot_xmin(pg_current_snapshot())::text::bigint))::text)
"""


def _notify(cursor: CursorWrapper, places: list[Place]) -> None:
    ends = {"transaction": places[0][1], "first": places[0][0], "last": places[-1][0]}
    cursor.execute(_NOTIFY, [CHANNEL, json.dumps(ends)])
