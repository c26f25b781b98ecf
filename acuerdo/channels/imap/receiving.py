"""Brings the mail of each mailbox in, raw and once; what it says is read later.

A mail is known by its content: a server that renumbers its folder, another program that
marks mails as read, or a crash between fetching and keeping change nothing.
"""

import hashlib
import imaplib
import logging
import threading
from datetime import datetime

from django.db import connections, transaction

from acuerdo.channels import accounts, receipts
from acuerdo.channels.adapter import Delivery
from acuerdo.channels.imap import cursors, mailbox
from acuerdo.channels.imap.mailbox import Envelope, Folder, Unfetched
from acuerdo.channels.letters.reading import HEAD, LETTER
from acuerdo.channels.models import ChannelAccount, MailboxCursor
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.refusals import Refusal

MOST_BYTES = 25 * 1024 * 1024
BATCH = 100
# The connection breaks now and then; over the same mail again and again it is the mail.
STUCK = 4
# The longest that a mail waits where a server tells nothing by itself.
IDLE_SECONDS = 45.0
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
NOTE = "text/plain"

logger = logging.getLogger(__name__)


def read(account: ChannelAccount, folder: Folder, *, at: datetime) -> int:
    """Keep what is new in ``folder``; says how many mails that was."""
    folder.select()
    cursor = cursors.of(account, folder=folder.name, validity=folder.validity)
    uids = folder.uids(after=cursor.last_uid, since=account.created_at.date())
    kept = 0
    for first in range(0, len(uids), BATCH):
        batch = uids[first : first + BATCH]
        for envelope in folder.envelopes(batch):
            kept += _take(account, folder, cursor, envelope, at=at)
        # Mails that were deleted meanwhile are not asked for again.
        cursors.advance(cursor, batch[-1])
    cursors.looked(cursor, at=at)
    return kept


def _take(
    account: ChannelAccount,
    folder: Folder,
    cursor: MailboxCursor,
    envelope: Envelope,
    *,
    at: datetime,
) -> bool:
    content_type, body = _fetched(folder, cursor, envelope)
    failpoints.hit("imap.fetched")
    place = f"{folder.name}/{folder.validity}/{envelope.uid}/{envelope.size}"
    delivery = Delivery(body, content_type, query=place)
    with transaction.atomic():
        moment = min(envelope.at or at, at)
        row = receipts.keep(account, delivery, event_key=_key(body), at=moment)
        cursors.advance(cursor, envelope.uid)
    return row is not None


def _fetched(folder: Folder, cursor: MailboxCursor, envelope: Envelope) -> tuple[str, bytes]:
    """The mail, or the most that can be had of it: its head, or a note that it is there."""
    uid = envelope.uid
    if cursor.stuck_uid == uid and cursor.stuck_tries >= STUCK:
        return NOTE, _note(folder, uid, "the connection breaks over it")
    try:
        if envelope.size > MOST_BYTES:
            return HEAD, folder.head(uid)
        return LETTER, folder.letter(uid)
    except Unfetched as fault:
        return NOTE, _note(folder, uid, str(fault))
    except (imaplib.IMAP4.abort, OSError):
        cursors.stuck(cursor, uid)
        raise


def _note(folder: Folder, uid: int, reason: str) -> bytes:
    return f"mail {folder.name}/{folder.validity}/{uid} was not fetched: {reason}".encode()


def _key(body: bytes) -> str:
    return "mail:" + hashlib.sha256(body).hexdigest()


class Watch(threading.Thread):
    """Reads one mailbox until it is told to stop, and comes back after every fault."""

    def __init__(self, account: ChannelAccount) -> None:
        super().__init__(name=f"imap-{account.pk}", daemon=True)
        self.account = account
        self.ended = threading.Event()

    def run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self.ended.is_set():
            began = clock.now()
            try:
                self._follow()
            except Exception as fault:
                if self.ended.is_set():
                    return
                logger.warning("mailbox of account %s", self.account.pk, exc_info=True)
                self._tell(fault)
            finally:
                connections.close_all()
            lasted = (clock.now() - began).total_seconds()
            pause = SHORTEST_PAUSE if lasted > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            self.ended.wait(pause)

    def _follow(self) -> None:
        access = mailbox.access_of(self.account)
        if access is None:
            return
        with mailbox.opened(access) as folder:
            while not self.ended.is_set():
                read(self.account, folder, at=clock.now())
                connections.close_all()
                folder.wait(IDLE_SECONDS)

    def _tell(self, fault: Exception) -> None:
        words = fault.sentence if isinstance(fault, Refusal) else f"{type(fault).__name__}: {fault}"
        folder = str(self.account.config.get("imap_folder") or "INBOX")
        try:
            cursors.failed(self.account, folder=folder, fault=words)
        except Exception:
            logger.exception("mailbox of account %s", self.account.pk)


_watches: dict[tuple[int, str, str], Watch] = {}


def drain() -> int:
    """See that each mailbox, as it is set up now, is being read. Reading is the threads' own."""
    wanted = {(row.pk, repr(row.config), row.secrets): row for row in accounts.with_mailbox()}
    for key in set(_watches) - set(wanted):
        _watches.pop(key).ended.set()
    for key, account in wanted.items():
        running = _watches.get(key)
        if running is None or not running.is_alive():
            _watches[key] = Watch(account)
            _watches[key].start()
    return 0
