from datetime import timedelta

import pytest

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Origin
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> ChannelAccount:
    return account("email")


def test_second_automatic_mail_of_a_day_to_an_address_is_refused(line: ChannelAccount) -> None:
    owner = customer()
    queued(owner, channel="email", origin=Origin.EVENT)
    with pytest.raises(Refusal) as refused:
        queued(owner, channel="email", origin=Origin.EVENT)
    assert refused.value.code == "one_automatic_mail_a_day"
    tomorrow = NOW + timedelta(days=1)
    outbox.queue_message(owner, channel="email", body="Hola", origin=Origin.EVENT, at=tomorrow)
    assert Message.objects.count() == 2


def test_people_flows_and_other_channels_are_not_counted(line: ChannelAccount) -> None:
    owner = customer()
    account("whatsapp")
    queued(owner, channel="email", origin=Origin.EVENT)
    for channel, origin in (("email", "manual"), ("email", "flow"), ("whatsapp", Origin.EVENT)):
        queued(owner, channel=channel, origin=origin)
    assert Message.objects.count() == 4


def test_two_systems_that_answer_each_other_stop_at_the_first_answer(line: ChannelAccount) -> None:
    owner = customer()
    address = owner.contact_points.get(kind="email").value
    answers = 0
    for number in range(20):
        told = InboundMessage(f"auto-{number}", address, "Recibido", is_automatic=True)
        arrivals.receive_message(line, told, at=NOW)
        try:
            queued(owner, channel="email", origin=Origin.EVENT)
        except Refusal:
            continue
        answers += 1
    assert answers == 1
    assert Conversation.objects.get(pk=owner.pk).pending_since is None
