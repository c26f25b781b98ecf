"""What is done to many conversations at once: whom it takes, once each, and how it is undone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from acuerdo.conversations import inbox
from acuerdo.conversations.bulk import jobs, omission, running
from acuerdo.conversations.bulk.action import Action
from acuerdo.conversations.bulk.actions import ACTIONS
from acuerdo.conversations.bulk.selection import Selection
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.tests.screens import wrote
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
PENDING = InboxFilter(only_pending=True)
ALL = Selection(wanted=PENDING)


def omit(selection: Selection, by: User, reason: str = "") -> BulkJob:
    return jobs.start("omit", selection, terms={"reason": reason}, by=by, at=NOW)


def work(at: datetime = LATER) -> None:
    with clock.travel(at):
        while running.drain():
            pass


def undone(job: BulkJob, by: User, at: datetime = LATER) -> BulkJob:
    jobs.undo(again(job), by=by, at=at)
    work(at)
    return again(job)


def again(job: BulkJob) -> BulkJob:
    return BulkJob.objects.get(pk=job.pk)


def bold() -> set[int]:
    rows = Conversation.objects.filter(pending_since__isnull=False)
    return set(rows.values_list("pk", flat=True))


def ids(customers: list[Customer]) -> set[int]:
    return {each.pk for each in customers}


def chosen(*customers: Customer) -> Selection:
    return Selection(chosen=tuple(each.pk for each in customers))


def test_the_chosen_lose_their_bold_and_the_others_keep_it(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(chosen(*waiting[:2]), adviser, "Campaña vieja")
    assert bold() == ids(waiting)
    work()
    job = again(job)
    assert (job.status, job.total, job.done, job.skipped) == ("done", 2, 2, 0)
    assert Interaction.objects.filter(fact="skipped", by=job.requested_by).count() == 2
    assert bold() == ids(waiting[2:])
    facts = Event.objects.filter(type="conversation.skipped").order_by("customer_id")
    assert [(fact.customer_id, fact.actor_id, fact.data["reason"]) for fact in facts] == [
        (each.pk, adviser.pk, "Campaña vieja") for each in waiting[:2]
    ]


def test_all_that_match_is_frozen_when_it_is_asked_for(
    waiting: list[Customer], overdue: Customer, adviser: User
) -> None:
    job = omit(Selection(wanted=PENDING, spared=(waiting[0].pk,)), adviser)
    wrote(overdue)
    work()
    assert again(job).total == 3
    assert bold() == {waiting[0].pk, overdue.pk}


def test_nobody_acts_on_whom_they_do_not_reach(
    waiting: list[Customer], other_adviser: User, adviser: User
) -> None:
    with pytest.raises(Refusal, match="nobody_chosen"):
        omit(chosen(*waiting), other_adviser)
    with pytest.raises(Refusal, match="nobody_chosen"):
        omit(ALL, other_adviser)
    assert omit(ALL, adviser).total == 4


def test_nobody_without_a_portfolio_or_the_right_starts_one(
    waiting: list[Customer], stranger: User, auditor: User
) -> None:
    with pytest.raises(Refusal, match="nobody_chosen"):
        omit(chosen(*waiting), stranger)
    with pytest.raises(PermissionDenied):
        omit(chosen(*waiting), auditor)
    assert not BulkJob.objects.exists()


def test_who_was_given_to_a_colleague_meanwhile_is_left_alone(
    waiting: list[Customer], adviser: User, other_adviser: User
) -> None:
    job = omit(ALL, adviser)
    assignment.assign(waiting[1], other_adviser, by=None, at=NOW)
    work()
    assert again(job).reasons == {"out_of_reach": 1}
    assert bold() == {waiting[1].pk}


def test_who_lost_the_right_meanwhile_does_nothing(waiting: list[Customer], adviser: User) -> None:
    job = omit(ALL, adviser)
    User.objects.filter(pk=adviser.pk).update(role=Role.AUDITOR)
    work()
    assert (again(job).reasons, again(job).done) == ({"not_allowed": 4}, 0)
    assert bold() == ids(waiting)


def test_who_wrote_after_it_was_asked_for_keeps_the_bold(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(chosen(*waiting[:3]), adviser)
    inbox.skip(waiting[0], by=adviser, at=NOW)
    Conversation.objects.filter(pk=waiting[1].pk).update(last_inbound_at=LATER)
    work()
    assert again(job).reasons == {"not_waiting": 1, "wrote_meanwhile": 1}
    assert bold() == ids(waiting[1:]) - {waiting[2].pk}


def test_a_worker_that_dies_in_a_batch_does_nobody_twice(
    waiting: list[Customer], adviser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIONS, "omit", _in_batches_of(2))
    job = omit(ALL, adviser)
    with (
        failpoints.armed(bulk__writing="raise@2"),
        pytest.raises(failpoints.Failure),
    ):
        work()
    assert (again(job).done, len(bold())) == (2, 2)
    work(LATER + running.FIRST_WAIT)
    assert (again(job).done, again(job).status, bold()) == (4, "done", set())
    assert Event.objects.filter(type="conversation.skipped").count() == 4


def _in_batches_of(size: int) -> Action:
    return replace(omission.ACTION, batch=size)


def test_a_job_that_fails_does_not_hold_the_next_one_back(
    waiting: list[Customer], adviser: User
) -> None:
    bad = omit(chosen(waiting[0]), adviser)
    soon = NOW + timedelta(seconds=1)
    good = jobs.start("omit", chosen(waiting[1]), terms={}, by=adviser, at=soon)
    BulkJob.objects.filter(pk=bad.pk).update(terms=[])
    with clock.travel(LATER), pytest.raises(AttributeError):
        running.drain()
    with clock.travel(LATER + timedelta(seconds=1)):
        assert running.drain() == 1
    assert (again(good).done, again(bad).done) == (1, 0)


def test_undone_the_bold_comes_back_as_it_was(waiting: list[Customer], adviser: User) -> None:
    before = list(Conversation.objects.order_by("pk").values_list("pending_since", "unanswered"))
    job = omit(ALL, adviser)
    work()
    wrote(waiting[0], "¿Hola?")
    job = undone(job, adviser)
    after = list(Conversation.objects.order_by("pk").values_list("pending_since", "unanswered"))
    assert (job.status, job.undone, job.kept) == ("undone", 4, 0)
    assert after == [(before[0][0], 2), *before[1:]]
    assert Event.objects.filter(type="conversation.reopened").count() == 4
    assert Interaction.objects.filter(fact="reopened").count() == 4


def test_what_was_answered_since_is_not_undone(waiting: list[Customer], adviser: User) -> None:
    job = omit(ALL, adviser)
    work()
    outbox.queue_message(
        waiting[2], at=LATER, channel="whatsapp", body="Listo", origin="manual", by=adviser
    )
    job = undone(job, adviser)
    assert (job.undone, job.kept, job.undo_reasons) == (3, 1, {"answered_meanwhile": 1})
    assert waiting[2].pk not in bold()


def test_undone_while_it_runs_it_stops_where_it_is(
    waiting: list[Customer], adviser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIONS, "omit", _in_batches_of(1))
    job = omit(ALL, adviser)
    with clock.travel(LATER):
        running.drain()
    job = undone(job, adviser)
    assert (job.done, job.undone, job.reasons) == (1, 1, {"stopped": 3})
    assert bold() == ids(waiting)


def test_after_a_day_and_a_second_time_nothing_is_undone(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(ALL, adviser)
    work()
    with pytest.raises(Refusal, match="too_late"):
        jobs.undo(again(job), by=adviser, at=NOW + jobs.UNDO_FOR)
    undone(job, adviser)
    with pytest.raises(Refusal, match="too_late"):
        jobs.undo(again(job), by=adviser, at=LATER)


def test_a_batch_costs_the_same_whatever_its_size(waiting: list[Customer], adviser: User) -> None:
    def statements(selection: Selection) -> int:
        omit(selection, adviser)
        with CaptureQueriesContext(connection) as told, clock.travel(LATER):
            running.drain()
        work()
        return len(told)

    assert statements(chosen(waiting[0])) == statements(chosen(*waiting[1:]))


def test_junk_in_the_form_chooses_nobody() -> None:
    posted = QueryDict("customer=4,x,-1,٣&customer=9&customer=99999999999999999999")
    assert Selection.parse(posted, {}).chosen == (4, 9)
    everybody = Selection.parse(QueryDict("all=1&spared=7&customer=3"), {"pending": "1"})
    assert (everybody.wanted, everybody.spared, everybody.chosen) == (PENDING, (7,), ())
