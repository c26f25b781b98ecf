"""The next steps of a flow, as they stand beside a customer's conversation."""

from datetime import date, timedelta

import pytest

from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.flows import upcoming
from acuerdo.flows.models import RunStatus, StepRun
from acuerdo.flows.tests.factories import NOW, flow, step
from acuerdo.ledger.tests.factories import TODAY, payment
from acuerdo.organization.models import User

pytestmark = pytest.mark.django_db


def coming(customer: Customer, on: date = TODAY) -> list[tuple[str, int]]:
    found = upcoming.of(Customer.objects.get(pk=customer.pk), on=on)
    return [(turn.step.key, (turn.on - on).days) for turn in found.turns] if found else []


def anchor(customer: Customer) -> date:
    return min(customer.debts.values_list("due_on", flat=True))


def test_steps_count_from_the_oldest_due_date(overdue: Customer) -> None:
    owner, age = flow(), (TODAY - anchor(overdue)).days
    step(owner, age - 1, key="ayer")
    step(owner, age + 9, key="despues")
    step(owner, age, key="hoy")
    assert coming(overdue) == [("hoy", 0), ("despues", 9)]


def test_a_step_that_ran_does_not_come_again(overdue: Customer) -> None:
    mine = step(flow(), (TODAY - anchor(overdue)).days, key="hoy")
    run = StepRun.objects.create(
        step_id=mine.pk,
        customer=overdue,
        anchor_on=anchor(overdue),
        planned_on=TODAY,
        due_at=NOW,
        status=RunStatus.PLANNED,
    )
    assert coming(overdue) == [("hoy", 0)]
    StepRun.objects.filter(pk=run.pk).update(status=RunStatus.DONE)
    assert coming(overdue) == []


def test_the_flow_of_the_portfolio_goes_before_the_general_one(overdue: Customer) -> None:
    age = (TODAY - anchor(overdue)).days
    step(flow(), age, key="general")
    own = flow(portfolio=overdue.portfolio)
    step(own, age, key="propio")
    assert coming(overdue) == [("propio", 0)]
    type(own).objects.filter(pk=own.pk).update(is_active=False)
    assert coming(overdue) == []


def test_the_panel_says_what_holds_the_flow(adviser: User, overdue: Customer) -> None:
    step(flow(), (TODAY - anchor(overdue)).days + 2, key="x", name="Llamada de aviso")
    address = f"/flujos/cliente/{overdue.pk}/"
    html = Browser(adviser).get(address, htmx=True).content.decode()
    assert "Llamada de aviso" in html
    assert "Detenido" not in html
    pauses.pause(overdue, until=TODAY + timedelta(days=20), note="Viaja", by=None, at=NOW)
    html = Browser(adviser).get(address, htmx=True).content.decode()
    assert "Detenido hoy: comunicaciones pausadas." in html


def test_who_owes_nothing_has_nothing_coming(overdue: Customer) -> None:
    step(flow(), (TODAY - anchor(overdue)).days + 2)
    payment(overdue, 5000)
    assert coming(overdue) == []
