from datetime import timedelta

import pytest

from acuerdo.customers import alerts, pauses, profiles
from acuerdo.customers.models import SILENCING_ALERTS, Customer
from acuerdo.customers.tests.factories import customer
from acuerdo.ledger import holds, payment_reports, promises
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import Organization
from acuerdo.organization.tests.factories import portfolio


def blocker(customer: Customer, *, days: int = 0) -> str | None:
    return holds.blockers([customer.pk], on=TODAY + timedelta(days=days)).get(customer.pk)


def test_nothing_holds_who_simply_owes(overdue: Customer, up_to_date: Customer) -> None:
    assert holds.blockers([overdue.pk, up_to_date.pk], on=TODAY) == {}


def test_a_promise_holds_through_its_day(overdue: Customer, organization: Organization) -> None:
    due_on = TODAY + timedelta(days=2)
    row = promises.register(overdue, amount=soles(9), due_on=due_on, by=None, at=NOW)
    assert [blocker(overdue, days=day) for day in (0, 2, 3)] == ["promise_pending"] * 2 + [None]
    organization.promise_grace_days = 1
    organization.save()
    assert blocker(overdue, days=3) == "promise_pending"
    promises.cancel(row, note="x", by=None, at=NOW)
    assert blocker(overdue) is None


def test_a_report_holds_until_its_last_day_or_its_answer(overdue: Customer) -> None:
    row = payment_reports.report(overdue, amount=soles(9), paid_on=TODAY, by=None, at=NOW)
    assert [blocker(overdue, days=day) for day in (0, 5, 6)] == ["report_pending"] * 2 + [None]
    payment_reports.reject(row, note="x", by=None, at=NOW)
    assert blocker(overdue) is None


def test_a_pause_holds_until_the_day_it_ends(paused: Customer) -> None:
    assert [blocker(paused, days=day) for day in (0, 6, 7)] == ["paused", "paused", None]
    pauses.resume(paused.pauses.get(), by=None, at=NOW)
    assert blocker(paused) is None


@pytest.mark.parametrize("kind", SILENCING_ALERTS)
def test_a_silencing_alert_holds_until_it_is_cleared(overdue: Customer, kind: str) -> None:
    alert = alerts.raise_alert(overdue, kind, by=None, at=NOW)
    assert blocker(overdue, days=400) == f"alert_{kind}"
    alerts.clear(alert, by=None, at=NOW)
    assert blocker(overdue) is None


@pytest.mark.parametrize("kind", ["promise_broken", "resumed", "contact_failed"])
def test_other_alerts_hold_nothing(overdue: Customer, kind: str) -> None:
    alerts.raise_alert(overdue, kind, by=None, at=NOW)
    assert blocker(overdue) is None


def test_who_owes_nothing_is_left_alone(overdue: Customer) -> None:
    payment(overdue, 300)
    assert blocker(overdue) == "nothing_owed"


@pytest.mark.parametrize("status", ["inactive", "deleted"])
def test_who_is_not_active_is_left_alone(overdue: Customer, status: str) -> None:
    profiles.update(overdue, status=status, by=None, at=NOW)
    assert blocker(overdue) == "inactive"


@pytest.mark.usefixtures("organization")
def test_a_charged_off_portfolio_is_not_in_the_main_flow() -> None:
    row = customer(portfolio(kind="charged_off"))
    debt(row, days_past_due=400)
    assert blocker(row) == "charged_off"
