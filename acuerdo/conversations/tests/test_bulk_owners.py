"""Many customers given to somebody at once, or paused, and taken back."""

from datetime import timedelta
from typing import Any

import pytest

from acuerdo.conversations import inbox
from acuerdo.conversations.bulk import jobs
from acuerdo.conversations.bulk.selection import Selection
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.tests.test_bulk import (
    ALL,
    LATER,
    again,
    chosen,
    undone,
    work,
)
from acuerdo.customers import assignment, pauses
from acuerdo.customers.models import Alert, Customer, Pause, Standing
from acuerdo.customers.tests.factories import customer
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
NEXT_WEEK = TODAY + timedelta(days=7)


def give(selection: Selection, adviser: User | None, by: User) -> BulkJob:
    terms = {"adviser": adviser.pk if adviser else None, "name": adviser.name if adviser else ""}
    return _done("assign", selection, terms, by)


def pause(selection: Selection, by: User) -> BulkJob:
    return _done("pause", selection, {"until": NEXT_WEEK.isoformat(), "note": "Huelga"}, by)


def _done(action: str, selection: Selection, terms: dict[str, Any], by: User) -> BulkJob:
    job = jobs.start(action, selection, terms=terms, by=by, at=NOW)
    work()
    return again(job)


def owners() -> list[int | None]:
    return list(Customer.objects.order_by("pk").values_list("adviser_id", flat=True))


def test_given_to_a_colleague_every_copy_follows(
    waiting: list[Customer],
    other_adviser: User,
    supervisor: User,
) -> None:
    assignment.assign(waiting[0], other_adviser, by=None, at=NOW)
    inbox.follow_customers([waiting[0].pk])
    job = give(ALL, other_adviser, supervisor)
    assert (job.done, job.reasons) == (3, {"already_theirs": 1})
    for rows in (Customer.objects, Standing.objects, Conversation.objects):
        assert set(rows.values_list("adviser_id", flat=True)) == {other_adviser.pk}
    facts = Event.objects.filter(type="customer.assigned", actor=supervisor)
    assert facts.count() == 3
    assert all(fact.data["adviser_id"] == other_adviser.pk for fact in facts)


def test_who_does_not_work_the_portfolio_is_given_nobody_of_it(
    waiting: list[Customer],
    adviser: User,
    stranger: User,
    supervisor: User,
) -> None:
    job = give(ALL, stranger, supervisor)
    assert (job.done, job.reasons) == (0, {"adviser_out_of_portfolio": 4})
    assert set(owners()) == {adviser.pk}


def test_taken_back_each_returns_to_who_had_it_but_where_somebody_changed_it(
    waiting: list[Customer],
    adviser: User,
    other_adviser: User,
    supervisor: User,
) -> None:
    assignment.assign(waiting[0], None, by=None, at=NOW)
    job = give(ALL, other_adviser, supervisor)
    assignment.assign(waiting[1], supervisor, by=None, at=LATER)
    job = undone(job, supervisor)
    assert (job.undone, job.undo_reasons) == (3, {"reassigned_meanwhile": 1})
    assert owners() == [None, supervisor.pk, adviser.pk, adviser.pk]
    assert Conversation.objects.get(pk=waiting[2].pk).adviser_id == adviser.pk


def test_who_left_meanwhile_gets_nobody_back(
    waiting: list[Customer],
    adviser: User,
    supervisor: User,
) -> None:
    job = give(ALL, None, supervisor)
    assert set(owners()) == {None}
    User.objects.filter(pk=adviser.pk).update(is_active=False)
    assert undone(job, supervisor).undo_reasons == {"adviser_gone": 4}


def test_an_adviser_does_not_assign(waiting: list[Customer], adviser: User) -> None:
    answer = Browser(adviser).post("/conversaciones/masivas/assign/", customer=waiting[0].pk)
    assert answer.status_code == 403


def test_paused_with_its_alert_and_resumed_together(
    waiting: list[Customer],
    adviser: User,
) -> None:
    own = pauses.pause(waiting[0], until=TODAY + timedelta(days=2), by=adviser, at=NOW)
    job = pause(ALL, adviser)
    assert (job.done, job.reasons) == (3, {"already_paused": 1})
    running = Pause.objects.filter(resumed_at=None)
    assert running.filter(until=NEXT_WEEK, note="Huelga", started_by=adviser).count() == 3
    assert Alert.objects.filter(kind="paused", cleared_at=None).count() == 4
    assert Event.objects.filter(type="pause.started").count() == 4
    pauses.resume(Pause.objects.get(customer=waiting[3]), by=adviser, at=LATER)
    job = undone(job, adviser)
    assert (job.undone, job.undo_reasons) == (2, {"pause_over": 1})
    assert list(running.all()) == [own]


def test_whose_day_has_begun_is_not_paused_until_it(book: Portfolio, supervisor: User) -> None:
    far = customer(book, country="ES", time_zone="Pacific/Kiritimati")
    near = customer(book)
    found = pauses.pause_many([far, near], until=TODAY + timedelta(days=1), by=supervisor, at=NOW)
    assert set(found) == {near.pk}


def test_the_form_of_a_pause_says_what_will_not_do(
    waiting: list[Customer],
    adviser: User,
) -> None:
    form = {"customer": waiting[0].pk, "sure": "1", "until": TODAY.isoformat()}
    answer = Browser(adviser).post("/conversaciones/masivas/pause/", htmx=True, **form)
    assert answer.status_code == 422
    assert "desde mañana en adelante" in answer.text
    assert chosen(waiting[0]).count(adviser).number == 1


def test_the_report_says_whom_they_were_given_to(
    waiting: list[Customer],
    other_adviser: User,
    supervisor: User,
) -> None:
    browser = Browser(supervisor)
    form = {"customer": waiting[0].pk, "sure": "1", "adviser": other_adviser.pk}
    browser.post("/conversaciones/masivas/assign/", **form)
    job = BulkJob.objects.get()
    assert job.terms == {"adviser": other_adviser.pk, "name": "Óscar Otro"}
    assert "Óscar Otro" in browser.get(f"/conversaciones/masivas/{job.pk}/").text
