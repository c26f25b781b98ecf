"""A message of the machine's that failed, and the other way round."""

from datetime import timedelta

import pytest

from acuerdo.channels.adapter import InboundMessage, Outcome, Result
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message, Outgoing
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.sending import claiming, outbox, settling
from acuerdo.conversations.tests.factories import NOW, answered, customer
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.events import dispatch
from acuerdo.events.models import Event
from acuerdo.flows import subscribers
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> dict[str, ChannelAccount]:
    return {channel: account(channel) for channel in ("whatsapp", "sms", "email")}


@pytest.fixture
def debtor(lines: dict[str, ChannelAccount]) -> Customer:
    return customer()


def say(owner: Customer, channel: str, *, origin: str = "flow", source: str = "General") -> Message:
    return outbox.queue_message(
        owner, channel=channel, body="Hola", origin=origin, source=source, at=NOW
    )


def arrived(owner: Customer, channel: str, *, ago: timedelta = timedelta(days=9)) -> None:
    """A message that the customer got by ``channel`` some time ago."""
    message = say(owner, channel, origin="manual")
    Outgoing.objects.all().delete()
    Interaction.objects.filter(pk=message.pk).update(status="delivered", at=NOW - ago)


def fail(line: ChannelAccount) -> None:
    """The provider refuses whatever waits, and the facts are told, twice."""
    answered(line, Result(Outcome.REFUSED, code="x"))
    tell()


def tell() -> None:
    for event in Event.objects.filter(type="message.failed").order_by("pk"):
        for _twice in range(2):
            subscribers.SUBSCRIPTIONS["message.failed"](event)


def answers() -> list[Message]:
    return list(Message.objects.filter(interaction__source="Contingencia"))


def test_the_last_channel_that_worked_carries_a_fixed_text(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "sms", ago=timedelta(days=30))
    arrived(debtor, "email", ago=timedelta(days=3))
    say(debtor, "whatsapp")
    fail(lines["whatsapp"])
    (answer,) = answers()
    assert answer.interaction.channel == "email"
    assert answer.interaction.origin == "flow"
    for part in ("Ana", "150.00", "01/03/2026", "Tiendas Sol"):
        assert part in answer.body
    assert Outgoing.objects.get(pk=answer.pk).not_after == NOW + timedelta(days=1)


def test_its_own_failure_is_not_answered(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "email")
    arrived(debtor, "sms", ago=timedelta(days=2))
    say(debtor, "whatsapp")
    fail(lines["whatsapp"])
    (answer,) = answers()
    moved = Interaction.objects.filter(pk=answer.pk)
    moved.update(status="failed")
    event = Event.objects.filter(type="message.failed").latest("pk")
    event.subject_id = answer.pk
    subscribers.SUBSCRIPTIONS["message.failed"](event)
    assert answers() == [answer]


def test_a_customer_of_one_channel_gets_none(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "whatsapp")
    say(debtor, "whatsapp")
    fail(lines["whatsapp"])
    assert answers() == []


def test_a_persons_message_is_left_to_that_person(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "sms")
    say(debtor, "whatsapp", origin="manual")
    fail(lines["whatsapp"])
    assert answers() == []


def test_the_setting_switches_it_off(lines: dict[str, ChannelAccount], debtor: Customer) -> None:
    settings.update(contingency_channel=False)
    arrived(debtor, "sms")
    say(debtor, "whatsapp")
    fail(lines["whatsapp"])
    assert answers() == []


def test_a_pause_that_came_meanwhile_holds_it(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "sms")
    say(debtor, "whatsapp")
    batch = claiming.claim(lines["whatsapp"], at=NOW)
    pauses.pause(debtor, until=NOW.date() + timedelta(days=5), by=None, at=NOW)
    settling.settle([(batch.claimed[0], Result(Outcome.REFUSED, code="x"))], at=NOW)
    tell()
    assert answers() == []


@pytest.mark.parametrize(("hours", "channels"), [(2, ["whatsapp"]), (30, [])])
def test_whatsapp_takes_it_only_while_its_window_is_open(
    lines: dict[str, ChannelAccount], debtor: Customer, hours: int, channels: list[str]
) -> None:
    said = InboundMessage("in-1", debtor.contact_points.get(kind="phone").value, "Hola")
    arrivals.receive_message(lines["whatsapp"], said, at=NOW - timedelta(hours=hours))
    say(debtor, "sms")
    fail(lines["sms"])
    assert [answer.interaction.channel for answer in answers()] == channels


def test_a_failure_told_long_after_is_history(
    lines: dict[str, ChannelAccount], debtor: Customer
) -> None:
    arrived(debtor, "sms")
    message = say(debtor, "whatsapp")
    Interaction.objects.filter(pk=message.pk).update(
        status="failed", at=NOW - timedelta(days=5), sent_at=NOW - timedelta(days=5)
    )
    event = Event.objects.filter(subject_id=message.pk).latest("pk")
    subscribers.SUBSCRIPTIONS["message.failed"](event)
    assert answers() == []


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_feeds_it(lines: dict[str, ChannelAccount], debtor: Customer) -> None:
    arrived(debtor, "sms")
    say(debtor, "whatsapp")
    answered(lines["whatsapp"], Result(Outcome.REFUSED, code="x"))
    while dispatch.drain():
        pass
    assert len(answers()) == 1
