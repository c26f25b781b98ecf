"""The tray No registrados: one row for each address that waits, and the messages of one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.models import Attachment
from acuerdo.conversations.receiving import stranger_replies, unknown_senders
from acuerdo.conversations.sending.states import State
from acuerdo.conversations.stranger_models import ReplyState, StrangerReply, UnknownSender
from acuerdo.conversations.timeline import parts
from acuerdo.conversations.timeline.parts import Parts
from acuerdo.conversations.tray import listing
from acuerdo.conversations.tray.listing import Count
from acuerdo.customers import contact_points
from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.ui import pagination

FOUND = 8
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One address and the last thing that came from it."""

    pk: int
    name: str
    channel: str
    address: str
    preview: str
    at: datetime
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the thread."""

    pk: int
    at: datetime
    parts: Parts


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of ours, and what became of it."""

    reply: StrangerReply
    state: State

    @property
    def at(self) -> datetime:
        return self.reply.created_at


# What became of an answer: its word, the icon and the tone.
STATES = {
    ReplyState.WAITING: ("clock", "neutral"),
    ReplyState.LEAVING: ("clock", "neutral"),
    ReplyState.SENT: ("check", "neutral"),
    ReplyState.DELIVERED: ("checks", "neutral"),
    ReplyState.OPENED: ("checks", "info"),
    ReplyState.FAILED: ("alert-circle", "bad"),
    ReplyState.UNCERTAIN: ("help-circle", "warn"),
}


def timeline(sender: UnknownSender, rows: Sequence[UnknownSender]) -> list[Said | Answered]:
    """What they wrote and what we answered, oldest first."""
    ours = [
        Answered(reply, State(reply.get_state_display(), *STATES[ReplyState(reply.state)]))
        for reply in stranger_replies.of_address(sender)
        if reply.message_id is None
    ]
    return sorted([*thread(rows), *ours], key=lambda one: one.at)


def page(params: dict[str, str]) -> tuple[list[Row], str]:
    """The addresses that wait, latest first, and the cursor of the next page."""
    latest = (
        unknown_senders.waiting()
        .order_by("account_id", "key", "-received_at", "-pk")
        .distinct("account_id", "key")
    )
    rows = UnknownSender.objects.filter(pk__in=latest.values("pk")).select_related("account")
    found = pagination.paginate(rows, params, by="received_at")
    answered = stranger_replies.answered(found.rows)
    return [_row(each, is_answered=each.pk in answered) for each in found.rows], found.next


def waiting() -> Count:
    """How many addresses wait; not counted past a cap."""
    addresses = unknown_senders.waiting().order_by().values("account_id", "key").distinct()
    number = addresses[: listing.COUNT_CAP + 1].count()
    return Count(min(number, listing.COUNT_CAP), number > listing.COUNT_CAP)


def _row(row: UnknownSender, *, is_answered: bool) -> Row:
    kind = str(row.message.get("kind") or "text")
    words = row.body or str(row.message.get("subject") or "") or str(parts.KINDS.get(kind, ""))
    return Row(
        pk=row.pk,
        name=row.name or shown_address(row),
        channel=row.account.channel,
        address=shown_address(row),
        preview=" ".join(words.split())[:160],
        at=row.received_at,
        is_answered=is_answered,
    )


def shown_address(row: UnknownSender) -> str:
    """A number as people write it; whoever hides theirs has only a name for us."""
    if row.key.startswith(contact_points.SCOPED_ID):
        return _("Usuario de WhatsApp sin número")
    return f"+{row.address}" if row.address.isdigit() else row.address


def named(sender: UnknownSender) -> dict[str, str]:
    """The name they gave themselves, cut as most are: the last two words are the surnames."""
    words = sender.name.split()
    cut = max(1, len(words) - 2)
    return {"first_name": " ".join(words[:cut]), "last_name": " ".join(words[cut:])}


def messages(sender: UnknownSender) -> list[UnknownSender]:
    """Everything from the address of ``sender`` that is in the same place as it, oldest first."""
    rows = UnknownSender.objects.filter(
        account_id=sender.account_id,
        key=sender.key,
        linked_to=sender.linked_to,
        deleted_at=sender.deleted_at,
    ).select_related("account")
    return list(rows.order_by("-received_at", "-pk")[:LONGEST])[::-1]


def thread(rows: Sequence[UnknownSender]) -> list[Said]:
    named = {row.pk: row.message.get("attachments", []) for row in rows}
    wanted = [pk for pks in named.values() for pk in pks]
    files = Attachment.objects.in_bulk(wanted) if wanted else {}
    return [
        Said(
            row.pk,
            row.received_at,
            parts.of_unknown(row, [files[pk] for pk in named[row.pk] if pk in files]),
        )
        for row in rows
    ]


def owners(sender: UnknownSender, customers: QuerySet[Customer]) -> int:
    """How many customers within reach have this very address: several, and nobody guesses."""
    found = contact_points.find_owners(sender.account.channel, sender.address)
    return customers.filter(pk__in=[row.pk for row in found]).count() if found else 0


def search(words: str, customers: QuerySet[Customer]) -> list[Customer]:
    """Whom the address could be linked to, by what somebody typed."""
    if not words.strip():
        return []
    found = customers.filter(matching(words.strip())).exclude(status=CustomerStatus.DELETED)
    return list(found.select_related("portfolio").order_by("sort_key", "pk")[:FOUND])
