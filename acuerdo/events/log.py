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

# PostgreSQL delivers NOTIFY at commit, so a listener never hears of what was rolled back.
CHANNEL = "acuerdo_events"

# One statement for any number of events; bulk_create costs four times as much here.
_INSERT = """
INSERT INTO events_event (type, at, customer_id, subject_type, subject_id, actor_id, data)
SELECT row.type, %s, row.customer_id, row.subject_type, row.subject_id, %s, row.data
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::jsonb[]) WITH ORDINALITY
    AS row (type, customer_id, subject_type, subject_id, data, place)
ORDER BY row.place
RETURNING id, transaction
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event to record. ``data`` holds ids and small plain values, never texts of people.

    ``portfolio_id`` and ``adviser_id`` of the customer in ``data`` let the live stream
    decide who may hear of it.
    """

    type: str
    customer_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


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
    moment = at or clock.now()
    events = [
        Event(
            type=_known(fact.type),
            at=moment,
            customer_id=fact.customer_id,
            subject_type=fact.subject_type,
            subject_id=fact.subject_id,
            actor=by,
            data=fact.data,
        )
        for fact in facts
    ]
    if events:
        _insert(events, at=moment, by=by)
    return events


def _insert(events: list[Event], *, at: datetime, by: User | None) -> None:
    columns = [
        [event.type for event in events],
        [event.customer_id for event in events],
        [event.subject_type for event in events],
        [event.subject_id for event in events],
        [json.dumps(event.data, cls=DjangoJSONEncoder) for event in events],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, by.pk if by else None, *columns])
        for event, (event.pk, event.transaction) in zip(events, cursor.fetchall(), strict=True):
            event._state.adding = False  # noqa: SLF001 - what a save would have done
        _notify(cursor, events)


def _known(type_: str) -> str:
    if type_ not in TYPES:
        raise KeyError(f"{type_} is not in events/catalogue.py")
    return type_


def _notify(cursor: CursorWrapper, events: list[Event]) -> None:
    place = {"transaction": events[0].transaction, "first": events[0].pk, "last": events[-1].pk}
    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(place)])
