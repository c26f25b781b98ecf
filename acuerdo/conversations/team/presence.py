"""Who has a conversation open right now, and who writes in it. Kept in an unlogged table.

Each open tab says so every twenty seconds; what it said holds for 45. Only a change is told
to the others: a page that stays open says nothing new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from acuerdo.conversations.models import Presence
from acuerdo.customers.models import Customer
from acuerdo.events import hints
from acuerdo.organization.models import User

LIFE = timedelta(seconds=45)
# A key pressed every three seconds is told; this long without one, nobody is typing.
TYPING = timedelta(seconds=5)
HINT = "presence.changed"


@dataclass(frozen=True, slots=True)
class Company:
    """The others in one conversation: those who write, and those who only look."""

    typing: Sequence[str]
    viewing: Sequence[str]


@transaction.atomic
def announce(
    customer: Customer, *, tab: str, is_typing: bool = False, by: User, at: datetime
) -> None:
    """The tab ``tab`` of ``by`` has the conversation open."""
    before = _stands(customer, by, at=at)
    Presence.objects.bulk_create(
        [
            Presence(
                customer=customer, user=by, tab=tab, seen_at=at, typed_at=at if is_typing else None
            )
        ],
        update_conflicts=True,
        unique_fields=["customer", "user", "tab"],
        update_fields=["seen_at", "typed_at"],
    )
    _tell_change(customer, before, by=by, at=at)


@transaction.atomic
def leave(customer: Customer, *, tab: str, by: User, at: datetime) -> None:
    before = _stands(customer, by, at=at)
    Presence.objects.filter(customer=customer, user=by, tab=tab).delete()
    _tell_change(customer, before, by=by, at=at)


def company(customer: Customer, *, but: User, at: datetime) -> Company:
    """Who else is there; somebody in two tabs is named once."""
    rows = _alive(at).filter(customer=customer).exclude(user=but).select_related("user")
    people: dict[str, bool] = {}
    for row in rows.order_by("pk"):
        writes = row.typed_at is not None and row.typed_at > at - TYPING
        people[row.user.name] = people.get(row.user.name, False) or writes
    return Company(
        [name for name, writes in people.items() if writes],
        [name for name, writes in people.items() if not writes],
    )


def in_rows(customer_ids: Iterable[int], *, but: User, at: datetime) -> dict[int, list[str]]:
    """The names of those who are in each of these conversations."""
    rows = _alive(at).filter(customer__in=list(customer_ids)).exclude(user=but)
    found: dict[int, list[str]] = {}
    for customer_id, name in rows.order_by("pk").values_list("customer_id", "user__name"):
        if name not in found.setdefault(customer_id, []):
            found[customer_id].append(name)
    return found


def forget_silent(*, at: datetime) -> int:
    """Remove what tabs left that never said goodbye."""
    gone, _kinds = Presence.objects.filter(seen_at__lt=at - LIFE).delete()
    return gone


def _alive(at: datetime) -> QuerySet[Presence]:
    return Presence.objects.filter(seen_at__gt=at - LIFE)


def _stands(customer: Customer, user: User, *, at: datetime) -> tuple[bool, bool]:
    """Whether the user counts as there, and as writing."""
    moments = _alive(at).filter(customer=customer, user=user).values_list("typed_at", flat=True)
    known = list(moments)
    return bool(known), any(typed and typed > at - TYPING for typed in known)


def _tell_change(customer: Customer, before: tuple[bool, bool], *, by: User, at: datetime) -> None:
    if _stands(customer, by, at=at) != before:
        hints.tell(HINT, customer_id=customer.pk)
