"""Faults 11, 13, 14 and 15: the database goes away at the worst moment."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.utils import timezone

from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import SECRET, account
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued, user
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role
from acuerdo.primitives import clock, failpoints
from acuerdo.simulator import wires
from tests.faults import dying, invariants, passing, posting
from tests.faults.proxy import Faults, Proxy
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def outside() -> "psycopg.Connection[tuple[object, ...]]":
    chosen = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: chosen[name] for name in names}, autocommit=True)


def lose_the_connection() -> None:
    """What ``stop -m immediate`` does to the transaction that is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with outside() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    time.sleep(0.05)


def finish(fake: Fake) -> None:
    """The database is back: the lease ends, and time goes by."""
    connections.close_all()
    Outgoing.objects.filter(lease_until__isnull=False).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    for minutes in (0, 1, 30, 2880):
        drain(timedelta(minutes=minutes))
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("point", ["outbox.claiming", "outbox.claimed", "outbox.settling"])
def test_fault_11_database_stops_while_a_message_is_sent(
    fake: Fake, line: ChannelAccount, point: str
) -> None:
    message = queued(customer())
    with failpoints.armed(**{point.replace(".", "__"): lose_the_connection}):
        drain()
    finish(fake)
    assert len(fake.lines()) <= 1
    assert Interaction.objects.get(pk=message.pk).status in {"sent", "uncertain"}


def test_fault_11_database_stops_while_a_notice_is_stored() -> None:
    line, owner = account(), customer()
    message = {"id": "in-1", "from": phone_of(owner).value, "body": "Hola"}
    signed = wires.signed_simulated({"messages": [message]}, SECRET)
    client = Client(raise_request_exception=False)
    headers = {"X-Acuerdo-Signature": signed.headers["X-Acuerdo-Signature"]}
    with failpoints.armed(webhook__storing=lose_the_connection):
        answer = client.post(
            f"/webhooks/{line.key}/", signed.body, content_type="application/json", headers=headers
        )
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    connections.close_all()
    assert WebhookReceipt.objects.count() == 0
    assert posting.raw(line, signed.body, signed.headers) == 200
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()
    assert Message.objects.count() == 1


@contextmanager
def through(wire: Proxy) -> Iterator[None]:
    """This process's connections go through ``wire``, unencrypted so that it can read them."""
    chosen = connection.settings_dict
    before, options = dict(chosen), dict(chosen["OPTIONS"])
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    chosen["HOST"], chosen["PORT"] = "127.0.0.1", wire.port
    chosen["OPTIONS"] = options | {"sslmode": "disable"}
    try:
        yield
    finally:
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]
        chosen.update(before)


def cut_in_commit(times: int) -> Callable[[bytes], bool]:
    """The connection dies while the answer to a COMMIT is on its way: was it done?"""
    left = [times]

    def cuts(chunk: bytes) -> bool:
        if b"COMMIT" not in chunk or not left[0]:
            return False
        left[0] -= 1
        return True

    return cuts


def database_port() -> int:
    return int(connection.settings_dict["PORT"] or 5432)


def test_fault_13_form_whose_commit_nobody_heard_of_makes_one_message() -> None:
    account()
    owner = customer()

    def queue() -> Message:
        return outbox.queue_message(
            owner,
            at=NOW,
            channel="whatsapp",
            body="Hola",
            origin="manual",
            idempotency_key="form-1",
        )

    with Proxy(database_port()) as wire, through(wire):
        Customer.objects.count()
        wire.faults = Faults(when=cut_in_commit(1))
        with pytest.raises(OperationalError):
            queue()
        assert wire.cuts == 1
    again = queue()
    assert (Message.objects.count(), Message.objects.get().pk) == (1, again.pk)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_fault_13_claim_or_settling_whose_commit_nobody_heard_of(
    fake: Fake, line: ChannelAccount, place: int
) -> None:
    message = queued(customer())
    cut = cut_in_commit(1)
    seen = iter(range(1, 100))

    def cuts(chunk: bytes) -> bool:
        return b"COMMIT" in chunk and next(seen) >= place and cut(chunk)

    with Proxy(database_port()) as wire, through(wire):
        Customer.objects.count()
        wire.faults = Faults(when=cuts)
        try:
            drain()
        except OperationalError:
            connections.close_all()
    finish(fake)
    assert len(fake.lines()) <= 1
    assert Interaction.objects.get(pk=message.pk).status in {"sent", "uncertain"}


@contextmanager
def every_connection_taken() -> Iterator[None]:
    """As many held connections as this process may have."""
    connection.settings_dict["OPTIONS"]["pool"]["timeout"] = 0.5
    free, held = threading.Event(), threading.Barrier(9)

    def hold() -> None:
        connection.ensure_connection()
        held.wait(10)
        free.wait(30)
        connection.close()

    threads = [threading.Thread(target=hold) for _number in range(8)]
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    for thread in threads:
        thread.start()
    held.wait(10)
    try:
        yield
    finally:
        free.set()
        for thread in threads:
            thread.join()
        connection.settings_dict["OPTIONS"]["pool"]["timeout"] = 10


def test_fault_14_no_connection_left_is_said_and_nothing_is_lost() -> None:
    line, owner = account(), customer()
    signed = wires.signed_simulated(
        {"messages": [{"id": "in-1", "from": phone_of(owner).value, "body": "Hola"}]}, SECRET
    )
    client = Client(raise_request_exception=False)
    headers = {"X-Acuerdo-Signature": signed.headers["X-Acuerdo-Signature"]}
    path = f"/webhooks/{line.key}/"
    with every_connection_taken():
        answer = client.post(path, signed.body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert posting.raw(line, signed.body, signed.headers) == 200
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()
    assert Conversation.objects.get(pk=owner.pk).unanswered == 1


def test_fault_14_database_that_refuses_to_write_says_so(fake: Fake, line: ChannelAccount) -> None:
    """As after a fail-over, or with a full disk: it answers, but takes nothing."""
    owner, who = customer(), user(Role.ADMINISTRATOR)
    client = Client(raise_request_exception=False)
    client.force_login(who)
    fields = {"channel": "whatsapp", "body": "Hola", "key": "a-form-of-the-page"}
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        with clock.travel(NOW):
            answer = client.post(f"/conversaciones/{owner.pk}/mensajes/", fields)
    finally:
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]
    assert (answer.status_code, Message.objects.count()) == (503, 0)


def test_fault_15_worker_that_lost_its_bell_looks_by_itself(
    fake: Fake, line: ChannelAccount
) -> None:
    """Its listening connection is cut, again and again: what arrives is handled within seconds."""
    owner = customer()

    with dying.child(partial(passing.work_from, NOW)), outside() as other:
        for number in range(3):
            message = {"id": f"in-{number}", "from": phone_of(owner).value, "body": "Hola"}
            posting.notice(line, {"messages": [message]})
            deadline = time.monotonic() + 15
            while Message.objects.count() <= number:
                assert time.monotonic() < deadline, "nobody looked"
                _cut_listeners(other)
                time.sleep(0.05)


def _cut_listeners(other: "psycopg.Connection[tuple[object, ...]]") -> None:
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
    )
