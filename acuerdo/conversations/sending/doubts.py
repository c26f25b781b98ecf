"""The list of hand-overs that nobody can vouch for: each is entered once, and closed once.

The message's own status says what it is; a row here says since when, and how it ended.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from acuerdo.primitives.arrays import literal


def enter(message_ids: Iterable[int], *, at: datetime) -> None:
    ids = list(message_ids)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO conversations_uncertainsend (message_id, since, decision, note)"
                " SELECT id, %s, '', '' FROM unnest(%s::bigint[]) AS row (id)"
                " ON CONFLICT (message_id) DO NOTHING",
                [at, literal(ids)],
            )


def close_proven(message_ids: Iterable[int], *, at: datetime) -> None:
    """Evidence came: whoever was about to decide need not any more."""
    ids = list(message_ids)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE conversations_uncertainsend SET resolved_at = %s, decision = 'evidence'"
                " WHERE message_id = ANY(%s::bigint[]) AND resolved_at IS NULL",
                [at, literal(ids)],
            )
