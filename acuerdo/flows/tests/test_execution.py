"""What becomes of a planned run when its time comes."""

from datetime import timedelta

import pytest

from acuerdo.calls.models import Call
from acuerdo.contact_policy.models import Decision
from acuerdo.contact_policy.tests.factories import contact
from acuerdo.conversations.models import Message, Outgoing
from acuerdo.customers import alerts
from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date
from acuerdo.flows import execution, planning, strategies
from acuerdo.flows.models import Flow, StepRun
from acuerdo.flows.tests.factories import account, flow, step, template
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.organization.models import Portfolio
from acuerdo.primitives import clock


@pytest.fixture
def general(book: Portfolio) -> Flow:
    return flow()


def run_now(after: timedelta = timedelta(0)) -> StepRun:
    """Plan the day, carry out what is due at that moment, and give the only run."""
    planning.plan(on=TODAY, at=NOW)
    drain(after)
    return StepRun.objects.get()


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return execution.drain()


def test_message_is_queued_once_with_the_text_filled_in(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10, template=template("sms", "{{nombre}}, debe {{saldo_total}}."))
    run = run_now()
    message = Message.objects.get()
    assert (run.status, run.interaction_id) == ("done", message.pk)
    assert message.idempotency_key == f"run:{run.pk}"
    assert message.body.startswith("Olga, debe S/")
    assert (message.interaction.origin, message.interaction.source) == ("flow", general.name)
    not_after = Outgoing.objects.get().not_after
    assert not_after
    assert clock.wall(not_after, "America/Lima").strftime("%H:%M") == "23:59"
    assert local_date(overdue, not_after) == local_date(overdue, NOW), "a reminder is for its day"
    assert drain() == 0


def test_nothing_runs_before_its_hour(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10)
    assert run_now(timedelta(hours=-2)).status == "planned"


def test_call_step_puts_a_call_in_the_tray(overdue: Customer, general: Flow) -> None:
    step(general, 10, "call", template=template("call", "Preguntar por {{nombre}}."))
    run = run_now()
    call = Call.objects.get()
    assert (run.status, run.interaction_id) == ("done", call.interaction_id)
    assert (call.due_on, call.source, call.script) == (TODAY, "flow", "Preguntar por Olga.")
    assert Decision.objects.get().stage == "hand_off"


def test_call_over_the_cap_is_put_off_with_the_rule(overdue: Customer, general: Flow) -> None:
    step(general, 10, "call")
    planning.plan(on=TODAY, at=NOW)
    contact(overdue, NOW, channel="sms")
    drain()
    run = StepRun.objects.get()
    assert (run.status, run.reason, run.rule) == ("postponed", "cap_reached", "pe.c1")
    assert run.due_at == NOW.replace(hour=12) + timedelta(days=1)
    assert not Call.objects.exists()


def test_what_happened_since_planning_is_asked_again(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10)
    planning.plan(on=TODAY, at=NOW)
    alerts.raise_alert(overdue, "refuses", by=None, at=NOW)
    assert (run_now().status, run_now().reason) == ("skipped", "alert_refuses")
    assert not Message.objects.exists()


def test_oldest_due_date_that_moved_ends_the_run(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10)
    planning.plan(on=TODAY, at=NOW)
    payment(overdue, 200)
    assert run_now().reason == "due_date_changed"


def test_retired_step_does_nothing_more(overdue: Customer, general: Flow) -> None:
    account()
    one = step(general, 10)
    planning.plan(on=TODAY, at=NOW)
    strategies.retire_step(one, by=None, at=NOW)
    drain()
    assert StepRun.objects.get().reason == "step_removed"


def test_missing_value_is_named(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10, template=template("sms", "Su plan: {{campo.plan}}"))
    assert run_now().reason == "missing_value:campo.plan"


def test_no_account_for_the_channel_is_a_reason(overdue: Customer, general: Flow) -> None:
    step(general, 10)
    assert run_now().reason == "no_account"


def test_day_that_was_slept_through_is_not_made_up_for(overdue: Customer, general: Flow) -> None:
    account()
    step(general, 10)
    assert run_now(timedelta(days=1)).reason == "missed_day"


def test_one_missing_value_does_not_hold_the_others_back(
    overdue: Customer, up_to_date: Customer, general: Flow
) -> None:
    account()
    debt(up_to_date, 20, days_past_due=10)
    Customer.objects.filter(pk=overdue.pk).update(custom={"plan": "A"})
    step(general, 10, template=template("sms", "Su plan: {{campo.plan}}"))
    planning.plan(on=TODAY, at=NOW)
    assert drain() == 2
    assert sorted(StepRun.objects.values_list("status", flat=True)) == ["done", "skipped"]
