"""Pictures that a letter carries within itself, as its frame shows them: nothing is fetched.

The frame is of no origin, so a picture by address would ask without the reader's session, or
tell a stranger. The bytes go into the page instead.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment

TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What all of them may weigh: a page of this size still opens at once.
MOST = 4 * attachments.MEGABYTE


def of(content: Mapping[str, Any] | None, files: Iterable[Attachment]) -> dict[str, str]:
    """The picture of each ``cid:`` of a letter, by its name; those too large are left out.

    ``content["inline"]`` names the place of each among ``files``, in the order they came.
    """
    places = (content or {}).get("inline")
    rows = list(files)
    found: dict[str, str] = {}
    left = MOST
    for cid, place in places.items() if isinstance(places, dict) else ():
        row = rows[place] if isinstance(place, int) and 0 <= place < len(rows) else None
        if row is None or not _is_picture(row) or row.size > left:
            continue
        left -= row.size
        found[cid] = _written(row)
    return found


def _is_picture(row: Attachment) -> bool:
    return row.state == attachments.STORED and bool(row.file) and _type(row) in TYPES


def _type(row: Attachment) -> str:
    return row.content_type.partition(";")[0].strip().lower()


def _written(row: Attachment) -> str:
    with row.file.open("rb") as file:
        return f"data:{_type(row)};base64,{base64.b64encode(file.read()).decode()}"
