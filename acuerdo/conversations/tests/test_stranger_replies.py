import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from acuerdo.channels.adapter import InboundMessage, Outcome, Result, StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import UncertainSend
from acuerdo.conversations.receiving import arrivals, statuses, stranger_replies, unknown_senders
from acuerdo.conversations.receiving.news import News
from acuerdo.conversations.stranger_models import StrangerReply, UnknownSender
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, user
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "51987000111"


def stranger(line: ChannelAccount, text: str = "hola", *, at: Any = NOW) -> UnknownSender:
    name = f"m-{UnknownSender.objects.count()}"
    arrivals.receive_message(line, InboundMessage(name, NUMBER, text), at=at)
    return unknown_senders.waiting()[0]


def answer(sender: UnknownSender, key: str = "uno", *, at: Any = NOW) -> StrangerReply:
    return stranger_replies.write(sender, body="¿Quién es?", key=key, by=user(), at=at)


def test_answer_leaves_once_by_the_channel_it_came_by(provider: Provider) -> None:
    row = stranger(account(url=provider.url))
    first = answer(row)
    assert answer(row).pk == first.pk
    with clock.travel(NOW):
        stranger_replies.drain()
        stranger_replies.drain()
    assert [one["to"] for one in provider.events()] == [f"+{NUMBER}"]
    first.refresh_from_db()
    assert first.state == "sent"
    assert first.provider_id


@pytest.mark.parametrize(
    ("said", "hours", "code"),
    [("hola", 25, "window_closed"), ("BAJA", 0, "opted_out"), ("hola", 11, "closed_hours")],
)
def test_what_may_not_leave_is_refused_with_the_reason(said: str, hours: int, code: str) -> None:
    row = stranger(account(), said)
    with pytest.raises(Refusal) as refusal:
        answer(row, at=NOW + timedelta(hours=hours))
    assert refusal.value.code == code
    assert not StrangerReply.objects.exists()


def test_there_are_never_more_answers_than_messages() -> None:
    line = account()
    row = stranger(line)
    answer(row)
    with pytest.raises(Refusal):
        answer(row, "dos")
    stranger(line, "¿sigue ahí?")
    assert answer(row, "dos").state == "waiting"


def test_hand_over_that_nobody_answered_is_not_repeated(provider: Provider) -> None:
    provider.turn(answer="accept_then_500")
    reply = answer(stranger(account(url=provider.url)))
    with clock.travel(NOW):
        stranger_replies.drain()
    reply.refresh_from_db()
    assert reply.state == "uncertain"
    with clock.travel(NOW + timedelta(hours=1)):
        stranger_replies.drain()
    assert len(provider.events()) == 1


def test_worker_that_died_leaves_doubt_and_no_second_hand_over(provider: Provider) -> None:
    reply = answer(stranger(account(url=provider.url)))
    past = NOW - timedelta(days=2)
    StrangerReply.objects.filter(pk=reply.pk).update(state="leaving", token="t", started_at=past)
    with clock.travel(NOW):
        stranger_replies.drain()
    reply.refresh_from_db()
    assert (reply.state, provider.events()) == ("uncertain", [])


def test_nothing_leaves_while_sending_is_paused(provider: Provider) -> None:
    """A restored database believes that what it holds has never left."""
    reply = answer(stranger(account(url=provider.url)))
    settings.pause_sending("restaurado", at=NOW)
    with clock.travel(NOW):
        stranger_replies.drain()
    reply.refresh_from_db()
    assert (reply.state, provider.events()) == ("waiting", [])


def test_what_waited_is_judged_again_before_it_leaves(provider: Provider) -> None:
    line = account(url=provider.url)
    stopped = answer(stranger(line))
    arrivals.receive_message(line, InboundMessage("m-stop", NUMBER, "BAJA"), at=NOW)
    with clock.travel(NOW):
        stranger_replies.drain()
    stopped.refresh_from_db()
    assert (stopped.state, stopped.code, provider.events()) == ("failed", "opted_out", [])


def test_what_waited_into_the_night_does_not_leave(provider: Provider) -> None:
    reply = answer(stranger(account(url=provider.url)))
    with clock.travel(NOW + timedelta(hours=11)):
        stranger_replies.drain()
    reply.refresh_from_db()
    assert (reply.state, reply.code, provider.events()) == ("failed", "closed_hours", [])


def test_word_that_ends_the_writing_holds_whatever_comes_after_it() -> None:
    line = account()
    stranger(line, "BAJA")
    row = stranger(line, "y otra cosa")
    with pytest.raises(Refusal) as refusal:
        answer(row)
    assert refusal.value.code == "opted_out"


def test_what_waits_on_a_stopped_account_ends_and_lets_the_sender_be_linked() -> None:
    line = account()
    row, owner = stranger(line), customer()
    reply = answer(row)
    ChannelAccount.objects.filter(pk=line.pk).update(stopped_reason="revoked")
    with clock.travel(NOW + timedelta(hours=25)):
        stranger_replies.drain()
    reply.refresh_from_db()
    assert (reply.state, reply.code) == ("failed", "too_late")
    unknown_senders.link(row, owner, by=user(), at=NOW + timedelta(hours=25))


@contextmanager
def table_that_refuses(body: str) -> Iterator[None]:
    """An answer that this database lets nobody begin, as for a fault of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_begin() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'spoilt'; END $$;"
            " CREATE TRIGGER no_begin BEFORE UPDATE ON conversations_strangerreply FOR EACH ROW"
            f" WHEN (NEW.body = '{body}' AND NEW.state = 'leaving') EXECUTE FUNCTION no_begin()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_begin() CASCADE")


def test_one_that_cannot_begin_holds_back_no_other(provider: Provider) -> None:
    line = account(url=provider.url)
    spoilt = answer(stranger(line))
    StrangerReply.objects.filter(pk=spoilt.pk).update(body="veneno")
    arrivals.receive_message(line, InboundMessage("n-1", "51987000222", "hola"), at=NOW)
    moment = NOW + timedelta(seconds=1)
    answer(UnknownSender.objects.get(provider_id="n-1"), "dos", at=moment)
    with table_that_refuses("veneno"), clock.travel(NOW + timedelta(minutes=1)):
        stranger_replies.drain()
    assert [one["to"] for one in provider.events()] == ["+51987000222"]


@pytest.mark.parametrize("order", [("failed", "delivered"), ("delivered", "failed")])
def test_notices_in_any_order_end_alike(order: tuple[str, str]) -> None:
    line = account()
    reply = answer(stranger(line))
    StrangerReply.objects.filter(pk=reply.pk).update(state="sent", token="t-1", provider_id="p-1")
    for status in order:
        change = StatusChange(provider_id="p-1", token="t-1", status=status)
        statuses.apply([News(line.pk, change, NOW)], at=NOW)
    reply.refresh_from_db()
    assert reply.state == "delivered"


def test_notice_that_overtakes_the_answer_keeps_the_name_that_the_answer_tells() -> None:
    line = account()
    reply = answer(stranger(line))
    StrangerReply.objects.filter(pk=reply.pk).update(state="leaving", token="t-1")
    change = StatusChange(provider_id="", token="t-1", status="sent")
    statuses.apply([News(line.pk, change, NOW)], at=NOW)
    stranger_replies._settle(reply, Result(Outcome.ACCEPTED, provider_id="p-1"), at=NOW)
    reply.refresh_from_db()
    assert (reply.state, reply.provider_id) == ("sent", "p-1")


def test_notice_of_the_provider_turns_the_ticks_and_never_back() -> None:
    line = account()
    reply = answer(stranger(line))
    StrangerReply.objects.filter(pk=reply.pk).update(state="sent", provider_id="p-1")
    for status in ("opened", "delivered"):
        change = StatusChange(provider_id="p-1", status=status)
        assert statuses.apply([News(line.pk, change, NOW)], at=NOW)
    reply.refresh_from_db()
    assert reply.state == "opened"


def test_linking_takes_the_answers_along_and_unlinking_brings_them_back() -> None:
    row, owner = stranger(account()), customer()
    reply = answer(row)
    with pytest.raises(Refusal):
        unknown_senders.link(row, owner, by=user(), at=NOW)
    StrangerReply.objects.filter(pk=reply.pk).update(state="delivered", provider_id="p-1")
    unknown_senders.link(row, owner, by=user(), at=NOW)
    ours = Interaction.objects.get(customer=owner, direction="outgoing")
    assert (ours.status, ours.message.body) == ("delivered", "¿Quién es?")
    unknown_senders.unlink(row, by=user(), at=NOW)
    assert not Interaction.objects.filter(customer=owner).exists()
    assert [one.message_id for one in stranger_replies.of_address(row)] == [None]


def test_doubtful_answer_goes_along_and_its_proof_finds_it() -> None:
    line, owner = account(), customer()
    row = stranger(line)
    reply = answer(row)
    StrangerReply.objects.filter(pk=reply.pk).update(state="uncertain", token="t-1", started_at=NOW)
    unknown_senders.link(row, owner, by=user(), at=NOW)
    ours = Interaction.objects.get(customer=owner, direction="outgoing")
    assert ours.status == "uncertain"
    assert UncertainSend.objects.filter(pk=ours.pk, resolved_at=None).exists()
    with pytest.raises(Refusal):
        unknown_senders.unlink(row, by=user(), at=NOW)
    change = StatusChange(provider_id="p-1", token="t-1", status="delivered")
    assert statuses.apply([News(line.pk, change, NOW)], at=NOW)
    ours.refresh_from_db()
    assert ours.status == "delivered"


def test_two_who_link_at_once_give_the_address_to_one() -> None:
    row, first, second = stranger(account()), customer(), customer()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            unknown_senders.link(row, first, by=user(), at=NOW)
            late = other.submit(link_apart, row.pk, second.pk)
            time.sleep(0.5)
        assert late.result(timeout=20) == "stale_state"
    assert not second.contact_points.filter(key=row.key).exists()


def link_apart(row: int, owner: int) -> str:
    sender = UnknownSender.objects.get(pk=row)
    try:
        unknown_senders.link(sender, Customer.objects.get(pk=owner), by=user(), at=NOW)
    except Refusal as refusal:
        return refusal.code
    finally:
        connections.close_all()
    return ""


def test_answer_is_written_where_the_messages_are_read(client: Client) -> None:
    row = stranger(account())
    client.force_login(user("supervisor"))
    address = reverse("conversations:stranger_answer", args=[row.pk])
    with clock.travel(NOW):
        assert client.post(address, {"body": "  ", "key": "a"}).status_code == 422
        client.post(address, {"body": "¿Quién es?", "key": "b"})
        page = client.get(reverse("conversations:stranger", args=[row.pk])).content.decode()
    assert "¿Quién es?" in page
    assert "Por salir" in page
    assert "espere a que vuelva a escribir" in page


def test_stranger_of_a_country_that_the_provider_bars_is_not_answered() -> None:
    line = account("sms")
    ChannelAccount.objects.filter(pk=line.pk).update(adapter="sms_twilio")
    line.refresh_from_db()
    settings.update(tenant_type="agency")
    arrivals.receive_message(line, InboundMessage("m-us", "12025550143", "Hi"), at=NOW)
    with pytest.raises(Refusal) as refusal:
        answer(UnknownSender.objects.get())
    assert refusal.value.code == "third_party_collection"


def test_number_of_a_card_leaves_to_nobody() -> None:
    row = stranger(account())
    with pytest.raises(Refusal) as refusal:
        stranger_replies.write(row, body="4111 1111 1111 1111", key="k", by=user(), at=NOW)
    assert refusal.value.code == "card_number"


def test_junk_in_the_form_is_no_fault_of_ours(client: Client) -> None:
    row = stranger(account())
    client.force_login(user("supervisor"))
    address = reverse("conversations:stranger_answer", args=[row.pk])
    with clock.travel(NOW):
        told = client.post(address, {"body": "¿Quién\x00 es?", "key": "a\x00"})
    assert told.status_code == 302
    assert StrangerReply.objects.get().body == "¿Quién es?"


def test_uncertain_result_is_kept_as_doubt() -> None:
    reply = answer(stranger(account()))
    stranger_replies._settle(reply, Result(Outcome.UNCERTAIN), at=NOW)
    reply.refresh_from_db()
    assert reply.state == "uncertain"
