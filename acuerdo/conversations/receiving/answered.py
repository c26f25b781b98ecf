"""Finds the messages of ours that people answer. It is a hint, and proves nobody's name."""

from collections.abc import Sequence

from django.db.models import Q

from acuerdo.conversations import references
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving.filing import Arrival
from acuerdo.interactions.models import Direction


def by_many(arrivals: Sequence[Arrival]) -> list[Message | None]:
    """For each, the first of its ``answers`` that we wrote on its channel.

    A reference is signed, and holds for any account; a provider's id is one account's own.
    """
    answers = {name for arrival in arrivals for name in arrival.message.answers}
    if not answers:
        return [None] * len(arrivals)
    signed = {name: id_ for name in answers if (id_ := references.read(name))}
    named = {row.pk: row for row in _ours(set(signed.values()), answers, arrivals)}
    told = {(row.account_id, row.provider_id): row for row in named.values()}
    return [
        next(
            (
                row
                for name in arrival.message.answers
                for row in (named.get(signed.get(name, 0)), told.get((arrival.account.pk, name)))
                if row and row.interaction.channel == arrival.account.channel
            ),
            None,
        )
        for arrival in arrivals
    ]


def _ours(ids: set[int], names: set[str], arrivals: Sequence[Arrival]) -> list[Message]:
    accounts = {arrival.account.pk for arrival in arrivals}
    rows = Message.objects.filter(
        Q(pk__in=ids) | Q(account__in=accounts, provider_id__in=names),
        interaction__direction=Direction.OUTGOING,
    )
    return list(rows.select_related("interaction__customer"))
