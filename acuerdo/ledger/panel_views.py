"""The panel beside a conversation, and what may be registered from it without leaving."""

from functools import partial

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from acuerdo.customers import access, pauses
from acuerdo.customers.forms import PauseForm
from acuerdo.customers.models import Customer
from acuerdo.ledger import claims, panel, payment_reports, promises
from acuerdo.ledger.forms import ClaimForm, PromiseForm, ReportForm
from acuerdo.ledger.views import currency_of
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
        context={"customer": customer, "panel": panel.of(customer, at=clock.now())},
    )


@requires("promises.register")
def promise_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    form = PromiseForm(request.POST or None, initial=_owed(customer))
    if request.method == "POST" and form.is_valid():
        register = partial(promises.register, customer, amount=form.money, **form.rest)
        done = partial(register, by=actor(request), at=clock.now())
        if operations.run(form, done):
            return _kept(request, customer, _("Compromiso registrado."))
    return _asked(request, customer, form, title=_("Registrar compromiso"))


@requires("payment_reports.register")
def report_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), customer_pk)
    initial = {"currency": currency_of(customer)}
    form = ReportForm(request.POST or None, request.FILES or None, initial=initial)
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


def _owed(customer: Customer) -> dict[str, object]:
    """The amount that is overdue is the promise most often made."""
    balance = customer.balances.order_by("-open_amount").first()
    if balance is None:
        return {"currency": currency_of(customer)}
    return {
        "currency": balance.currency,
        "amount": balance.overdue_amount or balance.open_amount,
    }


def _asked(request: HttpRequest, customer: Customer, form: Form, *, title: str) -> HttpResponse:
    return operations.form_page(
        request, form, title=title, intro=customer.full_name, back=_page(customer)
    )


def _kept(request: HttpRequest, customer: Customer, notice: str) -> HttpResponse:
    """The dialog goes, and whatever shows this customer asks for itself again."""
    if not fragments.wanted(request):
        return operations.finish(request, notice, _page(customer))
    response = fragments.answer(request, fragments.toast(notice, request=request))
    trigger_client_event(response, f"live:customer:{customer.pk}", {})
    fact = {"type": "customer.acted", "customer": customer.pk}
    return trigger_client_event(response, "live:change", fact)


def _page(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])
