"""Which customers a list shows: one object for the page, the export and the segments."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from acuerdo.customers import documents, profiles
from acuerdo.customers.alerts import has_alert
from acuerdo.customers.models import (
    AlertKind,
    ContactKind,
    ContactPoint,
    Customer,
    CustomerStatus,
)
from acuerdo.primitives import phone
from acuerdo.ui import filtering

# Ages of the oldest debt in days past due: from, to (both included).
BUCKETS: dict[str, tuple[int, int | None]] = {
    "1-29": (1, 29),
    "30-59": (30, 59),
    "60-89": (60, 89),
    "90+": (90, None),
}
UP_TO_DATE = "current"
SETTLED = "settled"
STANDINGS = (UP_TO_DATE, *BUCKETS, SETTLED)
NOBODY = "none"
# Column and whether its largest value comes first, as ``ui.pagination`` wants them.
SORTS: dict[str, tuple[str, bool]] = {
    "name": ("sort_key", False),
    "-name": ("sort_key", True),
    "amount": ("standing__open_amount", False),
    "-amount": ("standing__open_amount", True),
    "age": ("standing__oldest_due_on", True),
    "-age": ("standing__oldest_due_on", False),
}
DEFAULT_SORT = "name"
# Shorter runs of digits would match half of the table.
SHORTEST_NUMBER = 4
SHORTEST_PHONE = 6


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """A value that means nothing is left out, not an error. ``none``: without one."""

    search: str = ""
    portfolio: int | None = None
    adviser: int | None = None
    is_unassigned: bool = False
    segment: int | str | None = None
    standing: str = ""
    alert: str = ""
    status: str = ""
    sort: str = DEFAULT_SORT

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "CustomerFilter":
        adviser, segment = params.get("adviser", ""), params.get("segment", "")
        return cls(
            search=filtering.text(params, "q", longest=100),
            portfolio=number(params.get("portfolio", "")),
            adviser=number(adviser),
            is_unassigned=adviser == NOBODY,
            segment=NOBODY if segment == NOBODY else number(segment),
            standing=one_of(STANDINGS, params.get("standing", "")),
            alert=one_of(AlertKind.values, params.get("alert", "")),
            status=one_of(CustomerStatus.values, params.get("status", "")),
            sort=one_of(SORTS, params.get("sort", "")) or DEFAULT_SORT,
        )

    @property
    def order(self) -> tuple[str, bool]:
        """The column and direction for ``ui.pagination.paginate``."""
        return SORTS[self.sort]

    def apply(self, customers: QuerySet[Customer], *, on: date) -> QuerySet[Customer]:
        """Deleted customers appear only when ``status`` asks for them.

        Sorted by age, only those who owe appear: the others have none. ``on`` is today in
        the organisation's zone.
        """
        if self.status:
            customers = customers.filter(status=self.status)
        else:
            customers = customers.exclude(status=CustomerStatus.DELETED)
        if self.portfolio is not None:
            customers = customers.filter(portfolio_id=self.portfolio)
        if self.is_unassigned:
            customers = customers.filter(adviser=None)
        if self.adviser is not None:
            customers = customers.filter(adviser_id=self.adviser)
        if self.segment is not None:
            customers = customers.filter(in_segment(self.segment))
        if self.alert:
            customers = customers.filter(has_alert(self.alert))
        if self.sort.endswith("age"):
            customers = customers.filter(standing__oldest_due_on__isnull=False)
        if self.sort.endswith("amount"):
            # Everybody has a standing; said here, the list can follow its index.
            customers = customers.filter(standing__isnull=False)
            if self.portfolio is not None:
                customers = customers.filter(standing__portfolio_id=self.portfolio)
        return customers.filter(in_standing(self.standing, on=on), matching(self.search))


def in_segment(segment: int | str, *, prefix: str = "") -> Q:
    """``NOBODY`` is whom no rule fits."""
    return Q(**{f"{prefix}segment_id": None if segment == NOBODY else segment})


def in_standing(standing: str, *, on: date) -> Q:
    """One of ``STANDINGS``; empty is all of them. Up to date owes, but nothing overdue."""
    if standing == SETTLED:
        return Q(standing__oldest_due_on__isnull=True)
    if standing == UP_TO_DATE:
        return Q(standing__oldest_due_on__gte=on)
    if standing not in BUCKETS:
        return Q()
    youngest, oldest = BUCKETS[standing]
    found = Q(standing__oldest_due_on__lte=on - timedelta(days=youngest))
    if oldest is not None:
        found &= Q(standing__oldest_due_on__gte=on - timedelta(days=oldest))
    return found


def matching(search: str) -> Q:
    """Name words in any order, a document or phone in any spelling, an e-mail."""
    if not search:
        return Q()
    if "@" in search:
        points = _points(key__startswith=search.lower(), kind=ContactKind.EMAIL)
        return Q(pk__in=points)
    named = Q()
    for word in profiles.sort_key(search, "").split():
        named &= Q(sort_key__contains=word)
    document = documents.key(search)
    if len(document) < SHORTEST_NUMBER or not any(char.isdigit() for char in document):
        return named
    # A union of ids, because an OR over two tables would read the whole of the first.
    ids = Customer.objects.values("pk")
    found: list[QuerySet[Any, Any]] = [ids.filter(document_key__startswith=document)]
    digits = phone.key(search)
    if digits == document or len(digits) >= SHORTEST_PHONE:
        found.append(_points(key__contains=digits, kind__in=_NUMBERED))
    return Q(pk__in=ids.filter(named).union(*found))


_NUMBERED = (ContactKind.PHONE, ContactKind.WHATSAPP)


def _points(**conditions: Any) -> QuerySet[ContactPoint, Any]:
    return ContactPoint.objects.filter(**conditions).values("customer_id")


def number(text: str) -> int | None:
    # Past eighteen digits the database would refuse the number instead of not finding it.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def one_of(allowed: Container[str], text: str) -> str:
    return text if text in allowed else ""
