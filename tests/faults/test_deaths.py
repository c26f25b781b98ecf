"""Faults 1 to 4, 6, 7 and 42: whoever sends dies, or sleeps, at the worst moment."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from acuerdo.channels import registry, sending
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Attempt, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import claiming, delivery, outbox, packing, settling
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock, failpoints
from tests.faults import dying, invariants, posting
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def end_leases() -> None:
    Outgoing.objects.filter(lease_until__isnull=False).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def recover_and_try_again(fake: Fake) -> None:
    """The lease ends, the next worker finds it, and days go by; then everything must hold."""
    end_leases()
    drain()
    drain(timedelta(days=2))
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_01_worker_killed_between_claim_and_hand_over(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    dying.dies_at("outbox.claimed", drain)
    assert (status(message), Attempt.objects.count()) == ("processing", 0)
    recover_and_try_again(fake)
    assert (status(message), len(fake.lines())) == ("sent", 1)


def test_fault_01_worker_killed_between_its_note_and_the_hand_over(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    dying.dies_at("outbox.begun", drain)
    assert (status(message), Attempt.objects.count()) == ("processing", 1)
    recover_and_try_again(fake)
    assert (status(message), fake.lines()) == ("uncertain", [])


def test_fault_05_only_what_was_begun_becomes_uncertain(fake: Fake, line: ChannelAccount) -> None:
    people = [customer() for _number in range(120)]
    outbox.queue_many([outbox.Draft(who, "whatsapp", "Hola", "manual") for who in people], at=NOW)
    fake.fault("late", seconds=0.1)
    dying.killed_when(lambda: fake.wait_for(30), drain)
    begun = Attempt.objects.filter(outcome="").count()
    assert 0 < begun <= 3 * registry.adapter(line).concurrency
    fake.forget()
    end_leases()
    while drain():
        pass
    assert Interaction.objects.filter(status="uncertain").count() == begun
    assert Interaction.objects.filter(status="sent").count() == len(people) - begun
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_01_worker_killed_before_its_claim_is_committed(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    dying.dies_at("outbox.claiming", drain)
    assert (status(message), Attempt.objects.count()) == ("scheduled", 0)
    drain()
    assert (status(message), len(fake.lines())) == ("sent", 1)
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_02_worker_killed_after_the_bytes_left(fake: Fake, line: ChannelAccount) -> None:
    message = queued(customer())
    fake.fault("hang")
    dying.killed_when(lambda: fake.wait_for(1), drain)
    recover_and_try_again(fake)
    (sent,) = fake.lines()
    assert (status(message), Attempt.objects.get().token) == ("uncertain", sent["token"])
    assert posting.status(line, sent, "delivered") == 200
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()
    assert (status(message), Attempt.objects.get().outcome) == ("delivered", "accepted")


def test_fault_03_worker_killed_between_answer_and_settling(
    fake: Fake, line: ChannelAccount
) -> None:
    messages = [queued(customer()) for _number in range(3)]
    dying.dies_at("outbox.answered", drain)
    recover_and_try_again(fake)
    assert {status(message) for message in messages} == {"uncertain"}
    assert len(fake.lines()) == 3


def test_fault_03_worker_killed_inside_the_settling_transaction(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    dying.dies_at("outbox.settling", drain)
    recover_and_try_again(fake)
    assert (status(message), len(fake.lines())) == ("uncertain", 1)


def test_fault_04_worker_killed_after_settling(fake: Fake, line: ChannelAccount) -> None:
    message = queued(customer())
    dying.dies_at("outbox.settled", drain)
    assert (status(message), Outgoing.objects.count()) == ("sent", 0)
    recover_and_try_again(fake)
    assert (status(message), len(fake.lines())) == ("sent", 1)


def test_fault_06_sleeper_wakes_with_an_old_claim(fake: Fake, line: ChannelAccount) -> None:
    """Stopped in the middle of an exchange for longer than its lease, then woken."""
    message = queued(customer())
    fake.fault("late", seconds=1.0)
    with dying.child(drain) as pid:
        fake.wait_for(1)
        os.kill(pid, signal.SIGSTOP)
        end_leases()
        drain()
        assert status(message) == "uncertain"
        os.kill(pid, signal.SIGCONT)
        os.waitpid(pid, 0)
    # What it brought back is evidence: the message did leave, and leaves no more.
    assert status(message) == "sent"
    recover_and_try_again(fake)
    assert len(fake.lines()) == 1


def test_fault_06_sleeper_that_had_not_sent_yet_sends_nothing_twice(
    fake: Fake, line: ChannelAccount
) -> None:
    """It wakes before its hand-over, long after another worker took its message."""
    message = queued(customer())
    batch = claiming.claim(line, at=NOW)
    end_leases()
    drain()
    assert status(message) == "sent"
    parcels = [packing.parcel(row) for row in batch.claimed]
    with clock.travel(NOW):
        sending.hand_over(line, parcels, delivery.Turn(line, batch))
    assert status(message) == "sent"
    recover_and_try_again(fake)
    assert len(fake.lines()) == 1


def test_fault_42_two_sweepers_and_two_senders_at_once(fake: Fake, line: ChannelAccount) -> None:
    people = [customer() for _number in range(30)]
    outbox.queue_many([outbox.Draft(who, "whatsapp", "Hola", "manual") for who in people], at=NOW)
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
    Outgoing.objects.filter(pk__in=Outgoing.objects.values("pk")[:15]).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )

    def work(number: int) -> int:
        try:
            return settling.recover(at=NOW) if number % 2 else drain()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    assert Interaction.objects.filter(status="uncertain").count() == 15
    assert Attempt.objects.exclude(outcome="").count() == 15
    assert invariants.check(fake.log, travelled=True, is_over=False) == []


def test_fault_31_status_that_comes_before_the_answer(fake: Fake, line: ChannelAccount) -> None:
    """The provider tells of a message whose hand-over has not been settled yet."""
    message = queued(customer())
    told: list[int] = []

    def tell() -> None:
        (sent,) = fake.wait_for(1)
        told.append(posting.status(line, sent, "delivered"))
        inbound.drain()

    with failpoints.armed(outbox__answered=tell):
        drain()
    assert told == [200]
    with clock.travel(timezone.now() + timedelta(minutes=1)):
        inbound.drain()
    assert (status(message), Message.objects.count()) == ("delivered", 1)
