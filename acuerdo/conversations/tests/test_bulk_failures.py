"""A job that always fails ends by itself, says so, and is forgotten with its rows in time."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from acuerdo.conversations.bulk import jobs, omission, running
from acuerdo.conversations.bulk.actions import ACTIONS
from acuerdo.conversations.bulk_models import BulkItem, BulkJob
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.tests.test_bulk import ALL, again, bold, omit, undone, work
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock, failpoints

pytestmark = pytest.mark.django_db
BULK = "/conversaciones/masivas/"


def failing(minutes: int) -> list[datetime]:
    """When a worker that looks every five seconds tried and failed."""
    tried = []
    for second in range(0, minutes * 60, 5):
        at = NOW + timedelta(seconds=second)
        with failpoints.armed(bulk__writing="raise"), clock.travel(at):
            try:
                running.drain()
            except failpoints.Failure:
                tried.append(at)
    return tried


def test_it_is_tried_less_and_less_often_and_then_it_failed(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(ALL, adviser)
    tried = failing(30)
    waits = [(after - before).seconds for before, after in pairwise(tried)]
    assert waits == [15, 30, 60, 120, 240]
    assert (again(job).status, again(job).done, len(bold())) == ("failed", 0, 4)
    assert running.drain() == 0


def test_a_batch_that_ends_well_starts_the_count_anew(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(ALL, adviser)
    failing(2)
    assert again(job).tries == 4
    with clock.travel(NOW + timedelta(hours=1)):
        running.drain()
    assert (again(job).tries, again(job).retry_at, again(job).done) == (0, None, 4)


def test_the_report_of_what_failed_says_what_to_do(waiting: list[Customer], adviser: User) -> None:
    job = omit(ALL, adviser)
    failing(30)
    report = Browser(adviser).get(f"{BULK}{job.pk}/", htmx=True).text
    assert "Omitir falló: 0 de 4." in report
    assert "Vuelva a pedirlo para el resto." in report
    assert "every 1s" not in report
    assert "Deshacer" not in report
    assert "Fallida" in Browser(adviser).get(BULK).text


def test_an_undo_that_failed_can_be_asked_for_again(waiting: list[Customer], adviser: User) -> None:
    job = omit(ALL, adviser)
    work(NOW)
    jobs.undo(again(job), by=adviser, at=NOW)
    failing(30)
    assert (again(job).status, again(job).undone) == ("failed", 0)
    job = undone(job, adviser, NOW + timedelta(hours=1))
    assert (job.status, job.undone, len(bold())) == ("undone", 4, 4)


def test_an_undo_that_failed_asks_for_the_undo_and_not_for_the_rest(
    waiting: list[Customer], adviser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIONS, "omit", replace(omission.ACTION, batch=2))
    job = omit(ALL, adviser)
    with clock.travel(NOW):
        running.drain()
    jobs.undo(again(job), by=adviser, at=NOW)
    failing(30)
    job = again(job)
    assert (job.status, job.done, job.undone, job.not_reached) == ("failed", 2, 0, 2)
    report = Browser(adviser).get(f"{BULK}{job.pk}/", htmx=True).text
    assert "Nada se deshizo: lo hecho sigue hecho" in report
    assert "Vuelva a deshacer." in report
    assert "Vuelva a pedirlo" not in report
    overdue = Browser(adviser, at=NOW + jobs.UNDO_FOR)
    late = overdue.get(f"{BULK}{job.pk}/", htmx=True).text
    assert "Ya no se puede deshacer." in late
    assert "Vuelva a deshacer." not in late


def test_an_undo_that_failed_before_anything_was_done_leaves_nothing_to_undo(
    waiting: list[Customer], adviser: User
) -> None:
    job = omit(ALL, adviser)
    jobs.undo(job, by=adviser, at=NOW)
    failing(30)
    report = Browser(adviser).get(f"{BULK}{job.pk}/", htmx=True).text
    assert "No queda nada por deshacer" in report
    assert "Vuelva a" not in report


def test_a_report_is_forgotten_with_its_rows_after_its_days(
    waiting: list[Customer], adviser: User
) -> None:
    omit(ALL, adviser)
    late = NOW + jobs.KEPT_FOR + timedelta(hours=1)
    assert jobs.forget_old(at=late) == 0
    work(NOW)
    assert jobs.forget_old(at=NOW + jobs.KEPT_FOR) == 0
    assert jobs.forget_old(at=late) == 1
    assert not BulkJob.objects.exists()
    assert not BulkItem.objects.exists()
