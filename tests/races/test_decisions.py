"""Two people decide the same thing at once: one decision stands, the other is told."""

from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.calls import results, scheduling
from acuerdo.calls.models import Call, CallSource
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer, Pause
from acuerdo.events.models import Event
from acuerdo.ledger import adjustments, claims, debts, payment_reports, promises
from acuerdo.ledger.models import Claim, ClaimCategory, Debt, Payment, PaymentReport, Promise
from acuerdo.ledger.tests.factories import NOW, TODAY, payment, soles
from acuerdo.organization.models import User
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

FRIDAY = TODAY + timedelta(days=2)
SATURDAY = NOW + timedelta(days=3)


def promise(customer: Customer) -> Promise:
    return promises.register(
        customer, amount=soles(200), due_on=FRIDAY, by=None, at=NOW - timedelta(hours=1)
    )


def test_a_call_has_one_result(overdue: Customer, adviser: User) -> None:
    draft = scheduling.Draft(overdue, TODAY, CallSource.FLOW, script="Saludar")
    call = scheduling.schedule_many([draft], at=NOW)[0]
    data = {"amount": Decimal(120), "currency": "PEN", "due_on": FRIDAY}
    stale = [Call.objects.get(pk=call.pk) for _number in range(3)]
    outcome = race(
        *[
            lambda row=row: results.register(
                row, "promise", data=data, note="Sí", by=adviser, at=NOW
            )
            for row in stale
        ]
    )
    assert outcome.count("ok") == 1
    assert Promise.objects.count() == 1


def test_a_report_is_verified_or_rejected_and_not_both(overdue: Customer) -> None:
    row = payment_reports.report(overdue, amount=soles(50), paid_on=TODAY, by=None, at=NOW)
    one, other = [PaymentReport.objects.get(pk=row.pk) for _number in range(2)]
    outcome = race(
        lambda: payment_reports.verify(one, by=None, at=NOW),
        lambda: payment_reports.reject(other, note="No está", by=None, at=NOW),
    )
    assert outcome == ["ok", "stale_state"]
    row.refresh_from_db()
    assert Payment.objects.count() == (row.status == "verified")


def test_of_two_promises_at_once_one_stays_pending(overdue: Customer) -> None:
    assert race(*[lambda: promise(overdue)] * 3) == ["ok"] * 3
    assert Promise.objects.filter(status="pending").count() == 1


def test_a_promise_is_cancelled_once(overdue: Customer) -> None:
    row = promise(overdue)
    stale = [Promise.objects.get(pk=row.pk) for _number in range(2)]
    outcome = race(
        *[lambda row=row: promises.cancel(row, note="x", by=None, at=NOW) for row in stale]
    )
    assert outcome == ["ok", "stale_state"]


def test_a_promise_breaks_once_however_many_nights_run(overdue: Customer) -> None:
    promise(overdue)
    race(*[lambda: promises.settle_due(at=SATURDAY)] * 3)
    assert Event.objects.filter(type="promise.broken").count() == 1
    assert overdue.alerts.filter(kind="promise_broken").count() == 1


def test_money_in_the_last_moment_keeps_a_promise_or_comes_too_late(overdue: Customer) -> None:
    row = promise(overdue)
    race(
        lambda: payment(overdue, 200, paid_on=FRIDAY, at=SATURDAY),
        lambda: promises.settle_due(at=SATURDAY),
    )
    row.refresh_from_db()
    kinds = Event.objects.filter(type__in=("promise.kept", "promise.broken"))
    assert [event.type for event in kinds] == [f"promise.{row.status}"]


def test_two_adjustments_at_once_are_both_counted(overdue: Customer) -> None:
    debt = overdue.debts.earliest("due_on")
    before = debt.balance
    stale = [Debt.objects.get(pk=debt.pk) for _number in range(3)]
    post = adjustments.post
    race(*[lambda row=row: post(row, Decimal(-10), note="x", by=None, at=NOW) for row in stale])
    debt.refresh_from_db()
    assert debt.balance == before - 30
    assert debt.balance == sum(entry.amount for entry in debt.entries.all())


def test_a_debt_is_cancelled_or_uncollectible_and_not_both(overdue: Customer) -> None:
    debt = overdue.debts.earliest("due_on")
    one, other = [Debt.objects.get(pk=debt.pk) for _number in range(2)]
    outcome = race(
        lambda: debts.cancel(one, note="x", by=None, at=NOW),
        lambda: debts.mark_uncollectible(other, note="x", by=None, at=NOW),
    )
    assert outcome.count("ok") == 1


def test_a_pause_ends_once(paused: Customer) -> None:
    row = paused.pauses.get()
    stale = [Pause.objects.get(pk=row.pk) for _number in range(2)]
    outcome = race(
        *[lambda row=row: pauses.resume(row, by=None, at=NOW) for row in stale],
        lambda: pauses.end_due(at=NOW + timedelta(days=30)),
    )
    assert set(outcome) <= {"ok", "pause_over"}
    assert Event.objects.filter(type="pause.ended").count() == 1


def test_a_claim_is_closed_once(overdue: Customer) -> None:
    row = claims.open_claim(
        overdue,
        category=ClaimCategory.BILLING,
        description="Cobro doble",
        debts=[],
        by=None,
        at=NOW,
    )
    stale = [Claim.objects.get(pk=row.pk) for _number in range(2)]
    outcome = race(
        *[lambda row=row: claims.close(row, resolution="x", by=None, at=NOW) for row in stale]
    )
    assert outcome.count("ok") == 1
    assert Event.objects.filter(type="claim.closed").count() == 1
