"""Who hears of what on the live stream: by whose the customer is now, not by what was noted."""

from typing import Any

import pytest

from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.events import log, news
from acuerdo.events.audience import LOST, Listener
from acuerdo.events.models import Event
from acuerdo.events.news import News
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla() -> User:
    return user("adviser", portfolio())


@pytest.fixture
def diego() -> User:
    return user("adviser", portfolio())


@pytest.fixture
def ana(carla: User) -> Customer:
    return customer(adviser=carla)


def heard(who: User, event: Event) -> str | None:
    return Listener(who.pk, scope(who)).hears(read(event))


def read(event: Event) -> News:
    ids = {"transaction": event.transaction, "first": event.pk, "last": event.pk, "floor": 1}
    return news.heard(ids)[0]


def wrote(ana: Customer, adviser_id: int | None, by: User | None = None) -> Event:
    data: dict[str, Any] = {"portfolio_id": ana.portfolio_id, "adviser_id": adviser_id}
    return log.record("message.sent", customer_id=ana.pk, by=by, **data)


def test_the_adviser_hears_and_a_colleague_does_not(
    ana: Customer, carla: User, diego: User
) -> None:
    event = wrote(ana, carla.pk)
    assert heard(carla, event) == "message.sent"
    assert heard(diego, event) is None
    assert heard(user("supervisor", portfolio()), event) == "message.sent"
    assert heard(user("supervisor", portfolio("other")), event) is None


def test_after_a_reassignment_old_copies_and_own_deeds_are_silent(
    ana: Customer, carla: User, diego: User
) -> None:
    before = wrote(ana, carla.pk, by=carla)
    assignment.assign(ana, diego, by=None, at=NOW)
    late = wrote(ana, carla.pk)
    assert [heard(carla, each) for each in (before, late)] == [None, None]
    assert [heard(diego, each) for each in (before, late)] == ["message.sent", "message.sent"]


def test_who_loses_the_customer_hears_that_and_no_more(
    ana: Customer, carla: User, diego: User
) -> None:
    assignment.assign(ana, diego, by=None, at=NOW)
    event = Event.objects.get(type="customer.assigned")
    assert heard(carla, event) == LOST
    assert heard(diego, event) == "customer.assigned"
    assert heard(user("adviser", portfolio()), event) is None


def test_a_hint_goes_to_the_same_people(ana: Customer, carla: User, diego: User) -> None:
    hint = news.heard({"type": "presence.changed", "customer": ana.pk})[0]
    assert Listener(carla.pk, scope(carla)).hears(hint) == "presence.changed"
    assert Listener(diego.pk, scope(diego)).hears(hint) is None
