"""Two planners of one day, and two workers with one run, on connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from acuerdo.calls.models import Call
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.flows import execution, planning
from acuerdo.flows.models import StepRun
from acuerdo.flows.tests.factories import NOW, flow, step
from acuerdo.ledger.tests.factories import TODAY, debt
from acuerdo.organization.models import Portfolio
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS = 40


def at_once(work: Callable[[], int]) -> list[int]:
    """The answers of two threads that start together."""
    start = Barrier(2)

    def one(_number: int) -> int:
        try:
            start.wait(10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def lay(book: Portfolio) -> None:
    for _number in range(CUSTOMERS):
        row = customer(book)
        phone(row)
        debt(row, days_past_due=15)
    step(flow(), 15, "call")


def test_two_planners_make_every_run_once(book: Portfolio) -> None:
    lay(book)
    made = at_once(lambda: planning.plan(on=TODAY, at=NOW).created)
    assert sum(made) == CUSTOMERS
    assert StepRun.objects.count() == CUSTOMERS


def drain() -> int:
    with clock.travel(NOW):
        return sum(iter(execution.drain, 0))


def test_two_workers_carry_out_every_run_once(
    book: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(book)
    planning.plan(on=TODAY, at=NOW)
    monkeypatch.setattr(execution, "BATCH", 7)
    assert sum(at_once(drain)) == CUSTOMERS
    assert Call.objects.count() == CUSTOMERS
