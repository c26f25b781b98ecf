"""The history of a customer, as the thread of a conversation reads it."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.channels.tests.factories import account
from acuerdo.conversations.team import notes
from acuerdo.conversations.tests.factories import NOW, customer, queued, user
from acuerdo.events.models import Event
from acuerdo.interactions import lifecycle, timeline
from acuerdo.interactions.models import FactKind
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


def test_newer_pages_lead_from_a_day_to_the_end() -> None:
    account()
    owner = customer()
    for number in range(5):
        queued(owner, body=f"m{number}", due_at=NOW + timedelta(days=number))
    first = timeline.begun_at(owner, at=NOW + timedelta(days=1), limit=2)
    assert [entry.message.body for entry in first.entries] == ["m1", "m2"]
    above = timeline.page(owner, before=first.before)
    assert [entry.message.body for entry in above.entries] == ["m0"]
    last = timeline.newer(owner, after=first.after, limit=2)
    assert [entry.message.body for entry in last.entries] == ["m3", "m4"]
    assert last.after == ""
    assert timeline.newer(owner, after="x").entries == []


def test_each_kind_shows_its_own_and_two_show_both() -> None:
    account()
    owner, author = customer(), user()
    queued(owner)
    notes.write(owner, body="Llamar por la tarde", by=author, at=NOW)
    lifecycle.record_fact(owner, FactKind.PARTIAL_PAYMENT, at=NOW, by=author)
    lifecycle.record_fact(owner, FactKind.PORTAL_PAY, at=NOW, by=None, channel="portal")

    def kinds(*names: str) -> list[str]:
        return [row.fact or row.kind for row in timeline.page(owner, kinds=names).entries]

    assert (kinds("notas"), kinds("pagos")) == (["note"], ["partial_payment"])
    assert (kinds("web"), kinds("reclamos"), kinds("flujo")) == (["portal_pay"], [], [])
    assert kinds("mensajes", "notas") == ["message", "note"]


def test_every_fact_belongs_to_a_kind_that_can_be_chosen() -> None:
    owner = customer()
    for fact in FactKind:
        lifecycle.record_fact(owner, fact, at=NOW, by=None)
    groups = [name for name in timeline.GROUPS if name not in ("mensajes", "flujo")]
    assert len(timeline.page(owner, kinds=groups).entries) == len(FactKind)
