"""A send is held when something newer arrived than its author had before them."""

from datetime import timedelta
from typing import Any

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.composer import challenge, replying
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.team import notes
from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Status
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def ana(line: ChannelAccount) -> Customer:
    return wrote(customer())


@pytest.fixture
def carla(ana: Customer) -> User:
    return user("adviser", portfolio())


def send(who: User, to: Customer, *, seen: int, htmx: bool = True, **form: Any) -> Any:
    said = {"channel": "whatsapp", "body": "Hola", "key": "abcdefghijklm", "seen": seen}
    return Browser(who).post(f"/conversaciones/{to.pk}/mensajes/", htmx=htmx, **(said | form))


def sent() -> int:
    return Message.objects.filter(interaction__direction="outgoing").count()


def test_a_send_that_saw_everything_goes_out(ana: Customer, carla: User) -> None:
    assert send(carla, ana, seen=challenge.newest(ana)).status_code == 200
    assert sent() == 1


def test_what_the_customer_wrote_meanwhile_holds_the_send(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana, "Ya pagué, mire")
    answer = send(carla, ana, seen=seen, body="Debe pagar hoy")
    shown = answer.content.decode()
    assert (answer.status_code, sent()) == (409, 0)
    assert "Ya pagué, mire" in shown
    assert "Debe pagar hoy" in shown
    assert "Enviar igual" in shown


def test_it_stays_held_until_its_author_insists(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana)
    # The page has read on by itself meanwhile; a second press of the key is no decision.
    again = send(carla, ana, seen=challenge.newest(ana), held=seen)
    assert (again.status_code, sent()) == (409, 0)
    insisted = send(carla, ana, seen=seen, held=seen, anyway=challenge.newest(ana))
    assert (insisted.status_code, sent()) == (200, 1)


def test_insisting_covers_only_what_was_shown(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana)
    agreed = challenge.newest(ana)
    wrote(ana, "Una cosa más")
    answer = send(carla, ana, seen=seen, held=seen, anyway=agreed)
    assert (answer.status_code, sent()) == (409, 0)
    assert "Una cosa más" in answer.content.decode()


def test_a_colleagues_answer_holds_the_send(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    colleague = user("adviser", portfolio())
    assert send(colleague, ana, seen=seen, body="Lo reviso").status_code == 200
    answer = send(carla, ana, seen=seen, key="another-key-0")
    assert (answer.status_code, sent()) == (409, 1)
    assert colleague.name in answer.content.decode()


def test_notes_and_cancelled_messages_hold_nothing(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    colleague = user("adviser", portfolio())
    notes.write(ana, body="Ojo", by=colleague, at=NOW)
    send(colleague, ana, seen=seen, body="Me equivoqué")
    outbox.cancel(Message.objects.get(body="Me equivoqué"), by=colleague, at=NOW)
    assert send(carla, ana, seen=seen, key="another-key-0").status_code == 200


def test_reviewing_keeps_the_words_and_reads_on(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana, "Ya pagué")
    address = f"/conversaciones/{ana.pk}/revision/"
    said = {"channel": "whatsapp", "body": "Mi texto", "key": "abcdefghijklm", "held": seen}
    shown = Browser(carla).post(address, htmx=True, **said).content.decode()
    assert "Mi texto" in shown
    assert "Enviar igual" not in shown
    assert f'name="seen" form="composer" value="{challenge.newest(ana)}"' in shown
    assert sent() == 0


def test_a_scheduled_send_is_held_too_and_stays_scheduled(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana)
    tomorrow = (NOW + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    chosen: dict[str, Any] = {"due_at": tomorrow, "at_moment": "1"}
    held = send(carla, ana, seen=seen, **chosen)
    assert held.status_code == 409
    assert f'name="due_at" value="{tomorrow}"' in held.content.decode()
    send(carla, ana, seen=seen, held=seen, anyway=challenge.newest(ana), **chosen)
    row = Message.objects.get(interaction__direction="outgoing").interaction
    assert (row.status, row.at > NOW + timedelta(hours=12)) == (Status.SCHEDULED, True)


def test_the_same_words_from_a_second_tab_are_held(ana: Customer, carla: User) -> None:
    send(carla, ana, seen=challenge.newest(ana))
    second = send(carla, ana, seen=challenge.newest(ana), key="another-key-0")
    assert (second.status_code, sent()) == (409, 1)
    assert "otra pestaña" in second.content.decode()
    wanted: dict[str, Any] = {"held": 0, "anyway": challenge.newest(ana), "key": "another-key-0"}
    assert send(carla, ana, seen=0, **wanted).status_code == 200


def test_the_same_form_twice_is_one_message_whatever_came_between(
    ana: Customer, carla: User
) -> None:
    seen = challenge.newest(ana)
    send(carla, ana, seen=seen)
    wrote(ana)
    assert send(carla, ana, seen=seen).status_code == 200
    assert sent() == 1


def test_without_a_script_the_page_comes_back_with_the_words(ana: Customer, carla: User) -> None:
    seen = challenge.newest(ana)
    wrote(ana, "Ya pagué")
    answer = send(carla, ana, seen=seen, htmx=False, body="Mi texto")
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Mi texto" in shown
    assert f'name="held" value="{seen}"' in shown


def test_whoever_has_no_page_is_not_asked(ana: Customer, carla: User) -> None:
    wrote(ana)
    words: dict[str, Any] = {"channel": "whatsapp", "body": "Hola", "key": "abcdefghijklm"}
    assert replying.send(ana, **words, by=carla, at=NOW).pk
