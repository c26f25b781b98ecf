"""The column of Recibidos: its rows with the promises that run, and how many wait.

Nothing is counted past a cap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Value

from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tray import rows, search
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.conversations.tray.rows import Row
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.ledger.models import Promise, PromiseStatus
from acuerdo.organization.models import User

COUNT_CAP = 1000
# Found by a search and without a conversation yet: a hint of who else there is, not a list.
SILENT = 8
# Of a name that many have, so many are asked whether they have one.
ASKED = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row and the promise that it shows instead of the days."""

    row: Row
    promise: Promise | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many; ``is_more`` when the cap was reached."""

    number: int
    is_more: bool


def page(
    user: User, wanted: InboxFilter, params: Mapping[str, Any], *, on: date
) -> tuple[list[Line], str]:
    """The lines of a page and the cursor of the next one (empty at the end)."""
    cursor = {"after": str(params.get("after") or "")}
    found = rows.page(user, wanted, cursor, on=on)
    return _lines(found.rows), found.next


def line(user: User, customer: Customer, *, on: date, wanted: InboxFilter) -> Line | None:
    """One line again; None when there is none or ``wanted`` leaves it out."""
    if not wanted.apply(rows.listed(user)).filter(pk=customer.pk).exists():
        return None
    row = rows.row_of(user, customer.pk, on=on)
    return _lines([row])[0] if row else None


def _lines(found: Iterable[Row]) -> list[Line]:
    taken = list(found)
    running = Promise.objects.filter(
        customer__in=[row.customer_id for row in taken], status=PromiseStatus.PENDING
    ).order_by("-part")
    promises = {promise.customer_id: promise for promise in running}
    return [Line(row, promises.get(row.customer_id)) for row in taken]


def days_past_due(customer: Customer, *, on: date) -> int:
    standing = getattr(customer, "standing", None)
    due_on = standing.oldest_due_on if standing else None
    return max((on - due_on).days, 0) if due_on else 0


def pending(user: User) -> Count:
    """How many conversations of ``user`` wait for an action."""
    return count(user, InboxFilter(only_pending=True))


def count(user: User, wanted: InboxFilter, *, cap: int = COUNT_CAP) -> Count:
    """How many conversations of ``user`` match, looked for no further than the cap."""
    return capped(wanted.apply(rows.listed(user)), cap=cap)


def capped(found: QuerySet[Conversation], *, cap: int = COUNT_CAP) -> Count:
    number = found.values("pk")[: cap + 1].count()
    return Count(min(number, cap), number > cap)


def counts(user: User, filters: Sequence[InboxFilter], cap: int) -> list[Count]:
    """As ``count``, of each of ``filters``."""
    return counted([wanted.apply(rows.listed(user)) for wanted in filters], cap)


def counted(lists: Sequence[QuerySet[Any]], cap: int) -> list[Count]:
    """How many each of ``lists`` holds, looked for no further than the cap, in one statement."""
    places = [
        each.annotate(place=Value(place)).values_list("place", flat=True)[: cap + 1]
        for place, each in enumerate(lists)
    ]
    if not places:
        return []
    found = Counter(places[0].union(*places[1:], all=True))
    return [Count(min(found[place], cap), found[place] > cap) for place in range(len(lists))]


def silent(customers: QuerySet[Customer], wanted: InboxFilter) -> list[Customer]:
    """``customers`` whom a search names and who have no conversation to show yet."""
    if not wanted.search or len(wanted.as_params()) > 1:
        return []
    found = customers.filter(pk__in=search.people(wanted.search)[:ASKED], conversation=None)
    found = found.exclude(status=CustomerStatus.DELETED)
    return list(found.order_by("sort_key", "pk")[:SILENT])
