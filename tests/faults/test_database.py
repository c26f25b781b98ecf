"""Faults 11, 13, 14 and 15: the database goes away at the worst moment."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.utils import timezone

from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import SECRET, account
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, portfolio, queued, user
from acuerdo.customers.models import Customer
from acuerdo.customers.tests import factories as people
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.models import Debt
from acuerdo.ledger.tests.test_imports import many
from acuerdo.organization.models import Role
from acuerdo.primitives import clock, failpoints
from acuerdo.simulator import wires
from acuerdo.spreadsheets import processing, requests
from acuerdo.spreadsheets.tests.factories import checked
from tests.faults import dying, invariants, outside, passing, posting
from tests.faults.outside import Outside
from tests.faults.proxy import Faults, Proxy
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def connections_of_its_own() -> Iterator[None]:
    """What a failed test left behind spoils none of the others."""
    yield
    connections.close_all()


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def lose_the_connection() -> None:
    """What ``stop -m immediate`` does to the transaction that is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with outside.connect() as other:
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


@pytest.mark.parametrize(
    ("point", "before", "after"),
    [
        ("outbox.claiming", "scheduled", "sent"),
        ("outbox.claimed", "processing", "sent"),
        ("outbox.settling", "processing", "uncertain"),
    ],
)
def test_fault_11_database_stops_while_a_message_is_sent(
    fake: Fake, line: ChannelAccount, point: str, before: str, after: str
) -> None:
    message = queued(customer())
    with failpoints.armed(**{point.replace(".", "__"): lose_the_connection}):
        drain()
    connections.close_all()
    assert status(message) == before
    finish(fake)
    assert (status(message), len(fake.lines())) == (after, 1)


def test_fault_11_answer_is_written_down_once_the_database_is_back(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    left = [lose_the_connection]

    def lose_it_once() -> None:
        while left:
            left.pop()()

    with failpoints.armed(outbox__settling=lose_it_once):
        drain()
    connections.close_all()
    assert (status(message), len(fake.lines())) == ("sent", 1)
    finish(fake)
    assert len(fake.lines()) == 1


@pytest.mark.parametrize(("point", "upto"), [("import.writing", 0), ("import.written", 5_001)])
def test_fault_11_database_stops_during_an_import(point: str, upto: int) -> None:
    """Rows and cursor go together: whoever takes it up begins where the last one stood."""
    people.customer(portfolio(), document_number="A-1")
    run = requests.start_applying(checked("debts", many(5_003)))
    losing = failpoints.armed(**{point.replace(".", "__"): lose_the_connection})
    with losing, pytest.raises(OperationalError):
        processing.apply(run, at=NOW)
    connections.close_all()
    run.refresh_from_db()
    # The heading is a row of the file.
    assert (run.applied_rows, Debt.objects.count()) == (upto, max(0, upto - 1))


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


@pytest.mark.parametrize(
    ("place", "before"), [(1, "scheduled"), (2, "processing"), (3, "scheduled"), (4, "sent")]
)
def test_fault_13_turn_of_which_one_commit_is_not_heard_of(
    fake: Fake, line: ChannelAccount, place: int, before: str
) -> None:
    """Of looking for what was interrupted, of claiming, of beginning, of settling."""
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
        assert wire.cuts == 1
    assert (status(message), len(fake.lines())) == (before, int(before == "sent"))
    finish(fake)
    assert (status(message), len(fake.lines())) == ("sent", 1)


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

    with dying.child(partial(passing.work_from, NOW)), outside.connect() as other:
        for number in range(3):
            message = {"id": f"in-{number}", "from": phone_of(owner).value, "body": "Hola"}
            posting.notice(line, {"messages": [message]})
            deadline = time.monotonic() + 15
            while Message.objects.count() <= number:
                assert time.monotonic() < deadline, "nobody looked"
                _cut_listeners(other)
                time.sleep(0.05)


def _cut_listeners(other: Outside) -> None:
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
    )
