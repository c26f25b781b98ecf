"""Reading a real mailbox on Debian's own server."""

import imaplib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from acuerdo.channels import accounts
from acuerdo.channels.imap import mailbox, receiving
from acuerdo.channels.imap.mailbox import Folder
from acuerdo.channels.letters.reading import HEAD, LETTER
from acuerdo.channels.models import ChannelAccount, MailboxCursor, WebhookReceipt
from acuerdo.channels.tests.dovecot import PASSWORD, Box, Dovecot
from acuerdo.primitives import failpoints

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
_boxes = count(1)


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return Box(dovecot, f"box{next(_boxes)}")


def account(box: Box, **config: object) -> ChannelAccount:
    return accounts.create(
        name="Correo", channel="email", adapter="smtp", sender="cobranzas@acme.example",
        config={
            "host": "127.0.0.1", "imap_host": "127.0.0.1", "imap_port": str(box.port),
            "imap_security": "none", "imap_username": box.user, **config,
        },
        secret_values={"imap_password": PASSWORD}, at=NOW - timedelta(hours=1),
    )  # fmt: skip


@pytest.fixture
def line(box: Box) -> ChannelAccount:
    return account(box)


@pytest.fixture
def folder(line: ChannelAccount) -> Iterator[Folder]:
    access = mailbox.access_of(line)
    assert access
    with mailbox.opened(access) as opened:
        yield opened


def mail(words: str, message_id: str = "") -> bytes:
    head = f"From: ana@example.com\r\nMessage-ID: <{message_id}>\r\n" if message_id else ""
    return f"{head}Subject: {words}\r\n\r\n{words}\r\n".encode()


def read(line: ChannelAccount, folder: Folder) -> int:
    return receiving.read(line, folder, at=NOW)


def kept() -> list[str]:
    rows = WebhookReceipt.objects.filter(content_type=LETTER).order_by("id")
    return [bytes(row.body).decode().split()[-1] for row in rows]


def test_each_mail_is_kept_raw_and_once(box: Box, line: ChannelAccount, folder: Folder) -> None:
    box.put(mail("uno"))
    box.put(mail("dos"))
    assert (read(line, folder), read(line, folder)) == (2, 0)
    box.put(mail("tres"))
    assert read(line, folder) == 1
    assert kept() == ["uno", "dos", "tres"]
    assert bytes(WebhookReceipt.objects.earliest("id").body) == mail("uno")


def test_what_other_programs_mark_as_read_is_read(
    box: Box, line: ChannelAccount, folder: Folder
) -> None:
    box.put(mail("leído"))
    box.run("STORE", "1:*", "+FLAGS", "(\\Seen)")
    assert read(line, folder) == 1


def test_reading_marks_nothing(box: Box, line: ChannelAccount, folder: Folder) -> None:
    box.put(mail("uno"))
    read(line, folder)
    assert b"Seen" not in b"".join(box.run("FETCH", "1:*", "(FLAGS)"))


def test_new_numbers_of_the_server_double_nothing(box: Box) -> None:
    box.make("Cobranzas")
    line = account(box, imap_folder="Cobranzas")
    box.put(mail("uno"), folder="Cobranzas")
    box.put(mail("dos"), folder="Cobranzas")
    access = mailbox.access_of(line)
    assert access
    with mailbox.opened(access) as folder:
        assert read(line, folder) == 2
        before = folder.validity
    box.renumber("Cobranzas")
    box.put(mail("tres"), folder="Cobranzas")
    with mailbox.opened(access) as folder:
        assert read(line, folder) == 1
        assert folder.validity != before
    assert kept() == ["uno", "dos", "tres"]


def test_reused_and_missing_message_ids_lose_no_mail(
    box: Box, line: ChannelAccount, folder: Folder
) -> None:
    for raw in (mail("uno", "mismo@x"), mail("dos", "mismo@x"), mail("tres"), mail("cuatro")):
        box.put(raw)
    assert read(line, folder) == 4


@pytest.mark.parametrize("moment", ["imap__fetched", "webhook__storing"])
def test_cut_between_fetching_and_keeping_loses_nothing(
    box: Box, line: ChannelAccount, folder: Folder, moment: str
) -> None:
    box.put(mail("uno"))
    box.put(mail("dos"))
    with failpoints.armed(**{moment: "raise"}), pytest.raises(failpoints.Failure):
        read(line, folder)
    assert kept() == []
    assert read(line, folder) == 2


def test_mail_that_the_server_will_not_give_holds_back_no_other(
    box: Box, line: ChannelAccount, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("uno", "dos", "tres"):
        box.put(mail(words))
    real = Folder.letter
    monkeypatch.setattr(Folder, "letter", lambda self, uid: real(self, 99 if uid == 2 else uid))
    assert read(line, folder) == 3
    assert kept() == ["uno", "tres"]
    (note,) = WebhookReceipt.objects.filter(content_type="text/plain")
    assert b"/2 was not fetched" in bytes(note.body)


def test_mail_over_which_the_connection_breaks_is_passed_in_the_end(
    box: Box, line: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("uno", "dos"):
        box.put(mail(words))
    real = Folder.letter

    def letter(self: Folder, uid: int) -> bytes:
        if uid == 1:
            self._box.client.sock.shutdown(socket.SHUT_RDWR)
        return real(self, uid)

    monkeypatch.setattr(Folder, "letter", letter)
    access = mailbox.access_of(line)
    assert access
    for _try in range(receiving.STUCK):
        with mailbox.opened(access) as folder, pytest.raises((OSError, imaplib.IMAP4.abort)):
            read(line, folder)
    with mailbox.opened(access) as folder:
        assert read(line, folder) == 2
    assert kept() == ["dos"]


def test_mail_beyond_the_limit_leaves_its_head_and_a_note(
    box: Box, line: ChannelAccount, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 2000)
    box.put(mail("pesado", "p@x") + b"x" * 3000)
    assert read(line, folder) == 1
    (row,) = WebhookReceipt.objects.all()
    assert (row.content_type, bytes(row.body).count(b"xxx")) == (HEAD, 0)


def test_mailbox_of_before_the_account_is_left_alone(box: Box, folder: Folder) -> None:
    box.put(mail("viejo"))
    line = account(box)
    line.created_at = NOW + timedelta(days=3)
    assert read(line, folder) == 0


@pytest.mark.django_db(transaction=True)
def test_watch_hears_of_mail_that_comes_while_it_waits(box: Box) -> None:
    line = account(box)
    watch = receiving.Watch(line)
    watch.start()
    try:
        wait_for(lambda: MailboxCursor.objects.filter(checked_at__isnull=False).exists())
        box.put(mail("oído"))
        wait_for(lambda: kept() == ["oído"])
    finally:
        watch.ended.set()


@pytest.mark.django_db(transaction=True)
def test_mailbox_that_cannot_be_opened_says_why(box: Box) -> None:
    line = account(box, imap_port="9")
    watch = receiving.Watch(line)
    watch.start()
    try:
        wait_for(lambda: MailboxCursor.objects.exclude(fault="").exists())
    finally:
        watch.ended.set()
    assert "ConnectionRefusedError" in MailboxCursor.objects.get().fault


def wait_for(is_so: object) -> None:
    assert callable(is_so)
    for _try in range(300):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")
