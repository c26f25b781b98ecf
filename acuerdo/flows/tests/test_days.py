"""A whole day: begun, planned, executed and delivered, with the clock travelling."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from acuerdo.conversations.tests.conftest import Provider
from acuerdo.customers.models import Customer
from acuerdo.flows import days, execution, locks, planning
from acuerdo.flows.models import DayRun, Flow, StepRun
from acuerdo.flows.tests.factories import account, flow, step
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import promises
from acuerdo.ledger.tests.factories import NOW, TODAY, soles
from acuerdo.organization.models import Organization, Portfolio
from acuerdo.primitives import clock

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def general(book: Portfolio) -> Flow:
    return flow()


def test_day_begins_and_is_planned_once(overdue: Customer, general: Flow) -> None:
    step(general, 10)
    days.follow(at=NOW)
    day = DayRun.objects.get()
    assert (day.on, day.begun_at, day.planned_at) == (TODAY, NOW, NOW)
    days.follow(at=NOW + timedelta(minutes=1))
    day.refresh_from_db()
    assert day.begun_at == NOW
    assert StepRun.objects.count() == 1


def test_new_facts_let_the_day_be_planned_again(overdue: Customer, general: Flow) -> None:
    days.follow(at=NOW)
    step(general, 10)
    with clock.travel(NOW):
        days.plan_again()
    days.follow(at=NOW)
    assert StepRun.objects.count() == 1
    assert DayRun.objects.get().planned_at == NOW


def test_planning_cut_short_goes_on_at_the_next_tick(
    overdue: Customer, general: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(general, 10)
    with monkeypatch.context() as patched:
        patched.setattr(planning, "plan", interrupted)
        with pytest.raises(KeyboardInterrupt):
            days.follow(at=NOW)
    days.follow(at=NOW)
    assert StepRun.objects.count() == 1


def interrupted(**_words: object) -> None:
    raise KeyboardInterrupt


def test_facts_that_change_while_a_day_is_planned_are_planned_too(
    overdue: Customer, general: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planning.plan

    def plan_and_change(*, on: date, at: datetime) -> planning.Planned:
        done = plan(on=on, at=at)
        step(general, 10)
        with clock.travel(at):
            days.plan_again()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(planning, "plan", plan_and_change)
        days.follow(at=NOW)
    days.follow(at=NOW)
    assert StepRun.objects.count() == 1


def test_promise_breaks_the_day_after_it_was_due(overdue: Customer) -> None:
    promises.register(overdue, amount=soles(50), due_on=TODAY, by=None, at=NOW)
    days.begin(on=TODAY, at=NOW)
    assert not overdue.alerts.exists()
    days.begin(on=TOMORROW, at=NOW + timedelta(days=1))
    assert overdue.alerts.get().kind == "promise_broken"
    days.begin(on=TOMORROW, at=NOW + timedelta(days=1))
    assert overdue.alerts.count() == 1


def test_promise_breaks_during_the_day_where_midnight_comes_later(overdue: Customer) -> None:
    Customer.objects.filter(pk=overdue.pk).update(time_zone="America/Tijuana")
    promises.register(overdue, amount=soles(50), due_on=TODAY, by=None, at=NOW)
    midnight_in_lima = days.bounds(TOMORROW)[0]
    days.follow(at=midnight_in_lima)
    assert not overdue.alerts.exists()
    days.follow(at=midnight_in_lima + timedelta(hours=2))
    assert overdue.alerts.get().kind == "promise_broken"


def test_bounds_are_those_of_the_organisation(organization: Organization) -> None:
    start, end = days.bounds(TODAY)
    assert (start.hour, end - start) == (5, timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_whole_day_goes_out_once_at_its_hour(
    overdue: Customer, general: Flow, provider: Provider
) -> None:
    account("sms", provider.url)
    step(general, 10)
    ran = days.run(on=TODAY)
    assert (ran.planned.planned, ran.executed) == (1, 1)
    row = Interaction.objects.get(kind="message")
    assert (row.status, row.at.hour) == ("sent", 15)
    assert len(provider.events()) == 1
    again = days.run(on=TODAY)
    assert (again.planned.created, again.executed) == (0, 0)
    assert len(provider.events()) == 1


def test_command_says_what_the_day_did(
    overdue: Customer, general: Flow, capsys: pytest.CaptureFixture[str]
) -> None:
    step(general, 10)
    call_command("run_day", "--on", TODAY.isoformat())
    assert "1 planificados" in capsys.readouterr().out
    call_command("plan", "--on", TODAY.isoformat(), "--json")
    assert '"outcome": "skipped", "reason": "no_account"' in capsys.readouterr().out


def test_flows_rest_while_somebody_runs_a_day(
    overdue: Customer, general: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(general, 10)
    planning.plan(on=TODAY, at=NOW)
    monkeypatch.setattr(locks, "may_execute", lambda: False)
    assert execution.drain() == 0


def test_second_run_of_a_day_at_once_is_refused(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_ask", lambda *_: False)
    with pytest.raises(CommandError, match="otra corrida"):
        call_command("run_day", "--on", TODAY.isoformat())
