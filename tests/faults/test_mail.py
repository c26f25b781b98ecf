"""Faults 57 and 58: a mailbox that plays tricks, and two systems that answer each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from acuerdo.channels import accounts
from acuerdo.channels.imap import mailbox, receiving
from acuerdo.channels.imap.mailbox import Folder
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.dovecot import PASSWORD, Box, Dovecot
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock, failpoints
from tests.faults import invariants, posting
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)

STORM = 60
FOLDER = "Cobranzas"
LATER = timedelta(days=3000)


@pytest.fixture
def box(dovecot: Dovecot, request: pytest.FixtureRequest) -> Box:
    found = Box(dovecot, f"faults{abs(hash(request.node.name))}")
    found.make(FOLDER)
    return found


def mailbox_of(box: Box) -> ChannelAccount:
    return accounts.create(
        name="Correo", channel="email", adapter="smtp", sender="cobranzas@acme.example",
        config={
            "host": "127.0.0.1", "imap_host": "127.0.0.1", "imap_port": str(box.port),
            "imap_security": "none", "imap_username": box.user, "imap_folder": FOLDER,
        },
        secret_values={"imap_password": PASSWORD}, at=datetime.now(UTC) - timedelta(hours=1),
    )  # fmt: skip


@contextmanager
def opened(line: ChannelAccount) -> Iterator[Folder]:
    access = mailbox.access_of(line)
    assert access
    with mailbox.opened(access) as folder:
        yield folder


def fetch(line: ChannelAccount) -> None:
    """A look into the mailbox, and whatever follows from it."""
    with opened(line) as folder:
        receiving.read(line, folder, at=datetime.now(UTC))
    handle()


def handle() -> None:
    with clock.travel(NOW + LATER):
        while inbound.drain():
            pass


def letter(sender: str, words: str, *head: str) -> bytes:
    lines = [f"From: {sender}", "To: cobranzas@acme.example", f"Subject: {words}", *head, "", words]
    return "\r\n".join(lines).encode()


def said() -> list[str]:
    rows = Message.objects.filter(interaction__direction="incoming")
    return sorted(rows.values_list("body", flat=True))


def address_of(owner: Customer) -> str:
    return owner.contact_points.get(kind="email").value


def lay_tricks(box: Box, sender: str) -> None:
    """Two mails that share a Message-ID and two that have none, read by somebody before us."""
    for words in ("uno", "dos"):
        box.put(letter(sender, words, "Message-ID: <mismo@example.com>"), folder=FOLDER)
    for words in ("tres", "cuatro"):
        box.put(letter(sender, words), folder=FOLDER)
    box.run("STORE", "1:*", "+FLAGS", "(\\Seen)", folder=FOLDER)


def test_fault_57_mailbox_that_plays_every_trick_brings_each_mail_once(box: Box) -> None:
    line, owner = mailbox_of(box), customer()
    ana = address_of(owner)
    lay_tricks(box, ana)
    # The connection, or the process, ends in the middle; before and after the mail is kept.
    for moment in ("imap__fetched", "webhook__storing"):
        with failpoints.armed(**{moment: "raise"}), pytest.raises(failpoints.Failure):
            fetch(line)
        assert not WebhookReceipt.objects.exists()
    with failpoints.armed(imap__fetched="raise@3"), pytest.raises(failpoints.Failure):
        fetch(line)
    assert WebhookReceipt.objects.count() == 2
    fetch(line)
    # The server forgets its numbers, and one more mail comes.
    box.renumber(FOLDER)
    box.put(letter(ana, "cinco"), folder=FOLDER)
    fetch(line)
    fetch(line)
    assert said() == sorted(["uno", "dos", "tres", "cuatro", "cinco"])
    assert Conversation.objects.get().unanswered == 5
    # Its content is what a mail is known by: the second numbering brought nothing anew.
    assert WebhookReceipt.objects.count() == Interaction.objects.count() == 5


def test_fault_58_storm_of_automatic_answers_and_bounces_is_answered_by_nobody(
    fake: Fake, line: ChannelAccount, box: Box
) -> None:
    mails, owner = mailbox_of(box), customer()
    ana = address_of(owner)
    for number in range(STORM):
        kind = "Auto-Submitted: auto-replied" if number % 2 else "Precedence: auto_reply"
        words = "Estoy de vacaciones. BAJA" if number else "BAJA"
        box.put(letter(ana, words, kind, f"X-Number: {number}"), folder=FOLDER)
    box.put(letter("MAILER-DAEMON@mx.example.com", "undelivered", "Return-Path: <>"), folder=FOLDER)
    fetch(mails)
    assert Message.objects.filter(is_automatic=True).count() == STORM
    # Nobody waits for an answer, none is on its way, and no machine can opt anybody out.
    assert Conversation.objects.get().unanswered == 0
    assert not Outgoing.objects.exists()
    assert not OptOut.objects.exists()
    # The flow goes on: a machine's answer is no answer of theirs.
    message = queued(owner, origin="flow")
    with clock.travel(NOW + timedelta(minutes=5)):
        # The mailbox and the line take turns of their own, which a slow machine waits for.
        while delivery.drain():
            pass
    assert Interaction.objects.get(pk=message.pk).status == "sent"
    assert len(fake.lines()) == 1
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_58_two_systems_that_answer_each_other_fall_silent(fake: Fake) -> None:
    """What we confirm is answered by a program, in the words that asked for it, again and again."""
    line, owner = account("sms", url=fake.url), customer()
    for turn in range(8):
        wish = {"id": f"in-{turn}", "from": phone_of(owner).value, "body": "BAJA"}
        posting.notice(line, {"messages": [wish]})
        with clock.travel(NOW + timedelta(minutes=turn)):
            inbound.drain()
            delivery.drain()
    assert len(fake.lines()) == 1
    assert OptOut.objects.count() == 1
