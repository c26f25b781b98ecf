"""Who else has a conversation open, and who writes in it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.conversations.models import Presence
from acuerdo.conversations.team import presence
from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Customer:
    return customer()


@pytest.fixture
def carla(ana: Customer) -> User:
    return user("adviser", portfolio())


@pytest.fixture
def diego(ana: Customer) -> User:
    return user("adviser", portfolio())


def shown(who: User, to: Customer) -> str:
    answer = Browser(who).get(f"/conversaciones/{to.pk}/presencia/", htmx=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def say(who: User, to: Customer, **words: Any) -> int:
    form = {"tab": "one"} | words
    status: int = Browser(who).post(f"/conversaciones/{to.pk}/presencia/", **form).status_code
    return status


def told(ana: Customer, carla: User, *, at: datetime, is_typing: bool = False) -> int:
    with CaptureQueriesContext(connection) as asked:
        presence.announce(ana, tab="one", is_typing=is_typing, by=carla, at=at)
    return sum("pg_notify" in each["sql"] for each in asked.captured_queries)


def test_others_see_who_looks_and_who_writes(ana: Customer, carla: User, diego: User) -> None:
    say(carla, ana)
    assert f"{carla.name} también está viendo" in shown(diego, ana)
    assert carla.name not in shown(carla, ana)
    say(carla, ana, typing="1")
    assert f"{carla.name} está escribiendo" in shown(diego, ana)


def test_who_leaves_one_tab_is_still_there_in_the_other(
    ana: Customer, carla: User, diego: User
) -> None:
    say(carla, ana)
    say(carla, ana, tab="two")
    say(carla, ana, leaving="1")
    assert shown(diego, ana).count(carla.name) == 1
    say(carla, ana, tab="two", leaving="1")
    assert carla.name not in shown(diego, ana)


def test_a_tab_that_fell_silent_counts_no_more(ana: Customer, carla: User, diego: User) -> None:
    presence.announce(ana, tab="one", is_typing=True, by=carla, at=NOW)
    later = NOW + presence.TYPING
    assert presence.company(ana, but=diego, at=later).viewing == [carla.name]
    gone = NOW + presence.LIFE
    assert presence.company(ana, but=diego, at=gone).viewing == []
    assert presence.forget_silent(at=gone + timedelta(seconds=1)) == 1
    assert not Presence.objects.exists()


def test_only_a_change_is_told(ana: Customer, carla: User) -> None:
    assert told(ana, carla, at=NOW) == 1
    assert told(ana, carla, at=NOW + timedelta(seconds=20)) == 0
    assert told(ana, carla, at=NOW + timedelta(seconds=21), is_typing=True) == 1


def test_the_rows_say_who_is_in_them(ana: Customer, carla: User, diego: User) -> None:
    say(carla, ana)
    stranger = customer(book=portfolio("other"))
    presence.announce(stranger, tab="x", by=carla, at=NOW)
    asked = Browser(diego).get("/conversaciones/presencia/", de=f"{ana.pk},{stranger.pk},x")
    assert asked.json() == {str(ana.pk): [carla.name]}


@pytest.mark.parametrize("junk", ["9" * 5000, "²", "-1", "1e3", "\x00", ",,"])
def test_rows_that_mean_nothing_are_nobodys(carla: User, junk: str) -> None:
    asked = Browser(carla).get("/conversaciones/presencia/", de=junk)
    assert (asked.status_code, asked.json()) == (200, {})


def test_nobody_hears_of_a_customer_out_of_reach(ana: Customer, carla: User) -> None:
    stranger = user("adviser", portfolio("other"))
    address = f"/conversaciones/{ana.pk}/presencia/"
    assert Browser(stranger).get(address, htmx=True).status_code == 404
    assert say(stranger, ana) == 404
    assert not Presence.objects.exists()


def test_an_auditor_reads_along_unannounced(ana: Customer, carla: User) -> None:
    auditor = user("auditor", portfolio())
    say(carla, ana)
    assert carla.name in shown(auditor, ana)
    assert say(auditor, ana) == 403


def test_the_table_is_not_logged() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE oid = 'conversations_presence'::regclass"
        )
        assert cursor.fetchone() == ("u",)
