import pytest

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.receiving import arrivals, unknown_senders
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, user
from acuerdo.customers import contact_points
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
NUMBER = "51987000111"


def stranger(line: ChannelAccount, *texts: str) -> UnknownSender:
    for place, text in enumerate(texts):
        arrivals.receive_message(line, InboundMessage(f"m{place}", NUMBER, text), at=NOW)
    return unknown_senders.waiting()[0]


def test_linking_moves_every_message_and_the_next_one_finds_its_owner() -> None:
    line, owner = account(), customer()
    unknown_senders.link(stranger(line, "hola", "soy Ana"), owner, by=user(), at=NOW)
    assert [owner.pk] == [one.pk for one in contact_points.find_owners("whatsapp", NUMBER)]
    assert Message.objects.filter(interaction__customer=owner).count() == 2
    assert Conversation.objects.get(pk=owner.pk).unanswered == 2
    assert not unknown_senders.waiting().exists()
    arrivals.receive_message(line, InboundMessage("m9", NUMBER, "¿sigues ahí?"), at=NOW)
    assert Conversation.objects.get(pk=owner.pk).unanswered == 3


def test_deleted_sender_leaves_the_list_and_is_settled_once() -> None:
    row = stranger(account(), "hola", "promo!!")
    unknown_senders.delete(row, by=user(), at=NOW)
    assert not unknown_senders.waiting().exists()
    with pytest.raises(Refusal):
        unknown_senders.link(row, customer(), by=user(), at=NOW)


def test_same_message_of_a_stranger_is_kept_once() -> None:
    line = account()
    stranger(line, "hola")
    stranger(line, "hola")
    assert UnknownSender.objects.count() == 1


def test_stop_from_an_address_of_two_silences_both() -> None:
    line, people = account(), [customer(), customer()]
    for owner in people:
        contact_points.add(owner, kind="phone", value="+51955500111", by=None, at=NOW)
    arrivals.receive_message(line, InboundMessage("m-1", "51955500111", "BAJA"), at=NOW)
    assert set(OptOut.objects.values_list("customer", flat=True)) == {row.pk for row in people}
    assert unknown_senders.waiting().count() == 1


def test_linked_stranger_who_asked_to_stop_is_heard() -> None:
    row, owner = stranger(account(), "Stop."), customer()
    unknown_senders.link(row, owner, by=user(), at=NOW)
    assert OptOut.objects.get().customer == owner


def test_linked_number_is_read_with_its_own_country() -> None:
    line, owner = account(), customer()
    arrivals.receive_message(line, InboundMessage("m-1", "56912345678", "hola"), at=NOW)
    unknown_senders.link(UnknownSender.objects.get(), owner, by=user(), at=NOW)
    assert owner.contact_points.get(kind="whatsapp").value == "+56912345678"
