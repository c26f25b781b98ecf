"""Reports of mail servers name a communication; our hand-overs are named by their tokens."""

from collections.abc import Sequence
from dataclasses import replace

from acuerdo.channels.adapter import Notice, StatusChange
from acuerdo.conversations import references
from acuerdo.conversations.models import Attempt


def by_attempt(notices: Sequence[Notice]) -> list[Notice]:
    """The same notices, with the token of the last hand-over where a reference stood."""
    named = {
        notice.token: id_
        for notice in notices
        if isinstance(notice, StatusChange) and (id_ := references.read(notice.token))
    }
    if not named:
        return list(notices)
    rows = Attempt.objects.filter(message_id__in=named.values()).order_by("pk")
    tokens = dict(rows.values_list("message_id", "token"))
    return [
        replace(notice, token=tokens[named[notice.token]])
        if isinstance(notice, StatusChange) and named.get(notice.token) in tokens
        else notice
        for notice in notices
    ]
