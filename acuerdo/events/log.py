"""Records facts. Call it inside the operation's own transaction: both happen or neither."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from acuerdo.events.catalogue import TYPES
from acuerdo.events.models import Event
from acuerdo.organization.models import User
from acuerdo.primitives import clock

# PostgreSQL delivers NOTIFY at commit, so a listener never hears of what was rolled back.
CHANNEL = "acuerdo_events"


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
    created = Event.objects.bulk_create(events, batch_size=1000)
    if created:
        _notify(created[-1].pk)
    return created


def _known(type_: str) -> str:
    if type_ not in TYPES:
        raise KeyError(f"{type_} is not in events/catalogue.py")
    return type_


def _notify(event_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"id": event_id})])
