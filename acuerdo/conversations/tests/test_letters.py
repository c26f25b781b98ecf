"""Mail that comes in, from its bytes to the conversation."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from acuerdo.channels import receipts
from acuerdo.channels.adapter import Delivery
from acuerdo.channels.letters.reading import HEAD, LETTER
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests import factories
from acuerdo.contact_policy import facts
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations import references
from acuerdo.conversations.models import Attempt, Conversation, Message
from acuerdo.conversations.receiving import inbound, stranger_replies
from acuerdo.conversations.stranger_models import StrangerReply, UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, queued, user
from acuerdo.conversations.timeline import parts
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def two_hours_later() -> Iterator[None]:
    with clock.travel(LATER):
        yield


@pytest.fixture
def line() -> ChannelAccount:
    row = factories.account("email")
    row.adapter, row.sender = "smtp", "cobranzas@acme.example"
    row.save()
    return row


@pytest.fixture
def owner() -> Customer:
    return customer()


@pytest.fixture
def letter(line: ChannelAccount, owner: Customer) -> Message:
    """A letter of ours that the mail server took."""
    row = queued(owner, channel="email", subject="Aviso")
    row.provider_id = f"<{references.of(row.pk)}@acme.example>"
    row.save()
    Attempt.objects.create(message=row, token="t-1", started_at=NOW, outcome="accepted")
    Interaction.objects.filter(pk=row.pk).update(status="sent", sent_at=NOW)
    return row


def arrive(line: ChannelAccount, *heads: str, body: str = "Ya pagué", key: str = "k") -> None:
    raw = "\r\n".join((*heads, "Content-Type: text/plain; charset=utf-8", "", body)).encode()
    receipts.keep(line, Delivery(raw, LETTER), event_key=key, at=LATER)
    inbound.drain()


def report(letter: Message | StrangerReply, status: str, action: str = "failed") -> tuple[str, ...]:
    purpose = "message" if isinstance(letter, Message) else "stranger"
    return (
        "Return-Path: <>", "From: mailer-daemon@mx.example",
        f"To: bounces+{references.of(letter.pk, purpose=purpose)}@rebotes.acme.example",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=d", "",
        "--d", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx", "",
        "Final-Recipient: rfc822; alguien@example.com", f"Action: {action}", f"Status: {status}",
        "", "--d",
    )  # fmt: skip


def address_of(owner: Customer) -> str:
    return owner.contact_points.get(kind="email").value


def test_answer_waits_in_bold_and_points_to_the_letter(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    arrive(line, f"From: {address_of(owner)}", f"In-Reply-To: {letter.provider_id}")
    row = Message.objects.exclude(pk=letter.pk).get()
    assert (row.interaction.customer, row.body) == (owner, "Ya pagué")
    assert row.quotes == letter.provider_id
    assert Conversation.objects.get(pk=owner.pk).pending_since


def test_stranger_who_answers_a_letter_is_suggested_and_never_filed(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    arrive(line, "From: otro@example.com", f"To: reply+{references.of(letter.pk)}@acme.example")
    row = UnknownSender.objects.get()
    assert row.message["answers"][0] == letter.provider_id
    assert not Interaction.objects.filter(direction="incoming").exists()


def test_shared_address_is_told_apart_by_the_letter_it_answers(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    contact_points.add(customer(), kind="email", value=address_of(owner), by=None, at=NOW)
    sender = f"From: {address_of(owner)}"
    arrive(line, sender, body="¿De quién?")
    assert UnknownSender.objects.count() == 1
    arrive(line, sender, f"In-Reply-To: {letter.provider_id}", key="k2")
    assert Interaction.objects.get(direction="incoming").customer == owner


def test_word_of_opt_out_is_heard_above_a_quoted_letter(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    arrive(line, f"From: {address_of(owner)}", body="BAJA\n\nEl mar, Acme escribió:\n> Hola")
    assert OptOut.objects.get().customer == owner


def test_automatic_answer_is_kept_and_asks_for_nothing(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    arrive(line, f"From: {address_of(owner)}", "Auto-Submitted: auto-replied", body="baja")
    row = Message.objects.get(is_automatic=True)
    conversation = Conversation.objects.get(pk=owner.pk)
    assert row.interaction.customer == owner
    assert (conversation.pending_since, conversation.unanswered) == (None, 0)
    assert not OptOut.objects.exists()
    known = facts.load([owner.pk], at=LATER, locked=False)
    assert known.by_customer[owner.pk].last_inbound is None


def test_hard_bounce_fails_its_letter_and_stops_the_address(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    arrive(line, *report(letter, "5.1.1"))
    letter.interaction.refresh_from_db()
    assert (letter.interaction.status, letter.interaction.reason) == ("failed", "5.1.1")
    assert not owner.contact_points.get(kind="email").is_usable
    assert not UnknownSender.objects.exists()


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("5.7.1", "failed")])
def test_other_reports_leave_the_address_alone(
    line: ChannelAccount, owner: Customer, letter: Message, status: str, action: str
) -> None:
    arrive(line, *report(letter, status, action))
    letter.interaction.refresh_from_db()
    assert letter.interaction.status == ("failed" if action == "failed" else "sent")
    assert owner.contact_points.get(kind="email").is_usable
    assert WebhookReceipt.objects.get().handled_at


def test_bounce_settles_a_letter_that_nobody_could_vouch_for(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    Message.objects.filter(pk=letter.pk).update(provider_id=None)
    Attempt.objects.update(outcome="uncertain")
    Interaction.objects.filter(pk=letter.pk).update(status="uncertain")
    arrive(line, *report(letter, "5.1.1"))
    letter.interaction.refresh_from_db()
    assert letter.interaction.status == "failed"


@pytest.mark.parametrize("state", ["sent", "uncertain"])
def test_bounce_of_an_answer_to_a_stranger_fails_it(line: ChannelAccount, state: str) -> None:
    arrive(line, "From: otro@example.com", key="first")
    sender = UnknownSender.objects.get()
    reply = stranger_replies.write(sender, body="¿Quién es?", key="k", by=user(), at=LATER)
    StrangerReply.objects.filter(pk=reply.pk).update(state=state, token="t-9")
    arrive(line, *report(reply, "5.1.1"), key="bounce")
    reply.refresh_from_db()
    assert (reply.state, reply.code) == ("failed", "5.1.1")
    assert not WebhookReceipt.objects.filter(handled_at=None).exists()
    assert UnknownSender.objects.count() == 1


def test_unreadable_mail_is_set_aside_where_people_see_it(line: ChannelAccount) -> None:
    receipts.keep(line, Delivery(b"\xff\x00 no mail", LETTER), event_key="k", at=LATER)
    inbound.drain()
    assert WebhookReceipt.objects.get().set_aside_reason.startswith("unreadable: mail: no sender")


def test_large_mails_do_not_fill_the_memory_together(
    line: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "BATCH_BYTES", 2500)
    for place in range(3):
        receipts.keep(line, Delivery(b"x" * 1000, LETTER), event_key=f"k{place}", at=LATER)
    assert len(receipts.claim(limit=200, at=LATER)) == 2
    monkeypatch.setattr(receipts, "BATCH_BYTES", 10)
    assert len(receipts.claim(limit=200, at=LATER)) == 1


def test_mail_too_large_to_fetch_leaves_a_note_in_the_conversation(
    line: ChannelAccount, owner: Customer
) -> None:
    head = f"From: {address_of(owner)}\r\nSubject: Fotos\r\n".encode()
    place = f"INBOX/7/3/{80 * 1024 * 1024}"
    receipts.keep(line, Delivery(head, HEAD, query=place), event_key="k", at=LATER)
    inbound.drain()
    shown = parts.of_message(Message.objects.get(), [])
    assert (shown.subject, "80 MB" in shown.missing) == ("Fotos", True)


def test_quoted_letter_is_folded_on_screen(line: ChannelAccount, owner: Customer) -> None:
    body = "Ya pagué\n\nEl mar, Acme escribió:\n> Hola"
    arrive(line, f"From: {address_of(owner)}", body=body)
    shown = parts.of_message(Message.objects.get(), [])
    assert (shown.text, shown.quoted) == ("Ya pagué", "El mar, Acme escribió:\n> Hola")


def test_mail_to_the_unsubscribe_address_ends_the_emails_of_that_customer(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    to = f"To: unsubscribe+{references.of(letter.pk)}@acme.example"
    arrive(line, "From: reenviada@example.com", to, "Subject: baja", body="")
    row = OptOut.objects.get()
    assert (row.customer, row.channel) == (owner, "email")


def test_complaint_ends_the_emails_and_stops_the_address(
    line: ChannelAccount, owner: Customer, letter: Message
) -> None:
    heads = (
        "Return-Path: <>", "From: fbl@provider.example", "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=d", "",
        "--d", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse",
        f"Original-Rcpt-To: {letter.address}", "", "--d", "Content-Type: message/rfc822", "",
        f"Message-ID: {letter.provider_id}", "", "--d--",
    )  # fmt: skip
    arrive(line, *heads)
    assert OptOut.objects.get().customer == owner
    assert not owner.contact_points.get(kind="email").is_usable
    letter.interaction.refresh_from_db()
    assert letter.interaction.status == "delivered"
