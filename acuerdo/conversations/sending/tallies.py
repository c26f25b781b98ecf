"""How many stand under each tab of Por resolver. Never all are counted: the newest are read along
their index, and past them it says "more"."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When

from acuerdo.channels import receipts
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Setback, UncertainSend
from acuerdo.conversations.sending import desk, setbacks, stranger_doubts
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may

MOST = 99
# Among so many of everybody's those within somebody's reach are looked for.
LOOK_BACK = 1_000


@dataclass(frozen=True, slots=True)
class Tally:
    """So many, or more than can be said."""

    number: int
    is_more: bool

    def __bool__(self) -> bool:
        return self.number > 0 or self.is_more

    def __str__(self) -> str:
        if not self.number and self.is_more:
            # None of those that were looked at; of the rest nobody knows.
            return "…"
        return f"{self.number:,}".replace(",", " ") + ("+" if self.is_more else "")


def of_desk(user: User) -> dict[str, Tally]:
    """By the name of the tab; none of those that ``user`` does not open."""
    mine = scope(user).condition("message__interaction__customer__")
    doubts = UncertainSend.objects.filter(resolved_at=None).order_by("-since", "message")
    strange = first(stranger_doubts.waiting_for(user), most=MOST)
    found = {
        "uncertain": both(_among(doubts, mine), strange, most=MOST),
        "held": _among(desk.waiting().order_by("account_id", "due_at", "message"), mine),
    }
    for status in setbacks.STATUSES:
        rows = Setback.objects.filter(status=status).order_by("-at", "-message")
        found[status] = _among(rows, mine & setbacks.STANDS)
    if may(user, "receipts.view"):
        found["set_aside"] = first(receipts.aside(), most=MOST)
    return found


def of_queue(user: User, account: ChannelAccount, *, at: datetime) -> dict[str, Tally]:
    """What waits to leave by one account: now, and later."""
    mine = scope(user).condition("message__interaction__customer__")
    rows = desk.waiting().filter(account_id=account.pk)
    return {when: _among(desk.due(rows, when=when, at=at), mine) for when in (desk.DUE, desk.LATER)}


def _among(rows: QuerySet[Any], mine: Q) -> Tally:
    if not mine:
        return first(rows, most=MOST)
    is_mine = Case(When(mine, then=Value(True)), default=Value(False))
    newest = rows.annotate(is_mine=is_mine)[:LOOK_BACK]
    seen = newest.aggregate(rows=Count("pk"), mine=Count("pk", filter=Q(is_mine=True)))
    return _capped(seen["mine"], most=MOST, is_cut=seen["rows"] == LOOK_BACK)


def first(rows: QuerySet[Any], *, most: int) -> Tally:
    return _capped(rows[: most + 1].count(), most=most)


def both(one: Tally, other: Tally, *, most: int) -> Tally:
    return _capped(one.number + other.number, most=most, is_cut=one.is_more or other.is_more)


def _capped(number: int, *, most: int, is_cut: bool = False) -> Tally:
    return Tally(min(number, most), is_cut or number > most)
