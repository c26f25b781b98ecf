"""Who may write to a customer, take it over, and give it away."""

from typing import Any

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.team import ownership
from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def carla(line: ChannelAccount) -> User:
    settings.current()
    settings.update(advisers_see_team=True)
    return user("adviser", portfolio())


@pytest.fixture
def boss(line: ChannelAccount) -> User:
    return user("supervisor", portfolio())


@pytest.fixture
def of_carla(carla: User) -> Customer:
    return wrote(customer(adviser=carla))


def write(by: User, to: Customer) -> Message:
    words: dict[str, Any] = {"channel": "whatsapp", "body": "Hola", "key": f"abcdefghij{by.pk}"}
    return replying.send(to, **words, by=by, at=NOW)


@pytest.mark.parametrize("rule", ["take_first", "owner_only"])
def test_only_the_adviser_writes(rule: str, carla: User, boss: User, of_carla: Customer) -> None:
    settings.update(reply_rule=rule)
    with pytest.raises(Refusal, match="not_the_owner"):
        write(boss, of_carla)
    assert write(carla, of_carla).pk


def test_anyone_in_reach_writes_where_the_house_does_not_mind(
    boss: User, of_carla: Customer
) -> None:
    assert write(boss, of_carla).pk


def test_the_refusal_stands_in_the_place_of_the_box(boss: User, of_carla: Customer) -> None:
    settings.update(reply_rule="owner_only")
    address = f"/conversaciones/{of_carla.pk}/"
    shown = Browser(boss).get(address).content.decode()
    assert "puede escribirle. Puede dejar una nota." in shown
    assert 'id="reply"' not in shown
    noted = Browser(boss).get(address, canal="note").content.decode()
    assert 'id="reply"' in noted
    said = {"channel": "whatsapp", "body": "Hola", "key": "abcdefghijklm"}
    sent = Browser(boss).post(f"{address}mensajes/", htmx=True, **said)
    assert (sent.status_code, Message.objects.filter(body="Hola").count()) == (422, 0)


def test_nobodys_customer_is_taken_with_one_press(carla: User) -> None:
    settings.update(reply_rule="take_first")
    free = wrote(customer())
    shown = Browser(carla).get(f"/conversaciones/{free.pk}/").content.decode()
    assert "Tómelo para escribirle" in shown
    taken = Browser(carla).post(f"/conversaciones/{free.pk}/toma/", htmx=True, was="")
    assert 'id="reply"' in taken.content.decode()
    assert Customer.objects.get(pk=free.pk).adviser == carla
    assert Conversation.objects.get(pk=free.pk).adviser_id == carla.pk
    assert Event.objects.get(type="customer.assigned").actor_id == carla.pk


def test_of_two_who_take_at_once_the_second_is_told(carla: User) -> None:
    other = user("adviser", portfolio())
    free = customer()
    ownership.take(free, was=None, by=carla, at=NOW)
    with pytest.raises(Refusal, match="taken_meanwhile"):
        ownership.take(free, was=None, by=other, at=NOW)
    assert Customer.objects.get(pk=free.pk).adviser == carla


@pytest.mark.parametrize(("rule", "is_given"), [("take_first", True), ("owner_only", False)])
def test_from_a_colleague_it_is_taken_only_where_the_rule_says_so(
    rule: str, is_given: bool, carla: User, of_carla: Customer
) -> None:
    settings.update(reply_rule=rule)
    other = user("adviser", portfolio())
    if not is_given:
        with pytest.raises(Refusal, match="not_takeable"):
            ownership.take(of_carla, was=carla.pk, by=other, at=NOW)
        return
    assert ownership.take(of_carla, was=carla.pk, by=other, at=NOW).adviser == other


def test_a_supervisor_gives_it_and_takes_it_back(boss: User, of_carla: Customer) -> None:
    other = user("adviser", portfolio())
    address = f"/conversaciones/{of_carla.pk}/asesor/"
    assert other.name in Browser(boss).get(address, htmx=True).content.decode()
    was = of_carla.adviser_id
    given = Browser(boss).post(address, htmx=True, adviser=other.pk, was=was)
    assert Customer.objects.get(pk=of_carla.pk).adviser == other
    undo = f"{address}?adviser={was}&was={other.pk}"
    assert undo.replace("&", "&amp;") in given.content.decode()
    Browser(boss).post(undo, htmx=True)
    assert Customer.objects.get(pk=of_carla.pk).adviser_id == was


def test_an_adviser_gives_nothing_away(carla: User, of_carla: Customer) -> None:
    address = f"/conversaciones/{of_carla.pk}/asesor/"
    assert Browser(carla).post(address, adviser="", was=carla.pk).status_code == 403
    assert Browser(carla).get(address).status_code == 403


def test_it_goes_to_nobody_outside_the_portfolio(boss: User, of_carla: Customer) -> None:
    stranger = user("adviser", portfolio("other"))
    address = f"/conversaciones/{of_carla.pk}/asesor/"
    answer = Browser(boss).post(address, adviser=stranger.pk, was=of_carla.adviser_id)
    assert answer.status_code == 404
