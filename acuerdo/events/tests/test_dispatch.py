from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from time import sleep

import pytest
from django.db import connection, transaction

from acuerdo.events import dispatch, log, subscriptions
from acuerdo.events.models import Event, FailedReaction

pytestmark = pytest.mark.django_db(transaction=True)
Heard = list[int]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    seen: Heard = []
    listen(monkeypatch, lambda event: seen.append(event.pk))
    return seen


def listen(monkeypatch: pytest.MonkeyPatch, reaction: subscriptions.Reaction) -> None:
    table = {"acuerdo.test": {"day.rolled": reaction}}
    monkeypatch.setattr(dispatch, "subscribers", lambda: table)


def drain_until(done: Callable[[], bool]) -> None:
    """Writers of other tests' connections may still be ending: wait for them."""
    for _ in range(200):
        dispatch.drain()
        if done():
            return
        sleep(0.05)
    raise AssertionError("never dispatched")


def test_subscriber_hears_its_types_once(heard: Heard) -> None:
    wanted = log.record("day.rolled")
    log.record("clock.moved")
    drain_until(lambda: bool(heard))
    dispatch.drain()
    assert heard == [wanted.pk]


def test_slower_writer_with_the_lower_id_is_not_stepped_over(heard: Heard) -> None:
    written, go = Flag(), Flag()

    def slow() -> None:
        with transaction.atomic():
            log.record("day.rolled")
            written.set()
            go.wait(5)
        connection.close()

    thread = Thread(target=slow)
    thread.start()
    written.wait(5)
    log.record("day.rolled")
    dispatch.drain()
    assert heard == []
    go.set()
    thread.join()
    drain_until(lambda: len(heard) == 2)
    assert sorted(heard) == sorted(Event.objects.values_list("pk", flat=True))


def test_failing_reaction_does_not_stop_the_next_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = log.record("day.rolled"), log.record("day.rolled")
    calls: Heard = []

    def reaction(event: Event) -> None:
        calls.append(event.pk)
        if calls.count(bad.pk) == 1 and event.pk == bad.pk:
            raise ValueError("poison")

    listen(monkeypatch, reaction)
    drain_until(lambda: good.pk in calls)
    assert FailedReaction.objects.get().event_id == bad.pk
    FailedReaction.objects.update(retry_at=bad.at)
    drain_until(lambda: not FailedReaction.objects.exists())
    assert calls == [bad.pk, good.pk, bad.pk]


def test_rolled_back_event_is_never_heard(heard: Heard) -> None:
    with transaction.atomic():
        log.record("day.rolled")
        transaction.set_rollback(True)
    kept = log.record("day.rolled")
    drain_until(lambda: bool(heard))
    assert heard == [kept.pk]


def test_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        log.record("day.ended")
    with pytest.raises(KeyError):
        subscriptions.known({"day.ended": print}, "test")


def test_events_come_back_in_order_with_ids() -> None:
    events = log.record_many([log.Fact("day.rolled", data={"n": n}) for n in range(5)])
    stored = list(Event.objects.order_by("pk"))
    assert [event.pk for event in events] == [event.pk for event in stored]
    assert [event.data["n"] for event in stored] == list(range(5))
