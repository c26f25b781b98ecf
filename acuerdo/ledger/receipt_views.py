"""Payments, payments to verify and promises: lists, forms and the buttons beside each."""

from functools import partial

from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers import in_place
from acuerdo.customers.models import Customer
from acuerdo.ledger import access, payment_reports, payments
from acuerdo.ledger.forms import ReasonForm, RecordForm, ReportForm
from acuerdo.ledger.models import Payment, PaymentReport, Promise
from acuerdo.ledger.receipt_filters import ReceiptFilter
from acuerdo.ledger.views import currencies_of
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import operations, pagination


@requires("debts.view")
@require_safe
def payment_list(request: HttpRequest) -> HttpResponse:
    wanted = ReceiptFilter.parse(Payment, request.GET)
    rows = access.payments_for(actor(request)).filter(wanted.conditions)
    return _list(request, rows, wanted, by="paid_on", template="ledger/payment/list.html")


@requires("debts.view")
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    wanted = ReceiptFilter.parse(PaymentReport, request.GET)
    rows = access.reports_for(actor(request)).filter(wanted.conditions)
    return _list(request, rows, wanted, by="paid_on", template="ledger/report/list.html")


@requires("debts.view")
@require_safe
def promise_list(request: HttpRequest) -> HttpResponse:
    wanted = ReceiptFilter.parse(Promise, request.GET)
    rows = access.promises_for(actor(request)).filter(wanted.conditions)
    return _list(request, rows, wanted, by="due_on", template="ledger/promise/list.html")


def _list(
    request: HttpRequest, rows: QuerySet[Model], wanted: ReceiptFilter, *, by: str, template: str
) -> HttpResponse:
    page = pagination.paginate(rows.select_related("customer", "by"), request.GET, by=by)
    return render(request, template, {"page": page, "rows": page.rows, "filters": wanted.bar()})


@requires("payments.register")
def payment_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    form = RecordForm(operations.posted(request), initial=_initial(), owed=currencies_of(customer))
    if form.is_valid():
        record = partial(payments.record, customer, amount=form.money, **form.rest)
        operations.run(form, partial(record, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Pago registrado."))
    return operations.form_page(
        request, form, title=_("Registrar pago"), intro=customer.full_name, back=_page(customer_pk)
    )


@requires("payments.register")
def payment_void(request: HttpRequest, pk: int) -> HttpResponse:
    payment = access.payment(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    address = _page(payment.customer_id)
    if form.is_valid():
        void = partial(payments.void, payment, note=form.cleaned_data["note"])
        operations.run(form, partial(void, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, payment.customer, _("Pago anulado."))
    title = _("Anular pago")
    return operations.form_page(
        request, form, title=title, intro=payment.code, action=title, danger=True, back=address
    )


@requires("payment_reports.register")
def report_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    form = ReportForm(
        operations.posted(request),
        request.FILES or None,
        initial=_initial(),
        owed=currencies_of(customer),
    )
    if form.is_valid():
        report = partial(payment_reports.report, customer, amount=form.money, **form.rest)
        operations.run(form, partial(report, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Pago a verificar registrado."))
    return operations.form_page(
        request,
        form,
        title=_("Pago a verificar"),
        intro=customer.full_name,
        back=_page(customer_pk),
    )


@requires("payment_reports.settle")
@require_POST
def report_verification(request: HttpRequest, pk: int) -> HttpResponse:
    report = access.report(actor(request), pk)
    verify = partial(payment_reports.verify, report, by=actor(request), at=clock.now())
    done, back = _("Pago verificado y aplicado."), reverse("ledger:reports")
    return in_place.answer(request, verify, customer=report.customer, done=done, back=back)


@requires("payment_reports.settle")
def report_rejection(request: HttpRequest, pk: int) -> HttpResponse:
    report = access.report(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    address = reverse("ledger:reports")
    if form.is_valid():
        reject = partial(payment_reports.reject, report, note=form.cleaned_data["note"])
        operations.run(form, partial(reject, by=actor(request), at=clock.now()))
        if form.is_valid():
            done = _("Pago no verificado.")
            return in_place.finish(request, report.customer, done, back=address)
    return operations.form_page(
        request,
        form,
        title=_("No verificar el pago"),
        intro=report.customer.full_name,
        danger=True,
        back=address,
    )


@requires("debts.view")
@require_safe
def report_receipt(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    report = access.report(actor(request), pk)
    if not report.receipt:
        raise Http404
    # Never shown in place: what a stranger uploaded is not a page of ours.
    return FileResponse(report.receipt.open("rb"), as_attachment=True)


def _initial() -> dict[str, object]:
    return {"paid_on": clock.today(settings.current().time_zone)}


def _done(request: HttpRequest, customer: Customer, notice: str) -> HttpResponse:
    return in_place.finish(request, customer, notice, back=_page(customer.pk))


def _page(customer_pk: int) -> str:
    return reverse("customers:detail", args=[customer_pk])
