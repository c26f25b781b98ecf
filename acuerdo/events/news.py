"""What the live stream passes on: facts and hints, with whose customer each is about now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from acuerdo.events.models import Event

CATCH_UP = 300

# Portfolio and adviser of a customer.
Owner = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: the last event, and the oldest transaction that was open then.

    Whatever became visible later belongs to that transaction or to a later one.
    """

    event_id: int
    floor: int

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        id_, _dash, floor = text.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (id_, floor)):
            return None
        return cls(int(id_), int(floor))

    def __str__(self) -> str:
        return f"{self.event_id}-{self.floor}"


@dataclass(frozen=True, slots=True)
class News:
    """One fact or hint. ``owner`` is today's: what an event copied may have changed since."""

    type: str
    customer_id: int | None
    owner: Owner | None = None
    event: Event | None = None
    place: Place | None = None


class Reset:
    """In a queue: the reader missed something, and its page has to be fetched again."""


def heard(notice: Mapping[str, Any]) -> list[News]:
    """What a notification is about: a hint, or the events between two ids."""
    if "last" not in notice:
        id_ = int(notice["customer"])
        return [News(str(notice["type"]), id_, _owners([id_]).get(id_))]
    found = Event.objects.filter(
        transaction=notice["transaction"], pk__gte=notice["first"], pk__lte=notice["last"]
    )
    return _news(list(found.order_by("pk")), floor=int(notice["floor"]))


def here() -> Place:
    """Where somebody stands who knows everything that is visible now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return Place(0, int(cursor.fetchone()[0]))


def missed(after: Place) -> list[News | Reset]:
    """Everything that became visible after ``after``; some of it may have been told before."""
    if not after.floor:
        return [Reset()]
    found = Event.objects.filter(transaction__gte=after.floor).exclude(pk=after.event_id)
    rows = list(found.order_by("pk")[: CATCH_UP + 1])
    return [Reset()] if len(rows) > CATCH_UP else list(_news(rows, floor=after.floor))


def _news(events: list[Event], *, floor: int) -> list[News]:
    owners = _owners({event.customer_id for event in events if event.customer_id})
    return [
        News(
            event.type,
            event.customer_id,
            owners.get(event.customer_id) if event.customer_id else None,
            event,
            Place(event.pk, floor),
        )
        for event in events
    ]


def _owners(customer_ids: Iterable[int]) -> dict[int, Owner]:
    ids = list(customer_ids)
    found: dict[int, Owner] = import_string(settings.CUSTOMER_OWNERS)(ids) if ids else {}
    return found
