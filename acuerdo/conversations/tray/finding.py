"""The people and views of the command bar: few, and only what its reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from acuerdo.conversations.team.notes import folded
from acuerdo.conversations.tray import saved_views, search
from acuerdo.conversations.view_models import SavedView
from acuerdo.customers.access import customers_for
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.organization.models import User

MOST = 8
# One letter begins too many names.
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    customers: list[Customer]
    views: list[SavedView]


def matching(user: User, words: str) -> Found:
    """By name, document, phone in any spelling, e-mail or debt code; views by their name."""
    wanted = folded(words)
    views = [view for view in saved_views.shelf(user).views if wanted in folded(view.name)]
    return Found(_named(user, words) if len(words) >= SHORTEST else [], views)


def _named(user: User, words: str) -> list[Customer]:
    rows = customers_for(user).exclude(status=CustomerStatus.DELETED)
    found = rows.filter(pk__in=search.people(words)).select_related("portfolio")
    return list(found.order_by("sort_key", "pk")[:MOST])


def recent(user: User, ids: Sequence[int]) -> Found:
    """Those of ``ids`` still in reach, in that order, and every view."""
    rows = customers_for(user).exclude(status=CustomerStatus.DELETED)
    known = rows.select_related("portfolio").in_bulk(list(ids[:MOST]))
    customers = [known[pk] for pk in dict.fromkeys(ids) if pk in known]
    return Found(customers, list(saved_views.shelf(user).views))
