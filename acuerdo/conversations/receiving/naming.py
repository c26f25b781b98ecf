"""Reports of mail servers name a communication; our hand-overs are named by their tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from acuerdo.channels.adapter import Notice, StatusChange
from acuerdo.conversations import references
from acuerdo.conversations.models import Attempt
from acuerdo.conversations.stranger_models import StrangerReply


def by_attempt(notices: Sequence[Notice]) -> list[Notice]:
    """The same notices, with the token of the last hand-over where a reference stood."""
    written = {notice.token for notice in notices if isinstance(notice, StatusChange)}
    tokens = _of_messages(written) | _of_strangers(written)
    if not tokens:
        return list(notices)
    return [
        replace(notice, token=tokens[notice.token])
        if isinstance(notice, StatusChange) and notice.token in tokens
        else notice
        for notice in notices
    ]


def _of_messages(written: Iterable[str]) -> dict[str, str]:
    named = {text: id_ for text in written if (id_ := references.read(text))}
    if not named:
        return {}
    rows = Attempt.objects.filter(message_id__in=named.values()).order_by("pk")
    tokens = dict(rows.values_list("message_id", "token"))
    return {text: tokens[id_] for text, id_ in named.items() if id_ in tokens}


def _of_strangers(written: Iterable[str]) -> dict[str, str]:
    """An answer that was linked since keeps its token: it is that of the message's hand-over."""
    named = {text: id_ for text in written if (id_ := references.read(text, purpose="stranger"))}
    if not named:
        return {}
    rows = StrangerReply.objects.filter(pk__in=named.values(), token__isnull=False)
    tokens = dict(rows.values_list("pk", "token"))
    return {text: tokens[id_] or "" for text, id_ in named.items() if id_ in tokens}
