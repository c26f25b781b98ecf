"""Faults 7, 22 to 30: the provider, or the wire to it, does everything but answer well."""

import os
import signal
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.simulated.adapter import ADAPTER
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Attempt, Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock
from acuerdo.server import ports
from tests.faults import dying, invariants, outside, passing, posting
from tests.faults.proxy import Faults, Proxy
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def settle_by_notice(fake: Fake, line: ChannelAccount) -> None:
    (sent,) = fake.lines()
    assert posting.status(line, sent, "delivered") == 200
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()


def must_be_uncertain_until_the_notice(fake: Fake, line: ChannelAccount, message: Message) -> None:
    assert status(message) == "uncertain"
    drain(timedelta(days=2))
    assert len(fake.lines()) == 1
    settle_by_notice(fake, line)
    assert (status(message), Attempt.objects.get().outcome) == ("delivered", "accepted")
    assert invariants.check(fake.log, travelled=True) == []


def stopped_while_it_sends(fake: Fake) -> float:
    """A whole worker is told to stop once the provider has something: the seconds it took."""
    with dying.child(partial(passing.work_from, NOW)) as pid:
        fake.wait_for(1)
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    return time.monotonic() - began


def test_fault_07_worker_told_to_stop_while_it_sends(fake: Fake, line: ChannelAccount) -> None:
    """It settles what is answered in time, begins nothing more, and is gone in seconds."""
    people = [customer() for _number in range(150)]
    outbox.queue_many([outbox.Draft(who, "whatsapp", "Hola", "manual") for who in people], at=NOW)
    fake.fault("late", seconds=0.6)
    assert stopped_while_it_sends(fake) < 15
    counted = Counter(Interaction.objects.filter(kind="message").values_list("status", flat=True))
    left = len(fake.lines())
    assert counted == {"sent": left, "scheduled": len(people) - left}
    # So many are claimed by the first turn, which then knows nothing of the provider's pace.
    assert left < 4 * ADAPTER.concurrency
    assert invariants.check(fake.log, travelled=True, is_over=False) == []


def test_fault_07_worker_does_not_wait_for_a_provider_that_hangs(
    fake: Fake, line: ChannelAccount
) -> None:
    """What had left by then is for its lease to tell."""
    message = queued(customer())
    fake.fault("hang")
    assert stopped_while_it_sends(fake) < 15
    assert (status(message), len(fake.lines())) == ("processing", 1)


def test_fault_22_answer_is_swallowed_by_the_wire(fake: Fake) -> None:
    with Proxy(fake.port) as wire:
        wire.faults = Faults(answer_cut=0)
        line = account(url=f"http://127.0.0.1:{wire.port}")
        message = queued(customer())
        drain()
        must_be_uncertain_until_the_notice(fake, line, message)


def test_fault_23_answer_comes_after_we_stopped_waiting(
    fake: Fake, line: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ADAPTER.wire, "timeout", 0.3)
    message = queued(customer())
    fake.fault("late", seconds=1.0)
    drain()
    must_be_uncertain_until_the_notice(fake, line, message)


@pytest.mark.parametrize("mode", ["half", "html", "shape", "cut"])
def test_fault_24_answer_that_nobody_can_read(fake: Fake, line: ChannelAccount, mode: str) -> None:
    message = queued(customer())
    fake.fault(mode)
    drain()
    must_be_uncertain_until_the_notice(fake, line, message)


@pytest.mark.parametrize("mode", ["500", "502", "503", "504"])
def test_fault_25_server_error_after_it_took_the_message(
    fake: Fake, line: ChannelAccount, mode: str
) -> None:
    message = queued(customer())
    fake.fault(mode)
    drain()
    must_be_uncertain_until_the_notice(fake, line, message)


def test_fault_26_busy_provider_is_left_alone_as_long_as_it_asks(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    fake.fault("429", times=1, retry_after=600)
    passing.drain_at(NOW, (0, 1, 5, 9))
    assert (status(message), fake.lines()) == ("scheduled", [])
    passing.drain_at(NOW + timedelta(minutes=9), (0, 5, 10, 20))
    assert (status(message), len(fake.lines())) == ("sent", 1)
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("mode", ["429", "busy"])
def test_fault_26_busy_provider_without_a_word_when(
    fake: Fake, line: ChannelAccount, mode: str
) -> None:
    message = queued(customer(), not_after=NOW + timedelta(hours=2))
    fake.fault(mode, times=2)
    passing.drain_at(NOW, (0, 0, 2, 4, 30))
    assert status(message) == "sent"
    assert (len(fake.lines("not_accepted")), len(fake.lines())) == (2, 1)


def test_fault_26_busy_until_the_window_is_over(fake: Fake, line: ChannelAccount) -> None:
    message = queued(customer(), not_after=NOW + timedelta(minutes=10))
    fake.fault("429")
    passing.drain_at(NOW, range(0, 30, 3))
    row = Interaction.objects.get(pk=message.pk)
    assert row.status == "not_sent"
    assert row.reason in {"429", "too_late"}
    assert fake.lines() == []


def test_fault_27_revoked_token_stops_the_channel_at_once(fake: Fake, line: ChannelAccount) -> None:
    messages = [queued(customer()) for _number in range(40)]
    fake.fault("revoked")
    passing.drain_at(NOW, (0, 1, 20))
    line.refresh_from_db()
    assert line.stopped_reason
    # Those already in the air when the first was refused may have been told so too.
    assert 1 <= len(fake.lines("not_accepted")) <= 40
    assert {status(message) for message in messages} == {"scheduled"}
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_28_permanent_error_fails_with_its_reason(fake: Fake, line: ChannelAccount) -> None:
    message = queued(customer())
    fake.fault("refuse", code="131026")
    drain()
    drain(timedelta(days=1))
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("failed", "131026")
    assert len(fake.lines("not_accepted")) == 1
    assert invariants.check(fake.log, travelled=True) == []


class NotTls(BaseHTTPRequestHandler):
    """Speaks plain HTTP where TLS was wanted."""


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "refused", "tls"])
def test_fault_29_provider_that_cannot_be_reached(fake: Fake, url: str) -> None:
    server = HTTPServer(("127.0.0.1", 0), NotTls)
    Thread(target=server.serve_forever, daemon=True).start()
    urls = {
        "refused": f"http://127.0.0.1:{ports.any_free()}",
        "tls": f"https://127.0.0.1:{server.server_port}",
    }
    line = account(url=urls.get(url, url))
    message = queued(customer())
    drain()
    server.shutdown()
    server.server_close()
    assert (status(message), Attempt.objects.get().outcome) == ("scheduled", "not_taken")
    line.config = {"url": fake.url}
    line.save()
    drain(timedelta(minutes=5))
    assert (status(message), len(fake.lines())) == ("sent", 1)


def test_fault_30_slow_provider_keeps_only_its_own_channel_waiting(
    fake: Fake, line: ChannelAccount
) -> None:
    """Every thread of one waits for its provider; what the other is asked for then leaves."""
    account("sms", url=fake.url)
    busy = ADAPTER.concurrency
    for _number in range(2 * busy):
        queued(customer(), channel="sms")
    fake.fault("late", times=busy, seconds=30)

    def work() -> None:
        while True:
            drain()
            time.sleep(0.05)

    with dying.child(work) as pid:
        fake.wait_for(busy)
        quick = [queued(customer()) for _number in range(20)]
        deadline = time.monotonic() + 10
        while {status(message) for message in quick} != {"sent"}:
            assert time.monotonic() < deadline, "the quick line waited for the slow one"
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_attempt_is_committed_before_the_provider_hears_of_it(fake: Fake) -> None:
    """The judge's third rule, asked at the very moment: by another connection, on arrival."""
    seen: list[int] = []

    def look(chunk: bytes) -> bool:
        if b"POST /messages" in chunk or b'"token"' in chunk:
            seen.append(_attempts_seen_from_outside())
        return False

    with Proxy(fake.port) as wire:
        wire.faults = Faults(when=look)
        account(url=f"http://127.0.0.1:{wire.port}")
        queued(customer())
        drain()
    assert seen
    assert set(seen) == {1}


def _attempts_seen_from_outside() -> int:
    with outside.connect() as other:
        row = other.execute("SELECT count(*) FROM conversations_attempt").fetchone()
    return int(str(row[0])) if row else 0
