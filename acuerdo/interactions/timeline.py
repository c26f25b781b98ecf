"""The history of one customer: a page at a time, oldest first, in one query."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction

PAGE = 50
# Bodies live beside the register, in the apps above: these are their reverse relations.
BESIDE = ("message", "message__account", "note", "note__author", "call", "by")


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """``before`` asks for the older page; empty when this is the beginning."""

    entries: list[Interaction]
    before: str


def page(customer: Customer, *, before: str | None = None, limit: int = PAGE) -> TimelinePage:
    """The latest ``limit`` entries, or those older than a page's ``before``."""
    found = Interaction.objects.filter(customer=customer).select_related(*BESIDE)
    place = _read(before or "")
    if place is not None:
        at, id_ = place
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=id_))
    rows = list(found.order_by("-at", "-pk")[: limit + 1])
    older = rows[limit - 1] if len(rows) > limit else None
    return TimelinePage(
        entries=rows[:limit][::-1],
        before=place_of(older) if older else "",
    )


def since(customer: Customer, place: str, *, limit: int) -> list[Interaction]:
    """The latest ``limit`` entries from ``place`` on, itself included: what a page shows again."""
    found = Interaction.objects.filter(customer=customer).select_related(*BESIDE)
    first = _read(place)
    if first is not None:
        at, id_ = first
        found = found.filter(at__gte=at).filter(Q(at__gt=at) | Q(pk__gte=id_))
    return list(found.order_by("-at", "-pk")[:limit])[::-1]


def place_of(entry: Interaction) -> str:
    """How an entry is named in ``before`` and ``since``."""
    return f"{entry.at.isoformat()}~{entry.pk}"


def _read(before: str) -> tuple[datetime, int] | None:
    """A place that is not ours counts as none."""
    moment, _tilde, id_ = before.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not (id_.isascii() and id_.isdigit() and len(id_) < 19):
        return None
    return at, int(id_)
