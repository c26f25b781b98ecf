"""Answers to strangers that nobody can vouch for: counted, shown, and settled by a person."""

import re
from datetime import timedelta

import pytest

from acuerdo.channels.adapter import StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.sending.uncertain import EVIDENCE
from acuerdo.conversations.stranger_models import StrangerReply
from acuerdo.conversations.tests.factories import NOW, portfolio, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.tests.test_stranger_news import replies, told
from acuerdo.events.models import Event
from acuerdo.organization import settings
from acuerdo.organization.models import User

pytestmark = pytest.mark.django_db
DESK = "/envios/por-resolver/"


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def reply(line: ChannelAccount) -> StrangerReply:
    (row,) = replies(line, 1, state="uncertain")
    StrangerReply.objects.filter(pk=row.pk).update(started_at=NOW)
    return row


@pytest.fixture
def boss() -> User:
    return user("supervisor", portfolio())


def browse(who: User, address: str, *, late: bool = True) -> str:
    page = Browser(who, at=NOW + EVIDENCE if late else NOW).get(address)
    return str(page.content.decode())


def decide(who: User, reply: StrangerReply, answer: str, *, after: timedelta = EVIDENCE) -> str:
    address = f"/envios/respuestas/{reply.pk}/resolucion/"
    assert Browser(who, at=NOW + after).post(address, enviado=answer).status_code == 302
    reply.refresh_from_db()
    return reply.state


def test_doubt_is_counted_where_it_opens_and_listed(reply: StrangerReply, boss: User) -> None:
    health = browse(boss, "/envios/salud/")
    (href, count) = re.findall(r'href="(/envios/por-resolver/\?cuenta=\d+)">(\d+)<', health)[0]
    listed = browse(boss, href)
    assert listed.count("¿Quién es?</td>") == int(count) == 1
    assert "¿Quién es?</td>" not in browse(boss, f"{DESK}?cuenta=999999")


@pytest.mark.parametrize(("answer", "state"), [("si", "sent"), ("no", "failed")])
def test_person_says_whether_it_was_sent(
    reply: StrangerReply, boss: User, answer: str, state: str
) -> None:
    assert decide(boss, reply, answer) == state
    event = Event.objects.get(type="unknown_sender.answer_settled")
    assert (event.actor_id, event.data["was_sent"]) == (boss.pk, answer == "si")
    assert "Nada por resolver" in browse(boss, DESK)
    decide(boss, reply, "si")
    assert Event.objects.filter(type="unknown_sender.answer_settled").count() == 1


def test_nobody_says_no_before_evidence_had_its_time(reply: StrangerReply, boss: User) -> None:
    assert decide(boss, reply, "no", after=timedelta(minutes=5)) == "uncertain"
    early = browse(boss, DESK, late=False)
    assert f'disabled aria-describedby="ripens_{reply.pk}"' in early
    assert "«No» desde" in early
    assert "«No» desde" not in browse(boss, DESK)


def test_provider_that_knows_better_has_the_last_word(
    line: ChannelAccount, reply: StrangerReply, boss: User
) -> None:
    decide(boss, reply, "no")
    told(line, StatusChange("delivered", token=reply.token or ""))
    reply.refresh_from_db()
    assert reply.state == "delivered"


def test_who_may_not_settle_sees_no_buttons(reply: StrangerReply) -> None:
    auditor = user("auditor", portfolio())
    assert "Por decidir" in browse(auditor, DESK)
    address = f"/envios/respuestas/{reply.pk}/resolucion/"
    assert Browser(auditor).post(address, enviado="si").status_code == 403


def test_strangers_are_nobody_s_where_the_tray_is_off(reply: StrangerReply, boss: User) -> None:
    settings.update(unregistered_inbox=False)
    assert "¿Quién es?" not in browse(boss, DESK)
    assert decide(boss, reply, "si") == "uncertain"
