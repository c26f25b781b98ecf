"""Messages of one account to one address keep the distance that the provider asks for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from acuerdo.channels import registry
from acuerdo.channels.adapter import SpacesRecipients
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives.arrays import literal


class Wanted(NamedTuple):
    message_id: int
    customer_id: int
    address: str


def too_close(
    account: ChannelAccount, rows: Sequence[Wanted], *, at: datetime
) -> dict[int, datetime]:
    """The messages that have to wait for one before them, and until when."""
    adapter = registry.adapter(account)
    if not rows or not isinstance(adapter, SpacesRecipients) or not adapter.pair_seconds:
        return {}
    distance = timedelta(seconds=adapter.pair_seconds)
    free_at = _free(account, rows, distance=distance, at=at)
    waiting: dict[int, datetime] = {}
    for row in rows:
        moment = max(at, free_at.get(row.address, at))
        free_at[row.address] = moment + distance
        if moment > at:
            waiting[row.message_id] = moment
    return waiting


def _free(
    account: ChannelAccount, rows: Sequence[Wanted], *, distance: timedelta, at: datetime
) -> dict[str, datetime]:
    """When each address written to a moment ago may be written to again."""
    values: dict[str, Any] = {
        "customers": literal({row.customer_id for row in rows}),
        "batch": literal(row.message_id for row in rows),
        "account": account.pk,
        "since": at - distance,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, values)
        return {address: moment + distance for address, moment in cursor.fetchall()}


# One that is being handed over now counts from now; one that may have left counts as well.
_LATEST = """
SELECT message.address,
    max(CASE entry.status WHEN 'processing' THEN %(at)s ELSE coalesce(entry.sent_at, entry.at) END)
FROM interactions_interaction AS entry
JOIN conversations_message AS message ON message.interaction_id = entry.id
WHERE entry.customer_id = ANY(%(customers)s::bigint[]) AND entry.id <> ALL(%(batch)s::bigint[])
    AND entry.kind = 'message' AND entry.direction = 'outgoing'
    AND message.account_id = %(account)s
    AND (entry.status = 'processing' OR entry.sent_at > %(since)s
        OR (entry.status = 'uncertain' AND entry.at > %(since)s))
GROUP BY message.address
"""
