"""What providers say became of our messages. A status only ever rises.

Any order and any number of the same notices ends alike: each target is applied once,
from the statuses below it, in one statement; what stands higher is left alone.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from acuerdo.conversations.receiving import stranger_news
from acuerdo.conversations.receiving.news import Name, News
from acuerdo.conversations.sending import address_faults, settling
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move
from acuerdo.interactions.models import MESSAGE_MOVES

# "processing" is left out: our own settling comes first, and the notice comes again.
RISING = {
    to: [
        before for before in MESSAGE_MOVES if before != "processing" and to in MESSAGE_MOVES[before]
    ]
    for to in ("sent", "failed", "delivered", "opened")
}


@transaction.atomic
def apply(news: Sequence[News], *, at: datetime) -> set[Name]:
    """Apply a batch; answers the names that belong to a message which is settled by now."""
    if not news:
        return set()
    found = _messages(news)
    ids = sorted(set(found.values()))
    _learn_provider_ids(news, found)
    _finish_uncertain(news, found, at=at)
    _note_charges(news, found)
    for to, from_ in RISING.items():
        moves = {
            found[one.name]: Move(found[one.name], one.at, one.change.code or to, one.change.detail)
            if to == "failed"
            else Move(found[one.name], one.at)
            for one in reversed(news)
            if one.change.status == to and one.name in found
        }
        moved = lifecycle.move_each(moves.values(), from_=from_, to=to)
        settling.show(moved, at=at)
        if to != "failed":
            # Those that stand higher already: the move stamps its own.
            lifecycle.stamp((moves[id_] for id_ in moves.keys() - {row.id for row in moved}), to=to)
    _queue_is_done_with(ids)
    address_faults.heed(
        {found[one.name]: one.change.address_fault for one in news if one.name in found}, at=at
    )
    # Answers to somebody who is nobody's yet stand in a table of their own.
    return set(found) | stranger_news.heed_many([one for one in news if one.name not in found])


def _messages(news: Sequence[News]) -> dict[Name, int]:
    """The message of each name, by our token or the provider's id, locked in order of id."""
    names = list({one.name for one in news})
    columns = [[name[part] for name in names] for part in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"account": columns[0], "token": columns[1], "provider": columns[2]})
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


# A token is believed only from the account that the message went through, and before the
# provider's id. A message that is not settled yet is left out: its notice comes again.
_FIND = """
WITH wanted AS (
    SELECT * FROM unnest(%(account)s::bigint[], %(token)s::text[], %(provider)s::text[])
        AS wanted (account, token, provider)
), named AS (
    SELECT wanted.*, message.interaction_id AS id, 0 AS rank FROM wanted
    JOIN conversations_message AS message ON wanted.provider <> ''
        AND message.account_id = wanted.account AND message.provider_id = wanted.provider
    UNION ALL
    SELECT wanted.*, message.interaction_id, 1 FROM wanted
    JOIN conversations_attempt AS attempt
        ON wanted.token <> '' AND attempt.token = wanted.token
    JOIN conversations_message AS message ON message.interaction_id = attempt.message_id
        AND message.account_id = wanted.account
), locked AS (
    SELECT entry.id FROM interactions_interaction AS entry
    WHERE entry.id IN (SELECT id FROM named)
        AND entry.status NOT IN ('scheduled', 'processing')
    ORDER BY entry.id FOR NO KEY UPDATE
)
SELECT account, token, provider, id FROM named WHERE id IN (SELECT id FROM locked) ORDER BY rank
"""


def _learn_provider_ids(news: Sequence[News], found: dict[Name, int]) -> None:
    """A notice with our token also tells the id that a lost answer would have told."""
    named = [
        (found[one.name], one.change.provider_id)
        for one in news
        if one.name in found and one.change.token and one.change.provider_id
    ]
    if named:
        with connection.cursor() as cursor:
            cursor.execute(_LEARN, [[row[0] for row in named], [row[1] for row in named]])


_LEARN = """
UPDATE conversations_message AS message SET provider_id = told.provider
FROM unnest(%s::bigint[], %s::text[]) AS told (id, provider)
WHERE message.interaction_id = told.id AND message.provider_id IS NULL
    AND NOT EXISTS (SELECT FROM conversations_message AS other
        WHERE other.account_id = message.account_id AND other.provider_id = told.provider)
"""


def _finish_uncertain(news: Sequence[News], found: dict[Name, int], *, at: datetime) -> None:
    """The provider knows the message: it was accepted, whatever became of its answer."""
    proven = [one.change.token for one in news if one.name in found and one.change.token]
    if proven:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE conversations_attempt SET outcome = 'accepted', finished_at = %s"
                " WHERE token = ANY(%s) AND message_id = ANY(%s) AND outcome IN ('', 'uncertain')",
                [at, proven, sorted(set(found.values()))],
            )


def _note_charges(news: Sequence[News], found: dict[Name, int]) -> None:
    """The rows are locked by ``_messages``: two batches never write one message's at once."""
    told = {
        found[one.name]: one.change
        for one in news
        if one.name in found and one.change.is_billable is not None
    }
    if told:
        rows = list(told.values())
        categories = [row.charged_as for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(_CHARGE, [list(told), categories, [row.is_billable for row in rows]])


# What was told already is not written again.
_CHARGE = """
INSERT INTO conversations_charge AS charge (message_id, category, is_billable)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::boolean[])
ON CONFLICT (message_id) DO UPDATE
SET category = excluded.category, is_billable = excluded.is_billable
WHERE (charge.category, charge.is_billable) <> (excluded.category, excluded.is_billable)
"""


def _queue_is_done_with(ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM conversations_outgoing WHERE message_id = ANY(%s)", [ids])
