"""Faults 7, 22 to 30: the provider, or the wire to it, does everything but answer well."""

import os
import signal
import time
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import psycopg
import pytest
from django.db import connection

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.simulated.adapter import ADAPTER
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Attempt, Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock
from acuerdo.server import ports
from tests.faults import dying, invariants, passing, posting
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
    assert status(message) == "delivered"
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_07_worker_told_to_stop_while_it_sends(fake: Fake, line: ChannelAccount) -> None:
    """It settles what is answered in time, begins nothing more, and is gone in seconds."""
    messages = [queued(customer()) for _number in range(3)]
    fake.fault("late", seconds=0.5)

    with dying.child(partial(passing.work_from, NOW)) as pid:
        fake.wait_for(1)
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    assert time.monotonic() - began < 15
    gone = {status(message) for message in messages}
    assert gone <= {"sent", "processing", "scheduled", "not_sent"}
    assert invariants.check(fake.log, travelled=True, is_over=False) == []


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
    """Thirty seconds each for one; the other line's messages are gone long before."""
    slow = account("sms", url=fake.url)
    owner = customer()
    for _number in range(3):
        queued(owner, channel="sms")
    quick = [queued(customer()) for _number in range(20)]
    fake.fault("late", to=owner.contact_points.get(kind="phone").value, seconds=30)

    def work() -> None:
        for _turn in range(200):
            drain()
            time.sleep(0.05)

    with dying.child(work) as pid:
        deadline = time.monotonic() + 26
        while {status(message) for message in quick} != {"sent"}:
            assert time.monotonic() < deadline, "the quick line waited for the slow one"
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert slow.stopped_reason == ""


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
    chosen = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: chosen[name] for name in names}) as outside:
        row = outside.execute("SELECT count(*) FROM conversations_attempt").fetchone()
    return int(row[0]) if row else 0
