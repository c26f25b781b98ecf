"""Calls that are put in the tray, and the calendar that says which days are closed."""

from datetime import timedelta

import pytest

from acuerdo.calls import holding, scheduling
from acuerdo.calls.models import Call, CallSource, CallStatus
from acuerdo.customers import alerts
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.primitives.refusals import Refusal


def test_call_is_a_pending_interaction_too(overdue: Customer) -> None:
    call = scheduling.schedule(
        overdue, due_on=TODAY, source=CallSource.MANUAL, script="Saludar", by=None, at=NOW
    )
    row = Interaction.objects.get(pk=call.interaction_id)
    assert (row.status, row.kind, row.summary) == ("pending_call", "call", "Saludar")
    assert row.at.isoformat() == "2026-06-10T13:00:00+00:00"


def test_same_key_never_makes_two(overdue: Customer) -> None:
    draft = scheduling.Draft(overdue, TODAY, CallSource.FLOW, idempotency_key="run:1")
    first = scheduling.schedule_many([draft], at=NOW)[0]
    assert scheduling.schedule_many([draft], at=NOW)[0].pk == first.pk
    assert Call.objects.count() == 1


def test_closed_day_is_refused_with_the_reason(overdue: Customer) -> None:
    with pytest.raises(Refusal) as refusal:
        scheduling.schedule(
            overdue,
            due_on=TODAY + timedelta(days=19),
            source=CallSource.MANUAL,
            by=None,
            at=NOW,
        )
    assert "feriado: San Pedro y San Pablo" in refusal.value.sentence


def test_month_says_why_each_closed_day_is_closed(overdue: Customer) -> None:
    days = scheduling.month(overdue, year=2026, month=6, at=NOW)
    assert len(days) == 30
    closed = {day.on.day: day.why_closed for day in days if not day.is_open}
    assert closed[9] == "ese día ya pasó"
    assert closed[13].startswith("sábado, según Código de Protección al Consumidor")
    assert closed[14].startswith("domingo, según")
    assert closed[29].startswith("feriado")
    assert 10 not in closed


def test_held_calls_of_a_flow_leave_the_tray_and_those_of_people_stay(overdue: Customer) -> None:
    drafts = [
        scheduling.Draft(overdue, TODAY, CallSource.FLOW),
        scheduling.Draft(overdue, TODAY, CallSource.CALL_BACK),
    ]
    ours, asked_for = scheduling.schedule_many(drafts, at=NOW)
    alerts.raise_alert(overdue, "cannot", by=None, at=NOW)
    assert holding.cancel_held(on=TODAY, at=NOW) == 1
    assert Call.objects.get(pk=ours.pk).status == CallStatus.CANCELLED
    assert Interaction.objects.get(pk=ours.interaction_id).reason == "alert_cannot"
    assert Call.objects.get(pk=asked_for.pk).status == CallStatus.PENDING
