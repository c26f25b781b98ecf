"""Turns a claimed message into the parcel that leaves, with everything that goes with it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from acuerdo.channels.adapter import File, Parcel, TemplateCall
from acuerdo.channels.models import Channel
from acuerdo.conversations import references
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.sending import unsubscribing
from acuerdo.conversations.sending.claiming import Claimed
from acuerdo.primitives.arrays import literal

Files = dict[str, list[Attachment]]


def parcel(row: Claimed) -> Parcel:
    due = row.due
    is_letter = due.channel == Channel.EMAIL
    return Parcel(
        token=row.token,
        channel=due.channel,
        recipient=due.address,
        subject=due.subject,
        body=due.body,
        html=due.html,
        reference=references.of(due.message_id),
        unsubscribe_url=unsubscribing.url_of(due.message_id) if is_letter else "",
        quotes=due.quotes,
        not_after=due.not_after,
        template=_call(due.template_call) if due.template_call else None,
    )


def _call(told: dict[str, Any]) -> TemplateCall:
    return TemplateCall(
        name=str(told["name"]),
        language=str(told["language"]),
        header=_values(told, "header"),
        body=_values(told, "body"),
        buttons=_values(told, "buttons"),
        header_kind=str(told.get("header_kind") or "text"),
        header_names=_values(told, "header_names"),
        body_names=_values(told, "body_names"),
    )


def _values(told: dict[str, Any], part: str) -> tuple[str, ...]:
    return tuple(str(value) for value in told.get(part) or ())


def files_of(rows: Sequence[Claimed]) -> Files:
    """The attachments of each token, in the order in which they were added."""
    tokens = {row.due.message_id: row.token for row in rows}
    found: Files = {}
    # Written out: to compile a condition on hundreds of ids costs more than the answer.
    for file in Attachment.objects.raw(_STORED, [literal(tokens)]):
        found.setdefault(tokens[file.message_id or 0], []).append(file)
    return found


_STORED = """
SELECT * FROM conversations_attachment
WHERE message_id = ANY(%s::bigint[]) AND state = 'stored' ORDER BY id
"""


def with_files(what: Parcel, files: Files) -> Parcel:
    """Reads the files only now: nobody holds the bytes of a whole batch."""
    rows = files.get(what.token)
    return replace(what, files=tuple(map(_read, rows))) if rows else what


def _read(row: Attachment) -> File:
    with row.file.open("rb") as stored:
        return File(row.filename, row.content_type, stored.read())
