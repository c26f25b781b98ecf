"""From the request of a provider to the conversation."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from acuerdo.channels import receipts
from acuerdo.channels.adapter import Outcome, Result
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import SECRET, account
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import claiming, settling
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.tests.factories import user
from acuerdo.primitives import clock, signing

pytestmark = pytest.mark.django_db


def post(line: ChannelAccount, content: object, *, secret: str = SECRET) -> int:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signature = "sha256=" + signing.hmac_sha256(secret, body)
    return (
        Client()
        .post(
            f"/webhooks/{line.key}/",
            body,
            content_type="application/json",
            headers={"X-Acuerdo-Signature": signature},
        )
        .status_code
    )


def written(owner: Customer, body: str = "Ya pagué", id_: str = "in-1") -> dict[str, object]:
    return {"messages": [{"id": id_, "from": phone_of(owner).value, "body": body}]}


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + timedelta(days=3000) + after):
        return inbound.drain()


def test_message_of_a_customer_waits_in_bold() -> None:
    line, owner = account(), customer()
    assert post(line, written(owner)) == 200
    assert drain() == 1
    row = Conversation.objects.get(pk=owner.pk)
    assert (row.unanswered, row.preview, row.last_direction) == (1, "Ya pagué", "incoming")
    assert row.pending_since is not None
    event = Event.objects.get(type="message.received")
    assert (event.customer_id, event.data["portfolio_id"]) == (owner.pk, owner.portfolio_id)
    assert "Ya pagué" not in json.dumps(event.data)


def test_two_messages_count_and_keep_the_first_moment() -> None:
    line, owner = account(), customer()
    post(line, written(owner))
    drain()
    first = Conversation.objects.get().pending_since
    post(line, written(owner, "¿Hola?", "in-2"))
    drain()
    row = Conversation.objects.get()
    assert (row.unanswered, row.pending_since, row.preview) == (2, first, "¿Hola?")


def test_message_sent_twice_by_the_provider_is_one() -> None:
    line, owner = account(), customer()
    post(line, written(owner))
    post(line, written(owner) | {"event": "again"})
    assert drain() == 2
    assert Message.objects.count() == Interaction.objects.count() == 1
    assert Conversation.objects.get().unanswered == 1


@pytest.mark.django_db(transaction=True)
def test_same_webhook_from_many_threads_is_one_message() -> None:
    line, owner = account(), customer()

    def deliver(number: int) -> int:
        try:
            same = written(owner) if number % 2 else written(owner) | {"event": str(number)}
            code = post(line, same)
            drain()
            return code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(deliver, range(10))) == {200}
    drain()
    assert Message.objects.count() == Interaction.objects.count() == 1
    assert WebhookReceipt.objects.filter(handled_at=None).count() == 0
    assert Conversation.objects.get().unanswered == 1


def test_unsigned_or_wrongly_signed_is_refused_and_not_stored() -> None:
    line = account()
    assert post(line, written(customer()), secret="guessed") == 403
    assert post(line, written(customer()), secret="") == 403
    assert WebhookReceipt.objects.count() == 0


def test_account_without_secret_accepts_nothing() -> None:
    line = account()
    ChannelAccount.objects.update(secrets="")
    assert post(line, written(customer()), secret="") == 403


def test_unknown_address_and_huge_body_are_refused() -> None:
    line = account()
    assert Client().post("/webhooks/nobody/", b"{}", content_type="text/plain").status_code == 404
    assert post(line, b" " * (1024 * 1024 + 1)) == 413
    assert post(line, b"") == 400
    assert Client().get(f"/webhooks/{line.key}/").status_code == 405


@pytest.mark.parametrize(
    "body",
    [b'{"messages": [{"id": 5}]}', b'{"statuses": [{"status": "x"}]}', b'{"messages": 5}'],
)
def test_poison_is_set_aside_and_blocks_nobody(body: bytes) -> None:
    line, owner = account(), customer()
    assert post(line, body) == 200
    post(line, written(owner))
    drain()
    assert WebhookReceipt.objects.exclude(set_aside_reason="").count() == 1
    assert Conversation.objects.get().unanswered == 1


def test_text_that_the_database_cannot_hold_is_cleaned() -> None:
    line, owner = account(), customer()
    post(line, written(owner, "hola\x00 \ud800"))
    drain()
    assert Message.objects.get().body == "hola ?"


def test_stranger_is_kept_apart() -> None:
    line = account()
    post(line, {"messages": [{"id": "x", "from": "+51999999999", "body": "¿Quién es?"}]})
    drain()
    assert UnknownSender.objects.get().body == "¿Quién es?"
    assert not Conversation.objects.exists()


def test_number_of_two_customers_is_never_guessed() -> None:
    line, one, other = account(), customer(), customer()
    other.contact_points.filter(kind="phone").update(
        key=phone_of(one).key, value=phone_of(one).value
    )
    post(line, written(one))
    drain()
    assert UnknownSender.objects.count() == 1
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("word", "stops"), [("¡BAJA!", True), ("Stop", True), ("baja el monto", False)]
)
def test_opt_out_words_are_obeyed(word: str, *, stops: bool) -> None:
    line, owner = account(), customer()
    post(line, written(owner, word))
    drain()
    assert OptOut.objects.filter(customer=owner, channel="whatsapp").exists() is stops
    assert Conversation.objects.get().pending_since is not None


def sent_message(line: ChannelAccount, status: str = "sent") -> Message:
    message = queued(customer())
    message.outgoing.delete()
    Message.objects.filter(pk=message.pk).update(provider_id="sim-1")
    message.attempts.create(token="our-token", started_at=NOW, outcome="uncertain")
    Interaction.objects.filter(pk=message.pk).update(status=status)
    return message


NOTICES = ("sent", "failed", "delivered", "opened")


@pytest.mark.parametrize("order", list(itertools.permutations(NOTICES)))
@pytest.mark.parametrize("together", [True, False])
def test_statuses_in_any_order_end_alike(order: tuple[str, ...], *, together: bool) -> None:
    line = account()
    message = sent_message(line)
    for place, status in enumerate((*order, order[0])):
        post(line, {"event": place, "statuses": [{"id": "sim-1", "status": status}]})
        if not together:
            drain()
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("opened", "")
    assert row.sent_at
    assert row.delivered_at
    assert row.opened_at


@pytest.mark.parametrize(
    ("notices", "end"),
    [
        (("failed", "sent"), "failed"),
        (("delivered", "failed", "sent"), "delivered"),
        (("failed", "delivered"), "delivered"),
        (("opened", "delivered"), "opened"),
    ],
)
def test_status_never_falls(notices: tuple[str, ...], end: str) -> None:
    line = account()
    message = sent_message(line)
    for place, status in enumerate(notices):
        post(line, {"event": place, "statuses": [{"id": "sim-1", "status": status}]})
        drain()
    assert Interaction.objects.get(pk=message.pk).status == end


def test_our_token_proves_that_an_uncertain_message_left() -> None:
    line = account()
    message = sent_message(line, "uncertain")
    Message.objects.update(provider_id=None)
    post(line, {"statuses": [{"id": "sim-9", "token": "our-token", "status": "delivered"}]})
    drain()
    message.refresh_from_db()
    assert Interaction.objects.get(pk=message.pk).status == "delivered"
    assert (message.provider_id, message.attempts.get().outcome) == ("sim-9", "accepted")


def test_token_of_another_account_proves_nothing() -> None:
    line, other = account(), account("sms")
    message = sent_message(line, "uncertain")
    post(other, {"statuses": [{"id": "sim-1", "token": "our-token", "status": "delivered"}]})
    drain()
    assert Interaction.objects.get(pk=message.pk).status == "uncertain"


def test_notice_that_overtakes_our_own_commit_comes_again() -> None:
    line = account()
    message = sent_message(line, "processing")
    post(line, {"statuses": [{"id": "sim-1", "status": "delivered"}]})
    drain()
    assert Interaction.objects.get(pk=message.pk).status == "processing"
    Interaction.objects.filter(pk=message.pk).update(status="sent")
    assert drain() == 0
    assert drain(timedelta(seconds=5)) == 1
    assert Interaction.objects.get(pk=message.pk).status == "delivered"


def test_status_of_an_unknown_message_is_set_aside_in_the_end() -> None:
    line = account()
    post(line, {"statuses": [{"id": "never", "status": "sent"}]})
    for turn in range(receipts.TRIES + 1):
        drain(timedelta(minutes=10 * turn))
    receipt = WebhookReceipt.objects.get()
    assert (receipt.tries, receipt.set_aside_reason) == (receipts.TRIES - 1, "unknown message")


def begun(line: ChannelAccount) -> list[claiming.Claimed]:
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
    return batch.claimed


def test_proof_of_a_hand_over_that_crashed_outlasts_its_lease() -> None:
    line, owner = account(), customer()
    message = queued(owner)
    (claimed,) = begun(line)
    post(line, {"statuses": [{"id": "p-1", "token": claimed.token, "status": "delivered"}]})
    for seconds in range(0, claiming.LEASE + 10, 5):
        drain(timedelta(seconds=seconds))
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    settling.recover(at=NOW)
    drain(timedelta(minutes=10))
    assert Interaction.objects.get(pk=message.pk).status == "delivered"


@pytest.mark.parametrize("signature", ["sha256=ñandú", "", "sha256="])
def test_odd_signature_is_refused(signature: str) -> None:
    address = f"/webhooks/{account().key}/"
    headers = {"X-Acuerdo-Signature": signature}
    answer = Client().post(address, b"{}", content_type="application/json", headers=headers)
    assert answer.status_code == 403


def test_provider_is_answered_before_anybody_looks_for_a_session(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    line, body = account(), b'{"statuses": []}'
    client.force_login(user())
    signature = "sha256=" + signing.hmac_sha256(SECRET, body)
    with django_assert_num_queries(2):
        answer = client.post(
            f"/webhooks/{line.key}/",
            body,
            content_type="application/json",
            headers={"X-Acuerdo-Signature": signature},
        )
    # Else a server would send it in pieces.
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(answer.content)))


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-1", "mucho"])
def test_odd_length_is_refused_in_words(length: str) -> None:
    address = f"/webhooks/{account().key}/"
    answer = Client().post(address, b"{}", content_type="text/plain", CONTENT_LENGTH=length)
    assert answer.status_code == 403


def test_notice_to_a_name_that_is_not_ours_is_refused(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["acuerdo.example"]
    address, body = f"/webhooks/{account().key}/", b'{"statuses": []}'
    signed = {"X-Acuerdo-Signature": "sha256=" + signing.hmac_sha256(SECRET, body)}
    for host, status in (("acuerdo.example", 200), ("otro.example", 400)):
        headers = signed | {"Host": host}
        answer = Client().post(address, body, content_type="application/json", headers=headers)
        assert answer.status_code == status


def test_odd_address_is_unknown() -> None:
    assert Client().post("/webhooks/a%00b/", b"{}", content_type="text/plain").status_code == 404


def test_receipt_that_spoils_a_batch_waits_alone() -> None:
    line, people = account(), [customer(), customer()]
    messages = [queued(owner) for owner in people]
    claimed = begun(line)
    settling.settle([(each, Result(Outcome.UNCERTAIN)) for each in claimed], at=NOW)
    # One provider's id for two messages: the second cannot be stored under it.
    for each in claimed:
        post(line, {"statuses": [{"id": "same", "token": each.token, "status": "sent"}]})
    drain()
    drain(timedelta(seconds=2))
    states = {Interaction.objects.get(pk=message.pk).status for message in messages}
    assert states == {"sent"}
