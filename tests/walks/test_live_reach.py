"""What an open page hears when rights change under it, and when it was away: a real stream."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.events import hints, log
from acuerdo.organization import settings
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests.cast import NOW
from tests.walks.test_live_message import Page, environment, live

__all__ = ["environment", "live"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def carla(transactional_db: None) -> User:
    return user(Role.ADVISER, portfolio())


@pytest.fixture
def ana(carla: User) -> Customer:
    return customer(adviser=carla)


def happened(owner: Customer, type_: str = "note.written") -> int:
    data = {"portfolio_id": owner.portfolio_id, "adviser_id": owner.adviser_id}
    return int(log.record(type_, customer_id=owner.pk, **data).pk)


@contextmanager
def slow(owner: Customer) -> Iterator[list[int]]:
    """Somebody who records a fact and commits only when the block ends."""
    recorded, leave, made = threading.Event(), threading.Event(), list[int]()

    def write() -> None:
        try:
            with transaction.atomic():
                made.append(happened(owner))
                recorded.set()
                leave.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    recorded.wait(20)
    yield made
    leave.set()
    thread.join()


def test_who_loses_a_customer_hears_nothing_more_of_them(
    live: str, carla: User, ana: Customer
) -> None:
    diego, mine = user(Role.ADVISER, portfolio()), customer(adviser=carla)
    hers, his = Page(live, carla), Page(live, diego)
    assignment.assign(ana, diego, by=None, at=NOW)
    assert hers.next("customer.lost")["customer"] == ana.pk
    assert his.next("customer.assigned")["customer"] == ana.pk
    # As a message that was queued before carries it: the copy still names the adviser of then.
    data = {"portfolio_id": ana.portfolio_id, "adviser_id": carla.pk}
    late = log.record("message.sent", customer_id=ana.pk, by=carla, **data).pk
    hints.tell("presence.changed", customer_id=ana.pk)
    assert his.next("message.sent")["id"] == late
    assert his.next("presence.changed")["customer"] == ana.pk
    happened(mine)
    facts = [hers.facts.get(timeout=30)]
    assert [fact["customer"] for fact in facts] == [mine.pk]
    again = Page(live, carla, **{"Last-Event-ID": f"{late - 1}-1"})
    assert ana.pk not in {again.next(each)["customer"] for each in ("note.written",)}


def test_a_writer_that_was_slow_is_not_missed_and_none_comes_twice(
    live: str, carla: User, ana: Customer
) -> None:
    page = Page(live, carla)
    with slow(ana) as made:
        fast = happened(ana)
        assert page.next("note.written")["id"] == fast > made[0]
        place = page.place
    # The line was cut right after the fast one; the slow one has a lower number and came later.
    back = Page(live, carla, **{"Last-Event-ID": place})
    assert back.next("note.written", seconds=20)["id"] == made[0]
    last = happened(ana)
    assert back.next("note.written", seconds=20)["id"] == last
    assert page.next("note.written")["id"] == made[0]


def test_what_came_while_the_page_was_made_is_told(live: str, carla: User, ana: Customer) -> None:
    watcher = Page(live, user(Role.SUPERVISOR, portfolio()))
    watcher.next("stream.open")
    # From then on this process has heard everything.
    time.sleep(6)
    made = happened(ana)
    assert watcher.next("note.written")["id"] == made
    assert Page(f"{live}/?age=61000", carla).next("reset", seconds=20)
    assert Page(f"{live}/?age=5500", carla).next("note.written", seconds=20)["id"] == made


def test_a_change_of_reach_is_felt_at_once(live: str, carla: User) -> None:
    nobodys = customer()
    page = Page(live, carla)
    happened(nobodys)
    assert page.next("note.written")["customer"] == nobodys.pk
    settings.update(advisers_see_unassigned=False)
    assert page.next("reset", seconds=20)
    happened(nobodys)
    mine = customer(adviser=carla)
    happened(mine)
    assert page.next("note.written")["customer"] == mine.pk


def test_the_line_says_whether_the_session_stands(live: str, carla: User) -> None:
    assert Page(f"{live}/?session=1", carla).status == 200
    assert Page(f"{live}/?session=1", None).status == 401
