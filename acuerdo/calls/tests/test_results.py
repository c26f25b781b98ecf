"""Every result of the catalogue, with what it leaves behind."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from acuerdo.calls import results, scheduling, wording
from acuerdo.calls.dispositions import DISPOSITIONS
from acuerdo.calls.models import Call, CallSource, CallStatus
from acuerdo.contact_policy.tests.factories import inbound
from acuerdo.conversations import inbox
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.note_models import Note
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import holds
from acuerdo.ledger.models import PaymentReport, Promise
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.organization.models import Organization, User
from acuerdo.primitives.refusals import Refusal

TOMORROW = TODAY + timedelta(days=1)
MONEY = {"amount": Decimal(120), "currency": "PEN"}
DATA: dict[str, dict[str, Any]] = {
    "promise": {**MONEY, "due_on": TODAY + timedelta(days=3)},
    "payment_to_verify": {**MONEY, "paid_on": TODAY},
    "paid": {**MONEY, "paid_on": TODAY, "method": "efectivo"},
    "call_back": {"due_on": TOMORROW, "due_time": "15:30"},
    "restructuring": {"terms": "Doce cuotas"},
    "refinancing": {"terms": "Un préstamo nuevo"},
    "reminder": {"fact": "Cobra el día 15"},
    "pause": {"until": TODAY + timedelta(days=5)},
    "pause_no_contact": {"until": TODAY + timedelta(days=5)},
    "pause_incoming": {"until": TODAY + timedelta(days=5)},
    "information": {"description": "Pide su estado de cuenta"},
    "complaint": {"category": "billing", "reason": "No reconoce la compra"},
}


@pytest.fixture
def call(overdue: Customer) -> Call:
    draft = scheduling.Draft(overdue, TODAY, CallSource.FLOW, script="Saludar")
    return scheduling.schedule_many([draft], at=NOW)[0]


def register(call: Call, result: str, by: User, **data: Any) -> Call:
    return results.register(
        call, result, data={**DATA.get(result, {}), **data}, note="Dijo algo", by=by, at=NOW
    )


@pytest.mark.parametrize("code", DISPOSITIONS)
def test_every_result_closes_the_call_and_is_on_the_timeline(
    call: Call, adviser: User, code: str
) -> None:
    disposition = DISPOSITIONS[code]
    register(call, code, adviser)
    call.refresh_from_db()
    assert (call.status, call.result, call.registered_by) == (CallStatus.DONE, code, adviser)
    row = call.interaction
    assert (row.status, row.direction) == (disposition.status, disposition.direction)
    assert row.summary.startswith(str(disposition.label))
    assert Event.objects.get(type="call.result_registered").data["result"] == code


def test_second_result_is_refused_and_has_no_effect(call: Call, adviser: User) -> None:
    stale = Call.objects.get(pk=call.pk)
    register(call, "promise", adviser)
    with pytest.raises(Refusal) as refusal:
        register(stale, "refuses", adviser)
    assert (refusal.value.code, refusal.value.status) == ("already_registered", 409)
    assert not call.customer.alerts.exists()


@pytest.mark.parametrize(
    ("code", "blocker"),
    [
        ("promise", "promise_pending"),
        ("payment_to_verify", "report_pending"),
        ("paid", "report_pending"),
        ("refuses", "alert_refuses"),
        ("cannot", "alert_cannot"),
        ("restructuring", "alert_restructuring"),
        ("refinancing", "alert_refinancing"),
        ("pause", "paused"),
        ("pause_no_contact", "paused"),
        ("pause_incoming", "paused"),
        ("reminder", None),
        ("complaint", None),
        ("information", None),
        ("voicemail", None),
        ("third_party", None),
        ("no_answer", None),
    ],
)
def test_effect_holds_the_main_flow_or_not(
    call: Call, adviser: User, code: str, blocker: str | None
) -> None:
    register(call, code, adviser)
    assert holds.blockers([call.customer_id], on=TODAY).get(call.customer_id) == blocker


def test_promise_and_report_carry_what_was_said(call: Call, adviser: User) -> None:
    register(call, "promise", adviser)
    promise = Promise.objects.get()
    assert (promise.amount, promise.currency, promise.note) == (120, "PEN", "Dijo algo")
    results.register_unplanned(
        call.customer, "paid", data=DATA["paid"], note="", by=adviser, at=NOW
    )
    assert PaymentReport.objects.get().method == "efectivo"


def test_call_back_is_in_the_tray_of_that_day_at_that_hour(call: Call, adviser: User) -> None:
    register(call, "call_back", adviser)
    again = Call.objects.get(status=CallStatus.PENDING)
    assert (again.source, again.due_on) == (CallSource.CALL_BACK, TOMORROW)
    assert again.due_at is not None
    assert again.due_at.isoformat() == "2026-06-11T20:30:00+00:00"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"due_on": date(2026, 6, 14)}, "closed_day"),
        ({"due_on": date(2026, 6, 29)}, "closed_day"),
        ({"due_on": TODAY - timedelta(days=1)}, "closed_day"),
        ({"due_time": "22:00"}, "closed_hour"),
    ],
)
def test_call_back_on_a_closed_day_is_refused_and_nothing_is_kept(
    call: Call, adviser: User, data: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        register(call, "call_back", adviser, **data)
    call.refresh_from_db()
    assert call.status == CallStatus.PENDING


def test_no_answer_is_tried_again_until_the_limit(
    call: Call, adviser: User, organization: Organization
) -> None:
    Organization.objects.update(call_attempts_per_step=2)
    register(call, "no_answer", adviser)
    retry = Call.objects.get(status=CallStatus.PENDING)
    assert (retry.source, retry.attempt, retry.due_on) == (CallSource.RETRY, 2, TOMORROW)
    assert retry.script == "Saludar"
    register(retry, "no_answer", adviser)
    assert not Call.objects.filter(status=CallStatus.PENDING).exists()


def test_retry_keeps_to_the_cap_of_the_country(call: Call, adviser: User) -> None:
    Customer.objects.filter(pk=call.customer_id).update(country="CL", time_zone="America/Santiago")
    register(Call.objects.get(pk=call.pk), "no_answer", adviser)
    assert Call.objects.get(status=CallStatus.PENDING).due_on == TODAY + timedelta(days=7)


def test_wrong_number_is_marked_and_raises_the_alert(call: Call, adviser: User) -> None:
    register(call, "wrong_number", adviser)
    point = call.customer.contact_points.get(kind="phone")
    assert not point.is_usable
    assert call.customer.alerts.get().kind == "contact_failed"


def test_number_of_somebody_else_is_refused(
    call: Call, up_to_date: Customer, adviser: User
) -> None:
    other = up_to_date.contact_points.get()
    with pytest.raises(Refusal, match="foreign_number"):
        register(call, "wrong_number", adviser, contact_point=other)


def test_a_reminder_leaves_a_note(call: Call, adviser: User) -> None:
    register(call, "reminder", adviser)
    assert Note.objects.get().body == DATA["reminder"]["fact"]


def test_a_complaint_opens_a_claim(call: Call, adviser: User) -> None:
    register(call, "complaint", adviser)
    claim = call.customer.claims.get()
    assert (claim.category, claim.description) == ("billing", "No reconoce la compra")


def test_result_takes_the_bold_away(call: Call, adviser: User) -> None:
    inbox.arrived(inbound(call.customer, NOW - timedelta(hours=1)))
    register(call, "voicemail", adviser)
    assert Conversation.objects.get().pending_since is None


def test_whatever_else_was_due_leaves_the_tray(call: Call, adviser: User) -> None:
    draft = scheduling.Draft(call.customer, TODAY, CallSource.MANUAL)
    other = scheduling.schedule_many([draft], at=NOW)[0]
    register(call, "voicemail", adviser)
    other.refresh_from_db()
    assert other.status == CallStatus.CANCELLED
    assert Interaction.objects.get(pk=other.interaction_id).status == "cancelled"


def test_unplanned_result_takes_the_call_that_waits(call: Call, adviser: User) -> None:
    took = results.register_unplanned(
        call.customer, "voicemail", data={}, note="", by=adviser, at=NOW
    )
    assert took.pk == call.pk
    fresh = results.register_unplanned(
        call.customer, "information", data=DATA["information"], note="", by=adviser, at=NOW
    )
    assert fresh.pk != call.pk
    assert (fresh.interaction.status, fresh.interaction.direction) == ("contacted", "incoming")


@pytest.mark.parametrize(
    ("code", "data", "field"),
    [
        ("promise", {"due_on": TOMORROW}, "amount"),
        ("pause", {}, "until"),
        ("reminder", {"fact": " "}, "fact"),
        ("zzz", {}, "result"),
    ],
)
def test_missing_value_is_named(
    call: Call, adviser: User, code: str, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        results.register(call, code, data=data, note="", by=adviser, at=NOW)
    assert refusal.value.field == field


def test_refusal_to_pay_needs_a_note(call: Call, adviser: User) -> None:
    with pytest.raises(Refusal, match="missing_note"):
        results.register(call, "refuses", data={}, note=" ", by=adviser, at=NOW)


def announced(customer: Customer, result: str, data: dict[str, Any]) -> list[str]:
    return wording.sentences(customer, result, data, call=None, at=NOW)


def test_effects_are_said_before_saving(overdue: Customer, organization: Organization) -> None:
    said = announced(overdue, "promise", DATA["promise"])
    assert "Sale de la bandeja de hoy." in said
    assert any("hasta el sáb 13 jun" in sentence for sentence in said)
    for typed in ({}, {"due_on": "mañana"}, {"due_on": "2026-02-31"}, {"due_on": "\x00"}):
        undated = announced(overdue, "promise", typed)
        assert any("hasta la fecha elegida" in sentence for sentence in undated)
    retry = announced(overdue, "no_answer", {})
    assert retry[-1] == "Reintento el jue 11 jun (2 de 3)."
    for code in DISPOSITIONS:
        assert len(announced(overdue, code, {})) >= 2


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_the_retry_that_is_announced_is_the_one_that_is_planned(
    call: Call, adviser: User, organization: Organization, attempt: int
) -> None:
    Customer.objects.filter(pk=call.customer_id).update(country="CL", time_zone="America/Santiago")
    Call.objects.filter(pk=call.pk).update(attempt=attempt)
    made = Call.objects.get(pk=call.pk)
    said = wording.sentences(made.customer, "no_answer", {}, call=made, at=NOW)[-1]
    register(made, "no_answer", adviser)
    planned = Call.objects.filter(status=CallStatus.PENDING).first()
    if planned is None:
        assert (attempt, said) == (3, "Era el último intento (3 de 3): no se vuelve a llamar.")
    else:
        assert planned.due_on == TODAY + timedelta(days=7)
        assert said == f"Reintento el mié 17 jun ({planned.attempt} de 3)."
