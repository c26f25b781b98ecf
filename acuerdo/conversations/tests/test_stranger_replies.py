from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.channels.adapter import InboundMessage, Outcome, Result, StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import arrivals, statuses, stranger_replies, unknown_senders
from acuerdo.conversations.statuses import News
from acuerdo.conversations.stranger_models import StrangerReply, UnknownSender
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, user
from acuerdo.interactions.models import Interaction
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


def test_uncertain_result_is_kept_as_doubt() -> None:
    reply = answer(stranger(account()))
    stranger_replies._settle(reply, Result(Outcome.UNCERTAIN), at=NOW)
    reply.refresh_from_db()
    assert reply.state == "uncertain"
