from datetime import timedelta

import pytest

from acuerdo.customers.models import Alert, Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import payment_reports
from acuerdo.ledger.models import Debt, PaymentReport
from acuerdo.ledger.tests.factories import NOW, TODAY, soles
from acuerdo.organization.models import Holiday, User
from acuerdo.primitives.refusals import Refusal


def report(customer: Customer, amount: int = 200) -> PaymentReport:
    return payment_reports.report(
        customer, amount=soles(amount), paid_on=TODAY, reference="OP 9", by=None, at=NOW
    )


def test_a_report_holds_three_business_days(overdue: Customer) -> None:
    # From Wednesday: Thursday, Friday, and over the weekend Monday.
    assert report(overdue).holds_until == TODAY + timedelta(days=5)


def test_a_holiday_of_ours_is_no_business_day(overdue: Customer) -> None:
    Holiday.objects.create(country="PE", on=TODAY + timedelta(days=1), name="Aniversario")
    assert report(overdue).holds_until == TODAY + timedelta(days=6)


def test_verifying_posts_the_payment_once(overdue: Customer, supervisor: User) -> None:
    row = report(overdue)
    payment = payment_reports.verify(row, by=supervisor, at=NOW)
    assert (payment.amount, payment.paid_on, payment.reference) == (200, TODAY, "OP 9")
    assert (row.status, row.settled_by, row.payment) == ("verified", supervisor, payment)
    with pytest.raises(Refusal, match="move_not_allowed"):
        payment_reports.verify(row, by=supervisor, at=NOW)
    assert Debt.objects.get(customer=overdue, status="open").balance == 100


def test_a_stale_copy_does_not_verify_again(overdue: Customer, supervisor: User) -> None:
    row = report(overdue)
    stale = PaymentReport.objects.get(pk=row.pk)
    payment_reports.verify(row, by=supervisor, at=NOW)
    with pytest.raises(Refusal, match="stale_state"):
        payment_reports.verify(stale, by=supervisor, at=NOW)
    assert overdue.payments.count() == 1


def test_rejecting_needs_a_reason_and_posts_nothing(overdue: Customer, supervisor: User) -> None:
    row = report(overdue)
    with pytest.raises(Refusal, match="no_note"):
        payment_reports.reject(row, note="", by=supervisor, at=NOW)
    payment_reports.reject(row, note="No llegó", by=supervisor, at=NOW)
    assert (row.status, row.note) == ("rejected", "No llegó")
    assert not overdue.payments.exists()


def test_each_step_is_on_the_timeline(overdue: Customer) -> None:
    payment_reports.reject(report(overdue), note="x", by=None, at=NOW)
    payment_reports.verify(report(overdue), by=None, at=NOW)
    facts = Interaction.objects.filter(customer=overdue, fact__startswith="report")
    assert sorted(facts.values_list("fact", flat=True)) == [
        "report", "report", "report_rejected", "report_verified",
    ]  # fmt: skip
    assert Event.objects.filter(type__startswith="payment_report.").count() == 4


def test_after_its_last_day_the_adviser_is_alerted_once(overdue: Customer) -> None:
    row = report(overdue)
    last = NOW + (row.holds_until - TODAY)
    moments = [last + timedelta(days=extra) for extra in (0, 1, 2)]
    assert [payment_reports.expire_due(at=moment) for moment in moments] == [0, 1, 0]
    assert Alert.objects.get(customer=overdue).kind == "report_unverified"
    assert PaymentReport.objects.get(pk=row.pk).status == "reported"


def test_settling_the_last_report_clears_the_alert(overdue: Customer) -> None:
    first, second = report(overdue, 50), report(overdue, 60)
    payment_reports.expire_due(at=NOW + (first.holds_until - TODAY) + timedelta(days=1))
    payment_reports.verify(first, by=None, at=NOW)
    assert Alert.objects.filter(customer=overdue, cleared_at=None).exists()
    payment_reports.reject(second, note="x", by=None, at=NOW)
    assert not Alert.objects.filter(customer=overdue, cleared_at=None).exists()


def test_a_payment_that_is_still_to_come_is_no_report(overdue: Customer) -> None:
    with pytest.raises(Refusal) as refused:
        payment_reports.report(
            overdue, amount=soles(5), paid_on=TODAY + timedelta(days=1), by=None, at=NOW
        )
    assert refused.value.field == "paid_on"
