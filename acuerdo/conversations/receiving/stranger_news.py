"""What providers say became of answers to people who are nobody's yet. A state only ever rises."""

from collections.abc import Sequence

from django.db import connection

from acuerdo.conversations.receiving.news import Name, News
from acuerdo.conversations.stranger_models import ReplyState
from acuerdo.primitives.arrays import literal

# From the lowest to the highest: who read an answer that "failed" had it all the same.
LADDER = (
    ReplyState.LEAVING,
    ReplyState.UNCERTAIN,
    ReplyState.SENT,
    ReplyState.FAILED,
    ReplyState.DELIVERED,
    ReplyState.OPENED,
)
RUNG = {str(state): rung for rung, state in enumerate(LADDER)}


def heed_many(news: Sequence[News]) -> set[Name]:
    """Apply a batch in as many statements as for one; the names that belong to such answers."""
    if not news:
        return set()
    found = _replies(news)
    told = [(id_, one) for one in news for id_ in found.get(one.name, ())]
    _raise(told)
    _learn_provider_ids(told)
    return set(found)


def _replies(news: Sequence[News]) -> dict[Name, list[int]]:
    """The answers of each name, by our token or else the provider's id, locked in order of id."""
    names = sorted({one.name for one in news if one.change.token or one.change.provider_id})
    if not names:
        return {}
    found: dict[Name, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [literal(part) for part in zip(*names, strict=True)])
        for account, token, provider, id_ in cursor.fetchall():
            found.setdefault((account, token, provider), []).append(id_)
    return found


_FIND = """
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (account, token, provider)
), named AS (
    SELECT wanted.*, reply.id, reply.sender_id FROM wanted
    JOIN conversations_strangerreply AS reply ON reply.token = wanted.token
    WHERE wanted.token <> ''
    UNION ALL
    SELECT wanted.*, reply.id, reply.sender_id FROM wanted
    JOIN conversations_strangerreply AS reply ON reply.provider_id = wanted.provider
    WHERE wanted.token = ''
), ours AS (
    SELECT named.* FROM named JOIN conversations_unknownsender AS sender
        ON sender.id = named.sender_id AND sender.account_id = named.account
), locked AS (
    SELECT id FROM conversations_strangerreply WHERE id IN (SELECT id FROM ours)
    ORDER BY id FOR NO KEY UPDATE
)
SELECT account, token, provider, id FROM ours WHERE id IN (SELECT id FROM locked)
"""


def _raise(told: Sequence[tuple[int, News]]) -> None:
    """Each to the highest that was told of it; of several alike, in the words of the first."""
    best: dict[int, News] = {}
    for id_, one in told:
        rung = RUNG.get(one.change.status, -1)
        if rung > (RUNG[best[id_].change.status] if id_ in best else -1):
            best[id_] = one
    if not best:
        return
    changes = [one.change for one in best.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            _RAISE,
            [
                literal(best),
                literal(change.status for change in changes),
                literal(change.code[:60] for change in changes),
                literal(change.detail[:300] for change in changes),
                literal(LADDER),
                literal(LADDER),
            ],
        )


# One that waits to leave stands on no rung: nothing that is said can be about it.
_RAISE = """
UPDATE conversations_strangerreply AS reply
SET state = told.state, code = told.code, detail = told.detail
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS told (id, state, code, detail)
WHERE reply.id = told.id
    AND array_position(%s::text[], reply.state::text) < array_position(%s::text[], told.state)
"""


def _learn_provider_ids(told: Sequence[tuple[int, News]]) -> None:
    """The first that was told counts."""
    ids = {id_: one.change.provider_id for id_, one in reversed(told) if one.change.provider_id}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_LEARN, [literal(ids), literal(ids.values())])


_LEARN = """
UPDATE conversations_strangerreply AS reply SET provider_id = told.provider
FROM unnest(%s::bigint[], %s::text[]) AS told (id, provider)
WHERE reply.id = told.id AND reply.provider_id = ''
"""
