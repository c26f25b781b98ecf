"""Whom a step would reach, counted for whoever is looking."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.flows import audience, planning
from acuerdo.flows.models import Flow, Step, StepRun
from acuerdo.flows.tests.factories import flow, step
from acuerdo.ledger.tests.factories import NOW, TODAY, debt
from acuerdo.organization.models import Portfolio, User


@pytest.fixture
def general(book: Portfolio) -> Flow:
    return flow()


def debtor(book: Portfolio) -> Customer:
    row = customer(book)
    phone(row)
    debt(row, days_past_due=7)
    return row


@pytest.fixture
def week(book: Portfolio, other_book: Portfolio, general: Flow) -> Step:
    """Three owe in the supervisor's portfolio, one of them paused; two in the other one."""
    pauses.pause(debtor(book), until=TODAY + timedelta(days=3), by=None, at=NOW)
    for owner in (book, book, other_book, other_book):
        debtor(owner)
    return step(general, 7)


def test_a_supervisor_counts_only_the_portfolios_it_works(
    week: Step, supervisor: User, administrator: User, stranger: User
) -> None:
    seen = audience.by_step(on=TODAY, user=supervisor)[week.pk]
    assert (seen.reached, seen.blocked) == (2, 1)
    assert seen.lines == [("Comunicaciones pausadas", 1)]
    assert audience.by_step(on=TODAY, user=administrator)[week.pk].reached == 4
    assert audience.by_step(on=TODAY, user=stranger) == {}


def test_counting_agrees_with_the_list_before_and_after_planning(
    week: Step, administrator: User
) -> None:
    def listed() -> Counter[str]:
        return Counter(row["outcome"] for row in planning.preview(on=TODAY))

    def counted() -> Counter[str]:
        rows = planning.count(on=TODAY, portfolios=None)
        return Counter({outcome: number for _step, outcome, _reason, number in rows})

    assert counted() == listed() == {"planned": 4, "skipped": 1}
    assert not StepRun.objects.exists()
    planning.plan(on=TODAY, at=NOW)
    assert counted() == listed()


def test_counting_costs_the_same_whatever_the_number(
    week: Step,
    book: Portfolio,
    administrator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with CaptureQueriesContext(connection) as few:
        audience.by_step(on=TODAY, user=administrator)
    for _number in range(20):
        debtor(book)
    with django_assert_num_queries(len(few.captured_queries)):
        assert audience.by_step(on=TODAY, user=administrator)[week.pk].reached == 24
