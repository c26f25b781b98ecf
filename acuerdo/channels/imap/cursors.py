"""How far each folder was read. A cursor moves in the same transaction that keeps the mail."""

from datetime import datetime

from acuerdo.channels.adapter import plain
from acuerdo.channels.models import ChannelAccount, MailboxCursor


def of(account: ChannelAccount, *, folder: str, validity: int) -> MailboxCursor:
    """The place to go on at; the beginning when the server gave its numbers away anew."""
    row, _made = MailboxCursor.objects.get_or_create(account=account, folder=folder)
    if row.validity != validity:
        row.validity, row.last_uid, row.stuck_uid, row.stuck_tries = validity, 0, 0, 0
        row.save(update_fields=["validity", "last_uid", "stuck_uid", "stuck_tries"])
    return row


def advance(row: MailboxCursor, uid: int) -> None:
    """Only ever forward: two readers of one mailbox do each other no harm."""
    MailboxCursor.objects.filter(pk=row.pk, validity=row.validity, last_uid__lt=uid).update(
        last_uid=uid
    )
    row.last_uid = max(row.last_uid, uid)


def stuck(row: MailboxCursor, uid: int) -> None:
    """The connection broke over this mail."""
    row.stuck_tries = row.stuck_tries + 1 if row.stuck_uid == uid else 1
    row.stuck_uid = uid
    row.save(update_fields=["stuck_uid", "stuck_tries"])


def looked(row: MailboxCursor, *, at: datetime) -> None:
    MailboxCursor.objects.filter(pk=row.pk).update(checked_at=at, fault="")


def failed(account: ChannelAccount, *, folder: str, fault: str) -> None:
    """Kept for whoever asks why no mail comes in."""
    row, _made = MailboxCursor.objects.get_or_create(account=account, folder=folder)
    row.fault = plain(fault)
    row.save(update_fields=["fault"])
