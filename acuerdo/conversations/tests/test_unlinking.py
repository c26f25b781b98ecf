import pytest

from acuerdo.channels.adapter import InboundFile, InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Attachment, Conversation, Message
from acuerdo.conversations.receiving import arrivals, unknown_senders
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, queued, user
from acuerdo.customers import contact_points
from acuerdo.interactions.models import Interaction
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
NUMBER = "51987000111"
PHOTO = InboundFile("pago.png", "image/png", b"\x89PNG\r\n\x1a\n...")


def stranger(line: ChannelAccount, *texts: str, sender: str = NUMBER) -> UnknownSender:
    for place, text in enumerate(texts):
        message = InboundMessage(f"m{place}", sender, text, kind="image", files=(PHOTO,))
        arrivals.receive_message(line, message, at=NOW)
    return unknown_senders.waiting()[0]


def test_unlinking_puts_everything_back_where_it_was() -> None:
    line, owner, by = account(), customer(), user()
    row = stranger(line, "hola", "soy Ana")
    unknown_senders.link(row, owner, by=by, at=NOW)
    unknown_senders.unlink(row, by=by, at=NOW)
    assert unknown_senders.waiting().count() == 2
    assert not Message.objects.exists()
    assert not Interaction.objects.filter(customer=owner, kind="message").exists()
    assert not contact_points.find_owners("whatsapp", NUMBER)
    assert not Conversation.objects.filter(pk=owner.pk).exists()
    unknown_senders.link(row, owner, by=by, at=NOW)
    assert Conversation.objects.get(pk=owner.pk).unanswered == 2


def test_files_follow_the_message_into_the_conversation_and_back() -> None:
    line, owner, by = account(), customer(), user()
    row = stranger(line, "mira")
    unknown_senders.link(row, owner, by=by, at=NOW)
    message = Message.objects.get()
    assert [each.filename for each in message.attachments.all()] == ["pago.png"]
    unknown_senders.unlink(row, by=by, at=NOW)
    assert Attachment.objects.get().message is None


def test_what_was_said_before_keeps_its_place_when_a_link_is_undone() -> None:
    line, owner, by = account(), customer(), user()
    arrivals.receive_message(
        line, InboundMessage("own", owner.contact_points.get(kind="phone").value, "mío"), at=NOW
    )
    row = stranger(line, "ajeno")
    unknown_senders.link(row, owner, by=by, at=NOW)
    unknown_senders.unlink(row, by=by, at=NOW)
    shown = Conversation.objects.get(pk=owner.pk)
    assert (shown.preview, shown.unanswered, shown.pending_since) == ("mío", 1, NOW)


def test_link_that_was_answered_is_not_undone() -> None:
    line, owner, by = account(), customer(), user()
    row = stranger(line, "hola")
    unknown_senders.link(row, owner, by=by, at=NOW)
    queued(owner, contact_point=owner.contact_points.get(kind="whatsapp"))
    with pytest.raises(Refusal):
        unknown_senders.unlink(row, by=by, at=NOW)


def test_user_without_a_number_is_linked_by_the_scoped_id() -> None:
    line, owner = account(), customer()
    row = stranger(line, "hola", sender="bsuid:PE.abc123")
    unknown_senders.link(row, owner, by=user(), at=NOW)
    assert owner.contact_points.get(kind="whatsapp").key == "bsuid:PE.abc123"
    arrivals.receive_message(line, InboundMessage("m9", "bsuid:PE.abc123", "¿y?"), at=NOW)
    assert Conversation.objects.get(pk=owner.pk).unanswered == 2


def test_deleted_messages_come_back_together() -> None:
    row = stranger(account(), "hola", "promo")
    unknown_senders.delete(row, by=user(), at=NOW)
    unknown_senders.restore(row, by=user(), at=NOW)
    assert unknown_senders.waiting().count() == 2
    with pytest.raises(Refusal):
        unknown_senders.restore(row, by=user(), at=NOW)
