"""Fetches the files that people's messages only name, one at a time and outside transactions."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from acuerdo.channels import registry
from acuerdo.channels.adapter import FetchesMedia, File, Unfetchable, plain
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.primitives import clock

BATCH = 20
TRIES = 6
FIRST_WAIT = timedelta(seconds=30)
# WhatsApp's documents may have 100 MB: nobody needs to send us that much.
MOST_BYTES = 25 * attachments.MEGABYTE

logger = logging.getLogger(__name__)


def drain() -> int:
    """Try what is waiting; says how many files were dealt with."""
    at = clock.now()
    rows = _claim(at)
    for row in rows:
        try:
            _fetch(row)
        except Exception as fault:
            # A database that is away, a disk that is full: it is tried again, and said at last.
            logger.exception("file %s", row.pk)
            _postpone(row, plain(type(fault).__name__))
    return len(rows)


@transaction.atomic
def _claim(at: datetime) -> list[Attachment]:
    """Each try is written down before it begins, so that nobody else makes the same."""
    due = Attachment.objects.filter(state=attachments.WAITING).filter(
        Q(retry_at=None) | Q(retry_at__lte=at)
    )
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH])
    for row in rows:
        row.retry_at, row.tries = at + FIRST_WAIT * 4**row.tries, row.tries + 1
    Attachment.objects.bulk_update(rows, ["retry_at", "tries"])
    return rows


def _fetch(row: Attachment) -> None:
    account = _account(row)
    source: object = registry.adapter(account) if account else None
    if account is None or not isinstance(source, FetchesMedia):
        _fail(row, "unfetchable")
        return
    try:
        found = source.fetch_media(account, row.media_id, most_bytes=MOST_BYTES)
    except Unfetchable as fault:
        if fault.is_final:
            _fail(row, str(fault))
        else:
            _postpone(row, str(fault))
        return
    _keep(row, found)


def _account(row: Attachment) -> ChannelAccount | None:
    """Of a stranger's file only the stranger's row knows by which account it came."""
    if row.message is not None:
        return row.message.account
    known = UnknownSender.objects.filter(message__attachments__contains=[row.pk])
    sender = known.select_related("account").first()
    return sender.account if sender else None


def _keep(row: Attachment, found: File) -> None:
    if not found.content or len(found.content) > MOST_BYTES:
        _fail(row, "too_large" if found.content else "empty")
        return
    type_ = attachments.sniffed(found.content, found.content_type or row.content_type)
    attachments.fill(row, found, content_type=type_)


def _postpone(row: Attachment, reason: str) -> None:
    if row.tries >= TRIES:
        _fail(row, reason)
    else:
        Attachment.objects.filter(pk=row.pk).update(reason=plain(reason, most=200))


def _fail(row: Attachment, reason: str) -> None:
    Attachment.objects.filter(pk=row.pk).update(
        state=attachments.FAILED, reason=plain(reason, most=200)
    )
