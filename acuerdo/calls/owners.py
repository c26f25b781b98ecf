"""Whose the calls of the tray are: copied from their customers, so that an index finds them.

Who may see a call is asked of the customer itself (see ``access``). The copy only says where to
look: until the dispatcher has heard of a change, the new adviser's tray lacks the call. A call
made at the very moment of a change is put right by the clock.
"""

from collections.abc import Iterable

from django.db.models import Q

from acuerdo.calls.models import Call
from acuerdo.customers import owners
from acuerdo.organization.access import scope
from acuerdo.organization.models import User

# More parts than these are read as one: who reaches so much soon meets a page.
MOST = 12


def parts(user: User) -> list[Q]:
    """Conditions on calls, which together hold all that ``user`` may reach, each by an index."""
    reach = scope(user)
    if reach.advisers is not None:
        found = [Q(adviser_id=each) for each in sorted(reach.advisers)]
        found += [Q(adviser_id=None)] if reach.unassigned else []
    elif reach.portfolios is not None:
        found = [Q(portfolio_id=each) for each in sorted(reach.portfolios)]
    else:
        return [Q()]
    return found if len(found) <= MOST else [Q()]


def follow(customer_ids: Iterable[int] | None = None) -> int:
    """Copy portfolio and adviser to the pending calls of these customers (None: of everybody)."""
    return owners.copy_of(Call, customer_ids, only="mine.status = 'pending'")
