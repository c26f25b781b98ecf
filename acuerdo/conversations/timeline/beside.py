"""What hangs on the entries of a page: their files, what each answers, reactions, whom a note names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from acuerdo.conversations.models import Attachment, Message
from acuerdo.conversations.note_models import Mention, Note
from acuerdo.conversations.team import mentions
from acuerdo.conversations.team.mentions import Piece
from acuerdo.conversations.timeline import parts
from acuerdo.conversations.timeline.parts import FilePart, Parts
from acuerdo.interactions.models import Direction, Interaction, Kind

EXCERPT = 120
REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that this one answers; ``entry`` leads to it."""

    entry: int
    who: str
    text: str


@dataclass(slots=True)
class Beside:
    parts: Parts
    quote: Quote | None = None
    reactions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NoteBeside:
    """A note in pieces, the names in it apart, and its files."""

    pieces: list[Piece]
    files: list[FilePart]


@dataclass(frozen=True, slots=True)
class Found:
    """``hung`` are reactions that show on their message and have no row of their own."""

    by_id: dict[int, Beside]
    hung: frozenset[int]
    notes: dict[int, NoteBeside]


def of(rows: Sequence[Interaction]) -> Found:
    """Three queries for a page at most, whatever its length; one for plain messages."""
    messages = {row.pk: row.message for row in rows if row.kind == Kind.MESSAGE}
    noted = {row.pk: row.note for row in rows if row.kind == Kind.NOTE}
    files = _files([*messages, *noted])
    found = {pk: Beside(parts.of_message(row, files.get(pk, []))) for pk, row in messages.items()}
    quoted = _quoted(messages.values())
    hung = set()
    for pk, message in messages.items():
        target = quoted.get((message.account_id, message.quotes))
        if target is None:
            continue
        if message.kind != REACTION:
            found[pk].quote = _quote(target)
        elif target.pk in found:
            hung.add(pk)
            _react(found[target.pk], message)
    return Found(found, frozenset(hung), _notes(noted, files))


def _files(ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """By the entry that they belong to: a message and a note are never the same entry."""
    found: dict[int, list[Attachment]] = {}
    for row in Attachment.objects.filter(Q(message__in=ids) | Q(note__in=ids)).order_by("pk"):
        found.setdefault(row.message_id or row.note_id or 0, []).append(row)
    return found


def _notes(noted: dict[int, Note], files: dict[int, list[Attachment]]) -> dict[int, NoteBeside]:
    names: dict[int, list[str]] = {}
    if noted:
        rows = Mention.objects.filter(note__in=list(noted))
        for pk, name in rows.values_list("note_id", "user__name"):
            names.setdefault(pk, []).append(name)
    return {
        pk: NoteBeside(
            mentions.pieces(note.body, names.get(pk, ())), parts.of_files(files.get(pk, ()))
        )
        for pk, note in noted.items()
    }


def _quoted(messages: Iterable[Message]) -> dict[tuple[int, str], Message]:
    """Only what the same customer said or was told: an id of another conversation shows nothing."""
    wanted = [row for row in messages if row.quotes]
    if not wanted:
        return {}
    targets = Message.objects.filter(
        provider_id__in={row.quotes for row in wanted},
        account__in={row.account_id for row in wanted},
        interaction__customer=wanted[0].interaction.customer_id,
    ).select_related("interaction")
    return {(row.account_id, str(row.provider_id)): row for row in targets}


def _quote(target: Message) -> Quote:
    is_ours = target.interaction.direction == Direction.OUTGOING
    words = target.body or target.subject or str(parts.KINDS.get(target.kind, _("Mensaje")))
    text = " ".join(words.split())
    shown = f"{text[:EXCERPT]}…" if len(text) > EXCERPT else text
    return Quote(target.pk, _("Nosotros") if is_ours else _("Cliente"), shown)


def _react(target: Beside, reaction: Message) -> None:
    """The latest reaction of a side stands; one without a sign takes it back."""
    emoji = str((reaction.content or {}).get("emoji") or "")
    target.reactions = [emoji] if emoji else []
