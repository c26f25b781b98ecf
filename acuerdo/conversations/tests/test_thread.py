"""The history of a customer, as the thread of a conversation reads it."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.channels.tests.factories import account
from acuerdo.conversations import notes
from acuerdo.conversations.tests.factories import NOW, customer, queued, user
from acuerdo.events.models import Event
from acuerdo.interactions import timeline
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


def test_pages_go_back_in_time_and_read_forwards() -> None:
    account()
    owner = customer()
    for number in range(5):
        queued(owner, body=f"m{number}", due_at=NOW + timedelta(hours=number // 2))
    last = timeline.page(owner, limit=2)
    assert [entry.message.body for entry in last.entries] == ["m3", "m4"]
    middle = timeline.page(owner, before=last.before, limit=2)
    assert [entry.message.body for entry in middle.entries] == ["m1", "m2"]
    first = timeline.page(owner, before=middle.before, limit=2)
    assert ([entry.message.body for entry in first.entries], first.before) == (["m0"], "")


@pytest.mark.parametrize("place", ["", "x", "2026-01-01~5", "2026-01-01T00:00:00+00:00~x"])
def test_place_that_is_not_ours_gives_the_latest(place: str) -> None:
    account()
    owner = customer()
    queued(owner)
    assert len(timeline.page(owner, before=place).entries) == 1


def test_thread_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    account()
    owner, author = customer(), user()
    for _ in range(3):
        queued(owner)
        notes.write(owner, body="Llamar por la tarde", by=author, at=NOW)
    with django_assert_num_queries(1):
        entries = timeline.page(owner).entries
        assert sum(hasattr(entry, "note") for entry in entries) == 3
        assert sum(hasattr(entry, "message") for entry in entries) == 3


def test_note_is_written_for_the_team_and_heard_of() -> None:
    owner, author = customer(), user()
    note = notes.write(owner, body="  Pidió que lo llamen  ", by=author, at=NOW)
    assert (note.body, note.interaction.kind) == ("Pidió que lo llamen", "note")
    assert Event.objects.get(type="note.written").customer_id == owner.pk
    with pytest.raises(Refusal):
        notes.write(owner, body=" ", by=author, at=NOW)
