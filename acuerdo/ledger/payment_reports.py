"""The debtor says it paid. Believed for some business days, then somebody has to look."""

from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import alerts, facts, zones
from acuerdo.customers.models import AlertKind, Customer
from acuerdo.customers.zones import local_date
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger import amounts, payments
from acuerdo.ledger.models import REPORT_MOVES, Payment, PaymentReport, ReportStatus
from acuerdo.organization import business_days, settings
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to


@transaction.atomic
def report(
    customer: Customer,
    *,
    amount: Money,
    paid_on: date,
    method: str = "",
    reference: str = "",
    note: str = "",
    receipt: "File[Any] | None" = None,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> PaymentReport:
    """Silences the main flow for the organisation's number of business days."""
    today = local_date(customer, at)
    amounts.check_positive(amount)
    if paid_on > today:
        sentence = _("La fecha del pago todavía no llega.")
        raise Refusal("paid_in_the_future", sentence, field="paid_on")
    held_days = settings.current().report_hold_business_days
    created = PaymentReport.objects.create(
        customer=customer,
        currency=amount.currency,
        amount=amount.amount,
        paid_on=paid_on,
        method=method.strip(),
        reference=reference.strip(),
        note=note.strip(),
        receipt=receipt,
        holds_until=business_days.add(today, held_days, country=customer.country),
        by=by,
        created_at=at,
    )
    _tell(created, "payment_report.reported", FactKind.REPORT, by=by, at=at, channel=channel)
    return created


@transaction.atomic
def verify(report: PaymentReport, *, by: User | None, at: datetime) -> Payment:
    """The money is there: it becomes a payment, posted once."""
    move_to(report, ReportStatus.VERIFIED, table=REPORT_MOVES, settled_by=by, settled_at=at)
    payment = payments.record(
        report.customer,
        amount=Money(report.amount, report.currency),
        paid_on=report.paid_on,
        code=f"R-{report.pk}",
        method=report.method,
        reference=report.reference,
        by=by,
        at=at,
    )
    report.payment = payment
    report.save(update_fields=["payment"])
    _settled(report, "payment_report.verified", FactKind.REPORT_VERIFIED, by=by, at=at)
    return payment


@transaction.atomic
def reject(report: PaymentReport, *, note: str, by: User | None, at: datetime) -> PaymentReport:
    if not note.strip():
        raise Refusal("no_note", _("Escriba por qué no se verifica el pago."), field="note")
    kept_note = f"{report.note}\n{note.strip()}".strip()
    move_to(
        report,
        ReportStatus.REJECTED,
        table=REPORT_MOVES,
        settled_by=by,
        settled_at=at,
        note=kept_note,
    )
    _settled(report, "payment_report.rejected", FactKind.REPORT_REJECTED, by=by, at=at)
    return report


@transaction.atomic
def expire_due(*, at: datetime) -> int:
    """Alert the adviser of every report that is still open after its last day, by the customer's clock.

    The report stays open, no longer holds the flow, and is not alerted a second time. Says how many.
    """
    nearly = PaymentReport.objects.filter(holds_until__lt=zones.ahead_of_all(at))
    over = nearly.filter(holds_until__lt=zones.day_before(at))
    overdue = over.filter(status=ReportStatus.REPORTED)
    untold = overdue.filter(alerted_at=None).select_related("customer")
    rows = list(untold.select_for_update(of=("self",)).order_by("pk"))
    alerts.raise_many(
        list({row.customer_id: row.customer for row in rows}.values()),
        AlertKind.REPORT_UNVERIFIED,
        at=at,
    )
    PaymentReport.objects.filter(pk__in=[row.pk for row in rows]).update(alerted_at=at)
    return len(rows)


def _settled(
    report: PaymentReport, event: str, fact: FactKind, *, by: User | None, at: datetime
) -> None:
    """Nothing left to verify takes the alert away."""
    _tell(report, event, fact, by=by, at=at)
    waiting = report.customer.payment_reports.filter(status=ReportStatus.REPORTED)
    if not waiting.exists():
        alerts.clear_many([report.customer], AlertKind.REPORT_UNVERIFIED, by=by, at=at)


def _tell(
    report: PaymentReport,
    event: str,
    fact: FactKind,
    *,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> None:
    lifecycle.record_fact(
        report.customer,
        fact,
        at=at,
        by=by,
        channel=channel,
        summary=report.note or report.reference,
        money=Money(report.amount, report.currency),
        subject_id=report.pk,
    )
    facts.record(event, report.customer, subject=report, by=by, at=at)
