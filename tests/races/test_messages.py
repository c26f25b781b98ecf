"""Two hands on one message: it leaves once, or not at all, and nobody is told otherwise."""

from datetime import timedelta

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import delivery, outbox, uncertain
from acuerdo.conversations.tests.conftest import Provider, provider
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, queued, user
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role
from acuerdo.primitives import clock
from tests.races.racing import race

__all__ = ["provider"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(provider: Provider) -> ChannelAccount:
    return account(url=provider.url)


def drain() -> None:
    with clock.travel(NOW):
        delivery.drain()


def test_one_key_queues_one_message(line: ChannelAccount) -> None:
    owner = customer()
    race(*[lambda: queued(owner, idempotency_key="paso-1")] * 3)
    assert Message.objects.count() == 1


def test_a_message_is_cancelled_or_sent_and_not_both(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    outcome = race(lambda: outbox.cancel(message, by=None, at=NOW), drain)
    row = Interaction.objects.get(pk=message.pk)
    cancelled = row.status == "cancelled"
    assert len(provider.events()) == (0 if cancelled else 1)
    # Too late is refused, whether the worker was on its way or had come back.
    refused = (["ok", "stale_state"], ["move_not_allowed", "ok"])
    assert outcome == ["ok", "ok"] if cancelled else outcome in refused


def test_two_people_resolve_a_doubtful_message_once(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    provider.turn(answer="accept_then_cut")
    drain()
    who, later = user(Role.SUPERVISOR, portfolio()), NOW + timedelta(minutes=20)
    outcome = race(
        lambda: uncertain.send_again(message, by=who, at=later),
        lambda: uncertain.send_again(message, by=who, at=later),
        lambda: uncertain.count_as_sent(message, by=who, at=later),
    )
    assert outcome == ["ok", "stale_state", "stale_state"]
    assert Message.objects.count() <= 2
