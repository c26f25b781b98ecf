"""Handles what providers posted: statuses in bulk, then messages of people in bulk.

A receipt that makes no sense, or whose handling fails, is tried again and then set
aside where a person sees it; it never holds back the others.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import OperationalError, transaction

from acuerdo.channels import receipts
from acuerdo.channels.adapter import InboundMessage, Notice, StatusChange, Unread, Unreadable
from acuerdo.channels.models import WebhookReceipt
from acuerdo.conversations.receiving import arrivals, naming, provider_news, statuses
from acuerdo.conversations.receiving.filing import Arrival
from acuerdo.conversations.receiving.news import News
from acuerdo.primitives import clock, failpoints

BATCH = 500
# Notices taken in one transaction: each message holds a lock of its own until the commit, and
# the server has room for some thousands of locks in all.
MOST = 500

logger = logging.getLogger(__name__)


def drain() -> int:
    """One batch; says how many receipts were looked at."""
    at = clock.now()
    try:
        seen, sizes = _apply_statuses(at=at)
        others = [id_ for pack in _packs(sizes) for id_ in _file_or_halve(pack, at=at)]
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
def _apply_statuses(*, at: datetime) -> tuple[int, dict[int, int]]:
    """Receipts of statuses alone, in a few statements; how many notices each other one has."""
    rows = receipts.claim(limit=BATCH, at=at)
    read = [(row, _read(row)) for row in rows]
    alone = [(row, news) for row, news in read if news is not None and not _has_more(news)]
    known = statuses.apply(_news(alone, at=at), at=at)
    done = {row.pk for row, notices in alone if all(_is_known(row, one, known) for one in notices)}
    receipts.finish(done, at=at)
    for row, _notices in alone:
        if row.pk not in done:
            receipts.postpone(row, reason="unknown message", at=at)
    return len(rows), {row.pk: len(news) for row, news in read if news and _has_more(news)}


def _packs(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Receipts in their order, as many together as one transaction may take; a large one alone."""
    pack: list[int] = []
    room = MOST
    for id_, size in sizes.items():
        if pack and size > room:
            yield pack
            pack, room = [], MOST
        pack.append(id_)
        room -= size
    if pack:
        yield pack


def _file_or_halve(ids: list[int], *, at: datetime) -> list[int]:
    """The ids that are left: what spoils a batch is cornered by halves, and the rest is filed."""
    if not ids:
        return []
    try:
        return _file(ids, at=at)
    except Exception:
        if len(ids) == 1:
            return ids
        logger.warning("a batch of %s receipts is halved", len(ids), exc_info=True)
        middle = len(ids) // 2
        return [
            *_file_or_halve(ids[:middle], at=at),
            *_file_or_halve(ids[middle:], at=at),
        ]


def _file(ids: list[int], *, at: datetime) -> list[int]:
    """File the receipts of plain messages, in a few statements; the ids of the others.

    One of very many goes part by part. What is filed stays filed: it comes again, and is known.
    """
    start = 0
    while (others := _file_part(ids, start, at=at)) is None:
        start += MOST
    return others


@transaction.atomic
def _file_part(ids: list[int], start: int, *, at: datetime) -> list[int] | None:
    """Of each receipt the messages from ``start`` on; None while there are more to come."""
    rows = receipts.claim(limit=BATCH, at=at, only=ids)
    read = [(row, _read(row)) for row in rows]
    plain = [(row, news) for row, news in read if news is not None and _is_plain(row, news)]
    arrivals.receive_many(
        [
            Arrival(row.account, notice, _moment(row, notice, at=at))
            for row, notices in plain
            for notice in notices[start : start + MOST]
            if isinstance(notice, InboundMessage)
        ]
    )
    failpoints.hit("inbound.filed")
    if any(len(notices) > start + MOST for _row, notices in plain):
        return None
    filed = {row.pk for row, _notices in plain}
    receipts.finish(filed, at=at)
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


def _news(pairs: Sequence[tuple[WebhookReceipt, Sequence[Notice]]], *, at: datetime) -> list[News]:
    return [
        News(row.account_id, notice, _moment(row, notice, at=at))
        for row, notices in pairs
        for notice in notices
        if isinstance(notice, StatusChange)
    ]


def _moment(row: WebhookReceipt, notice: Notice, *, at: datetime) -> datetime:
    """When it happened, as the provider says: never after we were told, whatever its clock says."""
    told = None if isinstance(notice, Unread) else notice.at
    return min(told or row.received_at, row.received_at, at)


def _is_known(row: WebhookReceipt, notice: Notice, known: set[tuple[int, str, str]]) -> bool:
    """A notice can overtake our own note of the provider's id: then it comes again later."""
    if not isinstance(notice, StatusChange):
        return True
    return (row.account_id, notice.token, notice.provider_id) in known


def _ingest_alone(id_: int, *, at: datetime) -> None:
    failed: list[str] = []
    start = 0
    try:
        while not _ingest(id_, start, failed, at=at):
            start += MOST
    except Exception as fault:
        logger.exception("receipt %s", id_)
        with transaction.atomic():
            for row in receipts.claim(limit=1, at=at, only=[id_]):
                receipts.postpone(row, reason=repr(fault), at=at)


@transaction.atomic
def _ingest(id_: int, start: int, failed: list[str], *, at: datetime) -> bool:
    """Whatever can be taken of the part from ``start`` on; whether it was the last.

    What cannot holds none of the others back: it is ``failed``, and is shown.
    """
    for row in receipts.claim(limit=1, at=at, only=[id_]):
        notices = naming.by_attempt(receipts.parse(row))
        part = notices[start : start + MOST]
        failed += [fault for notice in part if (fault := _take(row, notice, at=at))]
        if len(notices) > start + MOST:
            return False
        _conclude(row, notices, failed, at=at)
    return True


def _conclude(
    row: WebhookReceipt, notices: Sequence[Notice], failed: Sequence[str], *, at: datetime
) -> None:
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
            moment = _moment(row, notice, at=at)
            if isinstance(notice, InboundMessage):
                arrivals.receive_message(row.account, notice, at=moment)
            else:
                provider_news.heed(row.account, notice, at=moment)
    except OperationalError:
        # Of the database and not of the notice: all of it comes again.
        raise
    except Exception as fault:
        logger.exception("a part of receipt %s", row.pk)
        return repr(fault)
    return ""


def _share(faults: Sequence[str], notices: Sequence[Notice]) -> str:
    return faults[0] if len(notices) == 1 else f"{len(faults)}/{len(notices)}: {faults[0]}"
