"""A look-up that finds another message of ours is no proof of this one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from acuerdo.channels import registry
from acuerdo.channels.adapter import Outcome, Result
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import lookups
from acuerdo.conversations.tests.factories import NOW, answered, customer, phone_of, queued
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _provider() -> Iterator[None]:
    """It knows one message by each address: ``p-1``."""
    adapter: Any = registry.named("simulated")
    adapter.look_up = lambda *_asked: Result(Outcome.ACCEPTED, provider_id="p-1")
    yield
    del adapter.look_up


def statuses(*messages: Message) -> list[str]:
    with clock.travel(NOW + timedelta(minutes=1)):
        lookups.drain()
    return [Interaction.objects.get(pk=each.pk).status for each in messages]


def household() -> tuple[Customer, Customer]:
    """Two customers with one telephone."""
    first, second = customer(), customer()
    point = phone_of(first)
    ContactPoint.objects.filter(pk=phone_of(second).pk).update(value=point.value, key=point.key)
    return first, second


def test_message_that_was_named_before_proves_nothing_of_another() -> None:
    line, (one, other) = account("sms"), household()
    first = queued(one, channel="sms")
    answered(line, Result(Outcome.ACCEPTED, provider_id="p-1"))
    second = queued(other, channel="sms")
    answered(line, Result(Outcome.UNCERTAIN))
    assert statuses(first, second) == ["sent", "uncertain"]


def test_one_find_proves_neither_of_two_unknown_hand_overs() -> None:
    line = account("sms")
    twins = [queued(each, channel="sms") for each in household()]
    answered(line, Result(Outcome.UNCERTAIN))
    assert statuses(*twins) == ["uncertain", "uncertain"]


def test_what_stands_alone_is_proven() -> None:
    line, message = account("sms"), queued(customer(), channel="sms")
    answered(line, Result(Outcome.UNCERTAIN))
    assert statuses(message) == ["sent"]
