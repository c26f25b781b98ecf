"""Faults 8 to 10 and 32 to 38: the web process dies, and providers tell us odd things."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from acuerdo.channels import receipts
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import SECRET, account
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued, user
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role
from acuerdo.primitives import clock
from acuerdo.simulator import wires
from tests.faults import dying, invariants, posting
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=3000)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(LATER + after):
        return inbound.drain()


def written(owner: Customer, id_: str = "in-1", body: str = "Ya pagué") -> dict[str, object]:
    return {"messages": [{"id": id_, "from": phone_of(owner).value, "body": body}]}


def sent(fake: Fake, line: ChannelAccount) -> tuple[Message, dict[str, str]]:
    message = queued(customer())
    with clock.travel(NOW):
        delivery.drain()
    return message, fake.lines()[-1]


@pytest.mark.parametrize("point", ["outbox.queueing", "outbox.queued"])
def test_fault_08_web_killed_before_or_after_the_commit_of_a_form(point: str) -> None:
    account()
    owner, who = customer(), user(Role.ADMINISTRATOR)

    def post() -> int:
        client = Client()
        client.force_login(who)
        fields = {"channel": "whatsapp", "body": "Hola, Ana", "key": "a-form-of-the-page"}
        with clock.travel(NOW):
            return client.post(f"/conversaciones/{owner.pk}/mensajes/", fields).status_code

    dying.dies_at(point, post)
    assert Message.objects.count() == (1 if point == "outbox.queued" else 0)
    assert post() == 302
    assert post() == 302
    assert Message.objects.count() == Interaction.objects.filter(kind="message").count() == 1
    assert [each for each in invariants.check([]) if each.invariant == "I8"] == []


def test_fault_09_web_killed_between_the_commit_of_a_notice_and_its_answer() -> None:
    line, owner = account(), customer()
    signed = wires.signed_simulated(written(owner), SECRET)
    dying.dies_at("webhook.stored", lambda: posting.raw(line, signed.body, signed.headers))
    assert WebhookReceipt.objects.count() == 1
    assert posting.raw(line, signed.body, signed.headers) == 200
    drain()
    assert (WebhookReceipt.objects.count(), Message.objects.count()) == (1, 1)


def test_fault_10_web_killed_before_the_commit_of_a_notice() -> None:
    line, owner = account(), customer()
    signed = wires.signed_simulated(written(owner), SECRET)
    dying.dies_at("webhook.storing", lambda: posting.raw(line, signed.body, signed.headers))
    assert WebhookReceipt.objects.count() == 0
    assert posting.raw(line, signed.body, signed.headers) == 200
    drain()
    assert Message.objects.count() == 1


def test_worker_killed_before_the_commit_of_a_batch_of_messages_files_each_once() -> None:
    line, people = account(), [customer() for _ in range(3)]
    for place, owner in enumerate(people):
        posting.notice(line, written(owner, id_=f"in-{place}"))
    dying.dies_at("inbound.filed", drain)
    assert Message.objects.count() == 0
    drain()
    assert Message.objects.count() == Interaction.objects.count() == 3
    assert invariants.check([]) == []


def test_fault_32_same_notice_ten_times_at_once_and_again_a_week_later() -> None:
    line, owner = account(), customer()
    signed = wires.signed_simulated(written(owner), SECRET)

    def post(_number: int) -> int:
        try:
            return posting.raw(line, signed.body, signed.headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(post, range(10))) == {200}
    drain()
    # In another envelope, as providers repeat themselves, and when everybody has forgotten.
    posting.notice(line, written(owner) | {"again": True})
    posting.raw(line, signed.body, signed.headers)
    drain(timedelta(days=7))
    assert Message.objects.count() == Interaction.objects.count() == 1
    assert Conversation.objects.get().unanswered == 1
    # Two envelopes in all, and neither of them is anybody's riddle.
    kept = WebhookReceipt.objects.values_list("set_aside_reason", "tries")
    assert list(kept) == [("", 0)] * 2


def test_fault_33_statuses_of_the_fake_in_any_order_and_number(
    fake: Fake, line: ChannelAccount
) -> None:
    """Eight messages whose news come shuffled and doubled; all of them end alike."""
    messages = [sent(fake, line)[0] for _number in range(8)]
    orders = [("sent", "delivered", "opened"), ("opened", "sent", "delivered", "sent")]
    for place, line_ in enumerate(fake.lines()):
        for told in orders[place % 2] * 2:
            assert posting.status(line, line_, told) == 200
            if place % 3 == 0:
                drain(timedelta(minutes=place))
    drain(timedelta(hours=1))
    states = {Interaction.objects.get(pk=message.pk).status for message in messages}
    assert states == {"opened"}
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_34_status_for_a_message_that_nobody_knows(fake: Fake, line: ChannelAccount) -> None:
    message, _line = sent(fake, line)
    posting.notice(line, {"statuses": [{"id": "never-ours", "status": "failed"}]})
    for turn in range(receipts.TRIES + 1):
        drain(timedelta(minutes=10 * turn))
    kept = WebhookReceipt.objects.get()
    assert kept.set_aside_reason
    assert b"never-ours" in bytes(kept.body)
    assert Interaction.objects.get(pk=message.pk).status == "sent"


def test_fault_34_status_through_another_account(fake: Fake, line: ChannelAccount) -> None:
    message, told = sent(fake, line)
    other = account("sms", url=fake.url)
    assert posting.status(other, told, "failed") == 200
    drain()
    assert Interaction.objects.get(pk=message.pk).status == "sent"


def test_fault_37_signature_over_other_bytes_is_refused() -> None:
    line = account()
    content = {"messages": [{"id": "1", "from": "+51", "body": "¡ñ!"}]}
    signed, unsealed = (wires.signed_simulated(content, secret) for secret in (SECRET, ""))
    again = json.dumps(json.loads(signed.body)).encode()
    assert again != signed.body
    assert posting.raw(line, again, signed.headers) == 403
    assert posting.raw(line, signed.body, {"Content-Type": "application/json"}) == 403
    cut = signed.headers | {"X-Acuerdo-Signature": signed.headers["X-Acuerdo-Signature"][:-1]}
    assert posting.raw(line, signed.body, cut) == 403
    other = account("sms")
    ChannelAccount.objects.filter(pk=other.pk).update(secrets="")
    assert posting.raw(other, signed.body, signed.headers) == 403
    # Anybody can sign with no secret.
    assert posting.raw(other, unsealed.body, unsealed.headers) == 403
    assert WebhookReceipt.objects.count() == 0


@pytest.mark.parametrize("sender", ["stranger", "shared", "bsuid:PE.1349912"])
def test_fault_38_sender_who_cannot_be_told_for_certain(sender: str) -> None:
    line, one, other = account(), customer(), customer()
    shared = phone_of(one)
    other.contact_points.filter(kind="phone").update(key=shared.key, value=shared.value)
    address = {"stranger": "+51999999999", "shared": shared.value}.get(sender, sender)
    posting.notice(line, {"messages": [{"id": "x", "from": address, "body": "¿Cuánto debo?"}]})
    drain()
    assert UnknownSender.objects.count() == 1
    assert not Message.objects.exists()
    assert not Conversation.objects.exists()
