"""The panel beside a conversation, and what may be registered from it without leaving."""

from functools import partial

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from acuerdo.customers import access, in_place, pauses
from acuerdo.customers.forms import PauseForm
from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date
from acuerdo.ledger import claims, panel, payment_reports
from acuerdo.ledger.forms import ClaimForm, ReportForm
from acuerdo.ledger.views import currencies_of
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments, operations


@requires("debts.view")
@require_safe
def panel_detail(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    return fragments.respond(
        request,
        page="ledger/panel/page.html",
        fragment="ledger/panel/_panel.html",
        context={
            "customer": customer,
            "panel": panel.of(customer, at=clock.now(), channel=request.GET.get("channel", "")),
            "here": in_place.QUERY,
        },
    )


@requires("payment_reports.register")
def report_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        initial={"paid_on": local_date(customer, clock.now())},
        owed=currencies_of(customer),
    )
    if request.method == "POST" and form.is_valid():
        report = partial(payment_reports.report, customer, amount=form.money, **form.rest)
        if operations.run(form, partial(report, by=actor(request), at=clock.now())):
            return _kept(request, customer, _("Pago a verificar registrado."))
    return _asked(request, customer, form, title=_("Pago a verificar"))


@requires("claims.edit")
def claim_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    form = ClaimForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        open_claim = partial(claims.open_claim, customer, **form.claim)
        if operations.run(form, partial(open_claim, by=actor(request), at=clock.now())):
            return _kept(request, customer, _("Reclamo abierto."))
    return _asked(request, customer, form, title=_("Abrir reclamo"))


@requires("pauses.write")
def pause_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        pause = partial(pauses.pause, customer, **form.cleaned_data)
        if operations.run(form, partial(pause, by=actor(request), at=clock.now())):
            return _kept(request, customer, _("Comunicaciones pausadas."))
    return _asked(request, customer, form, title=_("Pausar comunicaciones"))


def _asked(request: HttpRequest, customer: Customer, form: Form, *, title: str) -> HttpResponse:
    return operations.form_page(
        request, form, title=title, intro=customer.full_name, back=_page(customer)
    )


def _kept(request: HttpRequest, customer: Customer, notice: str) -> HttpResponse:
    """The panel is always beside a conversation, whether or not its address says so."""
    if not fragments.wanted(request):
        return operations.finish(request, notice, _page(customer))
    return in_place.changed(request, customer, notice)


def _page(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])
