"""Never more than the provider allows, and a pause when it asks for one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from acuerdo.channels import accounts, pacing, registry
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message, Outgoing
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db(transaction=True)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def busiest_second(provider: Provider) -> int:
    moments: list[float] = sorted(event["at"] for event in provider.events())
    return max(sum(start <= other < start + 1 for other in moments) for start in moments)


def test_two_workers_keep_the_pace_of_the_account_together(provider: Provider) -> None:
    account(url=provider.url, per_second=10)
    people = [customer() for _ in range(24)]
    outbox.queue_many([outbox.Draft(who, "whatsapp", "Hola", "manual") for who in people], at=NOW)

    def work(_number: int) -> None:
        try:
            while Outgoing.objects.exists():
                drain()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert len({event["to"] for event in provider.events()}) == len(provider.events()) == 24
    assert busiest_second(provider) <= 10


def test_slots_of_two_callers_follow_each_other() -> None:
    line = account(per_second=4)
    first, second = pacing.reserve(line, 2), pacing.reserve(line, 1)
    assert first is not None
    assert second is not None
    assert second - first == pytest.approx(2 * pacing.spacing(line), abs=0.05)
    pacing.reserve(line, 4)
    assert pacing.reserve(line, 1) is None, "a second ahead is enough"


def test_busy_provider_holds_the_account_and_costs_no_try(provider: Provider) -> None:
    line = account(url=provider.url)
    message = queued(customer())
    provider.turn(answer="429", retry_after=40)
    drain()
    line.refresh_from_db()
    assert (status(message), Outgoing.objects.get().tries) == ("scheduled", 0)
    assert line.paced_until
    assert line.paced_until - timezone.now() > timedelta(seconds=39)
    provider.turn(answer="ok")
    assert drain(timedelta(hours=1)) == 0
    ChannelAccount.objects.update(paced_until=timezone.now())
    assert drain(timedelta(hours=1)) == 1
    line.refresh_from_db()
    assert (status(message), line.throttles) == ("sent", 0)


def test_each_refusal_in_a_row_doubles_the_pause() -> None:
    line = account()
    pauses = []
    for _number in range(4):
        ChannelAccount.objects.update(paced_until=None)
        pacing.hold(line)
        line.refresh_from_db()
        assert line.paced_until
        pauses.append((line.paced_until - timezone.now()).total_seconds())
    for place, seconds in enumerate(pauses):
        assert 4.9 * 2**place < seconds < 6.3 * 2**place


def test_one_burst_of_refusals_is_one_step() -> None:
    line = account()
    for _number in range(5):
        pacing.hold(line)
    line.refresh_from_db()
    assert line.throttles == 1


def test_recipient_that_has_to_wait_holds_back_nobody_else(provider: Provider) -> None:
    line = account(url=provider.url)
    message = queued(customer())
    provider.turn(answer="pair")
    drain()
    provider.turn(answer="ok")
    line.refresh_from_db()
    other = queued(customer())
    drain()
    assert (status(message), status(other), line.paced_until) == ("scheduled", "sent", None)
    drain(timedelta(minutes=1))
    assert status(message) == "sent"


@pytest.fixture
def pairs() -> Iterator[None]:
    adapter = registry.named("simulated")
    adapter.pair_seconds = 6.0  # type: ignore[attr-defined]
    yield
    del adapter.pair_seconds  # type: ignore[attr-defined]


@pytest.mark.usefixtures("pairs")
def test_messages_to_one_address_keep_their_distance(provider: Provider) -> None:
    account(url=provider.url)
    owner, other = customer(), customer()
    messages = [queued(owner) for _number in range(3)]
    stranger = queued(other)
    drain()
    assert [status(each) for each in messages] == ["sent", "scheduled", "scheduled"]
    assert status(stranger) == "sent"
    assert [row.due_at - NOW for row in Outgoing.objects.order_by("due_at")] == [
        timedelta(seconds=6),
        timedelta(seconds=12),
    ]
    fresh = queued(owner)
    drain(timedelta(seconds=5))
    assert Outgoing.objects.get(pk=fresh.pk).due_at == NOW + timedelta(seconds=6)
    assert {event["to"] for event in provider.events()} == {
        phone_of(owner).value,
        phone_of(other).value,
    }


def test_revoked_key_stops_the_account_once_and_holds_the_rest(provider: Provider) -> None:
    line = account(url=provider.url)
    messages = [queued(customer()) for _number in range(40)]
    provider.turn(answer="revoked")
    drain()
    drain()
    line.refresh_from_db()
    assert line.stopped_reason == "La clave fue revocada."
    assert Event.objects.filter(type="channel.stopped").count() == 1
    assert len(provider.events("not_accepted")) < 40
    assert {status(message) for message in messages} == {"scheduled"}
    provider.turn(answer="ok")
    accounts.resume(line)
    while drain():
        pass
    assert {status(message) for message in messages} == {"sent"}
    assert len(provider.events()) == 40
