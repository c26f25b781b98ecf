"""Handles what providers posted: statuses in bulk, then messages of people in bulk.

A receipt that makes no sense, or whose handling fails, is tried again and then set
aside where a person sees it; it never holds back the others.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import OperationalError, transaction

from acuerdo.channels import receipts
from acuerdo.channels.adapter import InboundMessage, Notice, StatusChange, Unread, Unreadable
from acuerdo.channels.models import WebhookReceipt
from acuerdo.conversations.receiving import arrivals, naming, provider_news, statuses
from acuerdo.conversations.receiving.filing import Arrival
from acuerdo.conversations.receiving.statuses import News
from acuerdo.primitives import clock, failpoints

BATCH = 500

logger = logging.getLogger(__name__)


def drain() -> int:
    """One batch; says how many receipts were looked at."""
    at = clock.now()
    try:
        seen, others = _apply_statuses(at=at)
        others = _file_or_halve(others, at=at)
    except Exception:
        # One of them spoiled the batch: each goes alone, and only that one waits.
        logger.exception("a batch of receipts is handled one by one")
        others = _waiting(at=at)
        seen = len(others)
    for id_ in others:
        _ingest_alone(id_, at=at)
    return seen


@transaction.atomic
def _waiting(*, at: datetime) -> list[int]:
    return [row.pk for row in receipts.claim(limit=BATCH, at=at)]


@transaction.atomic
def _apply_statuses(*, at: datetime) -> tuple[int, list[int]]:
    """Receipts of statuses alone, in a few statements; the ids of the others."""
    rows = receipts.claim(limit=BATCH, at=at)
    read = [(row, _read(row)) for row in rows]
    alone = [(row, news) for row, news in read if news is not None and not _has_more(news)]
    known = statuses.apply(_news(alone, at=at), at=at)
    done = {row.pk for row, notices in alone if all(_is_known(row, one, known) for one in notices)}
    receipts.finish(done, at=at)
    for row, _notices in alone:
        if row.pk not in done:
            receipts.postpone(row, reason="unknown message", at=at)
    return len(rows), [row.pk for row, news in read if news is not None and _has_more(news)]


def _file_or_halve(ids: list[int], *, at: datetime) -> list[int]:
    """The ids that are left: what spoils a batch is cornered by halves, and the rest is filed."""
    if not ids:
        return []
    try:
        return _file(ids, at=at)
    except Exception as fault:
        if len(ids) == 1:
            return ids
        logger.warning("a batch of %s messages is halved: %r", len(ids), fault)
        middle = len(ids) // 2
        return [
            *_file_or_halve(ids[:middle], at=at),
            *_file_or_halve(ids[middle:], at=at),
        ]


@transaction.atomic
def _file(ids: list[int], *, at: datetime) -> list[int]:
    """File the receipts of plain messages, in a few statements; the ids of the others."""
    rows = receipts.claim(limit=BATCH, at=at, only=ids)
    read = [(row, _read(row)) for row in rows]
    plain = [(row, news) for row, news in read if news is not None and _is_plain(row, news)]
    arrivals.receive_many(
        [
            Arrival(row.account, notice, min(notice.at or row.received_at, at))
            for row, notices in plain
            for notice in notices
            if isinstance(notice, InboundMessage)
        ]
    )
    failpoints.hit("inbound.filed")
    receipts.finish((row.pk for row, _notices in plain), at=at)
    filed = {row.pk for row, _notices in plain}
    return [row.pk for row, news in read if news is not None and row.pk not in filed]


def _is_plain(row: WebhookReceipt, notices: Sequence[Notice]) -> bool:
    """What failed before, or does more than be filed, goes alone: it spoils no batch."""
    return not row.tries and all(
        isinstance(notice, InboundMessage) and not arrivals.needs_care(notice) for notice in notices
    )


def _read(row: WebhookReceipt) -> list[Notice] | None:
    try:
        return naming.by_attempt(receipts.parse(row))
    except Unreadable as fault:
        receipts.set_aside(row, reason=f"unreadable: {fault}")
        return None


def _has_more(notices: Sequence[Notice]) -> bool:
    return any(not isinstance(notice, StatusChange) for notice in notices)


def _news(pairs: Sequence[tuple[WebhookReceipt, list[Notice]]], *, at: datetime) -> list[News]:
    return [
        News(row.account_id, notice, notice.at or min(row.received_at, at))
        for row, notices in pairs
        for notice in notices
        if isinstance(notice, StatusChange)
    ]


def _is_known(row: WebhookReceipt, notice: Notice, known: set[tuple[int, str, str]]) -> bool:
    """A notice can overtake our own note of the provider's id: then it comes again later."""
    if not isinstance(notice, StatusChange):
        return True
    return (row.account_id, notice.token, notice.provider_id) in known


def _ingest_alone(id_: int, *, at: datetime) -> None:
    try:
        with transaction.atomic():
            for row in receipts.claim(limit=1, at=at, only=[id_]):
                _ingest(row, at=at)
    except Exception as fault:
        logger.exception("receipt %s", id_)
        with transaction.atomic():
            for row in receipts.claim(limit=1, at=at, only=[id_]):
                receipts.postpone(row, reason=repr(fault), at=at)


def _ingest(row: WebhookReceipt, *, at: datetime) -> None:
    """Everything in it that can be taken; what cannot holds none of it back, and is shown."""
    notices = naming.by_attempt(receipts.parse(row))
    failed = [fault for notice in notices if (fault := _take(row, notice, at=at))]
    known = statuses.apply(_news([(row, notices)], at=at), at=at)
    odd = [notice.detail for notice in notices if isinstance(notice, Unread)]
    if failed:
        receipts.postpone(row, reason=_share(failed, notices), at=at)
    elif not all(_is_known(row, notice, known) for notice in notices):
        receipts.postpone(row, reason="unknown message", at=at)
    elif odd:
        receipts.set_aside(row, reason=f"partly: {_share(odd, notices)}")
    else:
        receipts.finish([row.pk], at=at)


def _take(row: WebhookReceipt, notice: Notice, *, at: datetime) -> str:
    """Its effect, or none of it and the words of what went wrong."""
    try:
        with transaction.atomic():
            if isinstance(notice, InboundMessage):
                moment = min(notice.at or row.received_at, at)
                arrivals.receive_message(row.account, notice, at=moment)
            else:
                provider_news.heed(row.account, notice, at=at)
    except OperationalError:
        # Of the database and not of the notice: all of it comes again.
        raise
    except Exception as fault:
        logger.exception("a part of receipt %s", row.pk)
        return repr(fault)
    return ""


def _share(faults: Sequence[str], notices: Sequence[Notice]) -> str:
    return faults[0] if len(notices) == 1 else f"{len(faults)}/{len(notices)}: {faults[0]}"
