"""The column of Recibidos: the rows of ``inbox`` with the promises that run, and how many wait.

Nothing is counted past a cap.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel
from acuerdo.conversations import access, inbox
from acuerdo.conversations.inbox import InboxFilter, Row
from acuerdo.customers.filters import matching
from acuerdo.customers.forms import advisers_of, portfolios_of
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.ledger.models import Promise, PromiseStatus
from acuerdo.organization.models import Role, User
from acuerdo.ui import filtering

COUNT_CAP = 1000
# Found by a search and without a conversation yet: a hint of who else there is, not a list.
SILENT = 8


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
    found = inbox.page(user, wanted, cursor, on=on)
    return _lines(found.rows), found.next


def line(user: User, customer: Customer, *, on: date, wanted: InboxFilter) -> Line | None:
    """One line again; None when there is none or ``wanted`` leaves it out."""
    if not wanted.apply(access.conversations_for(user)).filter(pk=customer.pk).exists():
        return None
    row = inbox.row_of(user, customer.pk, on=on)
    return _lines([row])[0] if row else None


def _lines(rows: Iterable[Row]) -> list[Line]:
    taken = list(rows)
    running = Promise.objects.filter(
        customer__in=[row.customer_id for row in taken], status=PromiseStatus.PENDING
    )
    promises = {promise.customer_id: promise for promise in running}
    return [Line(row, promises.get(row.customer_id)) for row in taken]


def days_past_due(customer: Customer, *, on: date) -> int:
    standing = getattr(customer, "standing", None)
    due_on = standing.oldest_due_on if standing else None
    return max((on - due_on).days, 0) if due_on else 0


def pending(user: User) -> Count:
    """How many conversations of ``user`` wait for an action."""
    waiting = access.conversations_for(user).filter(pending_since__isnull=False)
    number = waiting.values("pk")[: COUNT_CAP + 1].count()
    return Count(min(number, COUNT_CAP), number > COUNT_CAP)


def silent(customers: QuerySet[Customer], wanted: InboxFilter) -> list[Customer]:
    """``customers`` whom a search names and who have no conversation to show yet."""
    if not wanted.search or wanted.only_pending:
        return []
    found = customers.filter(matching(wanted.search), conversation=None)
    found = found.exclude(status=CustomerStatus.DELETED)
    return list(found.order_by("sort_key", "pk")[:SILENT])


def chosen(user: User, wanted: InboxFilter) -> tuple[filtering.Menu, ...]:
    """The menus for the chips: only those that narrow the list are looked up."""
    if wanted.portfolio is None and wanted.adviser is None and not wanted.channel:
        return ()
    return menus(user, wanted)


def menus(user: User, wanted: InboxFilter) -> tuple[filtering.Menu, ...]:
    """What the list can be narrowed by, each with what is chosen now."""
    channels = [(value, label) for value, label in Channel.choices if value != Channel.CALL]
    found = [
        _menu("portfolio", _("Cartera"), _named(portfolios_of(user)), wanted.portfolio),
        _menu("channel", _("Último canal"), channels, wanted.channel),
    ]
    if user.role != Role.ADVISER:
        found.append(_menu("adviser", _("Asesor"), _named(advisers_of(user)), wanted.adviser))
    return tuple(found)


def _named(rows: QuerySet[Any]) -> Iterable[tuple[object, object]]:
    return rows.values_list("pk", "name")


def _menu(
    key: str, label: str, pairs: Iterable[tuple[object, object]], value: object
) -> filtering.Menu:
    return filtering.Menu(key, label, filtering.options(pairs), str(value or ""))
