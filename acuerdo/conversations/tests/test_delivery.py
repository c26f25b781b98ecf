"""The send protocol against a real process: its log says what left, and how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from acuerdo.channels import accounts, sending
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.models import Attempt, Conversation, Message, Outgoing
from acuerdo.conversations.sending import claiming, delivery, outbox, settling
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.customers import pauses
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import promises
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(provider: Provider) -> ChannelAccount:
    return account(url=provider.url)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def test_due_message_leaves_once(provider: Provider, line: ChannelAccount) -> None:
    owner = customer()
    message = queued(owner, body="Hola, Ana")
    assert [drain(), drain()] == [1, 0]
    (sent,) = provider.events()
    assert (sent["to"], sent["body"]) == (phone_of(owner).value, "Hola, Ana")
    message.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (status(message), message.provider_id) == ("sent", sent["id"])
    assert (attempt.token, attempt.outcome) == (sent["token"], "accepted")
    assert Conversation.objects.get().last_status == "sent"
    assert Event.objects.filter(type="message.sent", subject_id=message.pk).count() == 1
    assert not Outgoing.objects.exists()


def test_message_of_tomorrow_waits(provider: Provider, line: ChannelAccount) -> None:
    queued(customer(), due_at=NOW + timedelta(days=1))
    assert drain() == 0
    assert drain(timedelta(days=1)) == 1
    assert len(provider.events()) == 1


def test_two_workers_at_once_send_each_message_once(
    provider: Provider, line: ChannelAccount
) -> None:
    people = [customer() for _ in range(40)]
    outbox.queue_many([outbox.Draft(who, "whatsapp", "Hola", "manual") for who in people], at=NOW)

    def work(_number: int) -> int:
        try:
            return drain() + drain()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 40
    tokens = [event["token"] for event in provider.events()]
    addresses = [event["to"] for event in provider.events()]
    assert len(tokens) == len(set(tokens)) == len(set(addresses)) == 40


@pytest.mark.parametrize("knob", ["accept_then_500", "accept_then_cut", "cut"])
def test_unclear_answer_is_uncertain_and_never_sent_again(
    provider: Provider, line: ChannelAccount, knob: str
) -> None:
    message = queued(customer())
    provider.turn(answer=knob)
    drain()
    provider.turn(answer="ok")
    assert drain(timedelta(days=2)) == 0
    assert status(message) == "uncertain"
    assert len(provider.events()) == (0 if knob == "cut" else 1)
    assert Event.objects.filter(type="message.uncertain").count() == 1


def test_refused_message_fails_with_the_providers_words(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    provider.turn(answer="refuse")
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason, row.reason_text) == (
        "failed",
        "refused",
        "El número no existe.",
    )


def test_absent_provider_is_tried_until_it_is_too_late() -> None:
    account(url="http://127.0.0.1:9")
    message = queued(customer(), not_after=NOW + timedelta(minutes=1))
    drain()
    assert status(message) == "scheduled"
    drain(timedelta(seconds=40))
    drain(timedelta(minutes=5))
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("not_sent", "unreachable")
    assert not Outgoing.objects.exists()


def end_leases() -> None:
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_worker_that_died_before_it_began_leaves_a_message_that_is_due(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    claiming.claim(line, at=NOW)
    drain()
    assert status(message) == "processing"
    end_leases()
    drain()
    assert (status(message), len(provider.events())) == ("sent", 1)
    assert Attempt.objects.get().outcome == "accepted"


def test_worker_that_died_after_it_began_leaves_an_uncertain_message(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    begun(line)
    end_leases()
    drain()
    assert status(message) == "uncertain"
    assert Attempt.objects.get().outcome == "uncertain"
    assert provider.events() == []


def begun(line: ChannelAccount) -> claiming.Batch:
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    tokens, _first = claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
    assert tokens == {row.token for row in batch.claimed}
    return batch


def test_claim_that_was_lost_can_begin_nothing(line: ChannelAccount) -> None:
    message = queued(customer())
    batch = claiming.claim(line, at=NOW)
    end_leases()
    settling.recover(at=NOW)
    other = begun(line)
    assert batch.lease
    assert claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW) == (set(), 0.0)
    claiming.give_back([message.pk], lease=batch.lease, at=NOW)
    assert (status(message), Attempt.objects.get().token) == (
        "processing",
        other.claimed[0].token,
    )


def test_address_that_moved_to_somebody_else_is_not_written_to(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    message.contact_point = phone_of(Customer.objects.get())
    ContactPoint.objects.filter(pk=message.contact_point.pk).update(customer=customer())
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("not_sent", "address_unusable")
    assert provider.events() == []


def pause(owner: Customer) -> None:
    pauses.pause(owner, until=NOW.date() + timedelta(days=5), by=None, at=NOW)


def test_pause_begun_after_queueing_stops_the_automatic_message(
    provider: Provider, line: ChannelAccount
) -> None:
    owner = customer()
    message = queued(owner, origin="flow")
    pause(owner)
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("not_sent", "paused")
    assert Event.objects.get(type="message.not_sent").data["reason"] == "paused"


def test_message_past_its_window_is_not_sent(provider: Provider, line: ChannelAccount) -> None:
    message = queued(customer(), not_after=NOW + timedelta(hours=1))
    drain(timedelta(hours=2))
    assert status(message) == "not_sent"
    assert provider.events() == []


def test_paused_sending_holds_everything(provider: Provider, line: ChannelAccount) -> None:
    queued(customer())
    settings.pause_sending("copia restaurada", at=NOW)
    assert drain() == 0
    settings.release_sending()
    assert drain() == 1


def test_stopped_account_holds_its_messages(provider: Provider, line: ChannelAccount) -> None:
    queued(customer())
    accounts.stop(line, reason="sin saldo")
    assert drain() == 0
    accounts.resume(line)
    assert drain() == 1


def test_cancelled_message_never_leaves(provider: Provider, line: ChannelAccount) -> None:
    outbox.cancel(queued(customer()), by=None, at=NOW)
    assert drain() == 0
    assert provider.events() == []


def test_promise_holds_the_flow_but_not_its_confirmation(
    provider: Provider, line: ChannelAccount
) -> None:
    owner = customer()
    promises.register(
        owner,
        amount=Money(Decimal(50), "PEN"),
        due_on=NOW.date() + timedelta(days=3),
        by=None,
        at=NOW,
    )
    flow, event = queued(owner, origin="flow"), queued(owner, origin="event")
    drain()
    assert Interaction.objects.get(pk=flow.pk).reason == "promise_pending"
    assert status(event) == "sent"


def test_message_outside_the_hours_waits_for_the_morning(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer(), origin="flow")
    drain(timedelta(hours=12))
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("scheduled", "closed_hours")
    assert Event.objects.get(type="message.held").data["reason"] == "closed_hours"
    assert Outgoing.objects.get().due_at == row.at
    assert row.at > NOW + timedelta(hours=12)
    drain(row.at - NOW)
    assert status(message) == "sent"


def test_opted_out_customer_gets_nothing(provider: Provider, line: ChannelAccount) -> None:
    owner = customer()
    message = queued(owner, origin="flow")
    opt_outs.record(owner, channel="whatsapp", source="BAJA", by=None, at=NOW)
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("not_sent", "opted_out")
    assert provider.events() == []


def test_cap_counts_messages_of_one_batch(provider: Provider, line: ChannelAccount) -> None:
    """Whatever the pack of the country allows a day, one batch cannot go beyond it."""
    owner = customer()
    for _ in range(30):
        queued(owner, origin="flow")
    drain()
    sent = Interaction.objects.filter(status="sent").count()
    assert 0 < sent == len(provider.events()) < 30
    assert Interaction.objects.filter(reason="cap_reached").count() == 30 - sent


def test_turn_that_never_came_is_no_try(line: ChannelAccount) -> None:
    message = queued(customer())
    for _number in range(settling.TRIES + 1):
        batch = begun(line)
        settling.settle([(row, sending.UNDEPARTED) for row in batch.claimed], at=NOW)
    assert (status(message), Outgoing.objects.get().tries) == ("scheduled", 0)


def test_account_with_lost_keys_keeps_its_messages_and_holds_back_nobody(
    provider: Provider, line: ChannelAccount
) -> None:
    broken = account("sms", url=provider.url)
    ChannelAccount.objects.filter(pk=broken.pk).update(secrets="sealed elsewhere")
    strange = account("email", url=provider.url)
    ChannelAccount.objects.filter(pk=strange.pk).update(adapter="gone")
    kept, lost, sent = (queued(customer(), channel=name) for name in ("sms", "email", "whatsapp"))
    drain()
    assert [status(kept), status(lost), status(sent)] == ["scheduled", "scheduled", "sent"]


class OddProvider(BaseHTTPRequestHandler):
    """Refuses in words that no table holds."""

    def do_POST(self) -> None:
        self.send_response(400)
        self.end_headers()
        self.wfile.write(b'{"code": "a\\u0000b", "detail": "\\ud800"}')

    def log_message(self, *_words: object) -> None:
        """Silent."""


def test_words_that_no_table_holds_spoil_nothing() -> None:
    server = HTTPServer(("127.0.0.1", 0), OddProvider)
    Thread(target=server.serve_forever, daemon=True).start()
    account(url=f"http://127.0.0.1:{server.server_port}")
    message = queued(customer())
    drain()
    server.shutdown()
    server.server_close()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("failed", "ab")
