"""One folder of a mailbox, opened to look and never to touch: nothing is marked as read."""

import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount

TIMEOUT = 60
PORTS = {"tls": 993, "starttls": 143, "none": 143}
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class Access:
    host: str
    port: int
    security: str
    username: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail before it is fetched."""

    uid: int
    size: int
    at: datetime | None


class Unfetched(Exception):  # noqa: N818 - it says what the mail is
    """The server will not give this one mail; the connection is fine."""


def access_of(account: ChannelAccount) -> Access | None:
    """How to reach the mailbox of ``account``; None when it has none.

    User and password are those of the outgoing server where no others are written.
    """
    config = account.config
    host = str(config.get("imap_host") or "").strip()
    if not host:
        return None
    sealed = secrets.unseal(account.secrets)
    security = str(config.get("imap_security") or "tls")
    return Access(
        host=host,
        port=int(config.get("imap_port") or PORTS.get(security, 993)),
        security=security,
        username=str(config.get("imap_username") or config.get("username") or ""),
        password=sealed.get("imap_password") or sealed.get("password", ""),
        folder=str(config.get("imap_folder") or "INBOX"),
    )


@contextmanager
def opened(access: Access) -> Iterator["Folder"]:
    box = _connect(access)
    try:
        box.login(access.username, access.password, initial_folder=None)
        yield Folder(box, access.folder)
    finally:
        # Said goodbye or not, the socket is closed: a server may not answer any more.
        box.client.shutdown()


def _connect(access: Access) -> BaseMailBox:
    if access.security == "none":
        return MailBoxUnencrypted(access.host, access.port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    if access.security == "starttls":
        return MailBoxStartTls(access.host, access.port, timeout=TIMEOUT, ssl_context=context)
    return MailBox(access.host, access.port, timeout=TIMEOUT, ssl_context=context)


class Folder:
    """``validity`` changes when the server forgets its numbers: then every uid means another mail."""

    def __init__(self, box: BaseMailBox, name: str) -> None:
        self.name = name
        self.validity = 0
        self._box = box
        self.select()

    def select(self) -> None:
        self._box.folder.set(self.name, readonly=True)
        _kind, data = self._box.client.response("UIDVALIDITY")
        self.validity = int(data[0]) if data and data[0] else 0

    def uids(self, *, after: int, since: date) -> list[int]:
        """In order. ``after`` zero means all that came since the day before ``since``."""
        day = since - timedelta(days=1)
        wanted = f"UID {after + 1}:*" if after else f"SINCE {_imap_date(day)}"
        found = sorted(int(uid) for uid in self._box.uids(wanted, charset=None))
        # ``*`` stands for the last mail even where that one came before ``after``.
        return [uid for uid in found if uid > after]

    def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """Those that are still there, in order."""
        names = ",".join(map(str, uids))
        rows = self._fetch(names, "(RFC822.SIZE INTERNALDATE)")
        heads = [row if isinstance(row, bytes) else row[0] for row in rows]
        found = {head.uid: head for head in map(_envelope, heads) if head is not None}
        return [found[uid] for uid in uids if uid in found]

    def letter(self, uid: int) -> bytes:
        return self._content(uid, "(BODY.PEEK[])")

    def head(self, uid: int) -> bytes:
        return self._content(uid, "(BODY.PEEK[HEADER])")

    def _content(self, uid: int, what: str) -> bytes:
        for row in self._fetch(str(uid), what):
            # What else changed in the folder meanwhile may be told in the same breath.
            if isinstance(row, tuple) and b"BODY[" in row[0]:
                return bytes(row[1])
        raise Unfetched(f"UID {uid}: nothing came")

    def _fetch(self, uids: str, what: str) -> list[bytes | tuple[bytes, bytes]]:
        try:
            status, rows = self._box.client.uid("FETCH", uids, what)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as fault:
            raise Unfetched(f"UID {uids}: {fault}") from fault
        if status != "OK":
            raise Unfetched(f"UID {uids}: {status} {rows[:1]!r}")
        return [row for row in rows if row]

    def wait(self, seconds: float) -> None:
        """Until the server says that something happened, or ``seconds`` have passed."""
        if "IDLE" in self._box.client.capabilities:
            self._box.idle.wait(timeout=seconds)
        else:
            time.sleep(seconds)


def _envelope(line: bytes) -> Envelope | None:
    uid, size = _UID.search(line), _SIZE.search(line)
    if not uid:
        return None
    told = imaplib.Internaldate2tuple(line)
    at = datetime.fromtimestamp(time.mktime(told), UTC) if told else None
    return Envelope(int(uid[1]), int(size[1]) if size else 0, at)


def _imap_date(day: date) -> str:
    """Months are English, whatever the machine speaks."""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"
