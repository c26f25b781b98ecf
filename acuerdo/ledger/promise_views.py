"""Registering and cancelling promises, from the customer's page and beside a conversation."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from acuerdo.customers import access as customer_access
from acuerdo.customers import in_place
from acuerdo.customers.models import Customer
from acuerdo.ledger import access, promises
from acuerdo.ledger.forms import ReasonForm
from acuerdo.ledger.promise_forms import PromiseForm
from acuerdo.ledger.views import currencies_of
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.money import rounded
from acuerdo.ui import fragments, operations


@requires("promises.register")
def promise_new(request: HttpRequest, customer_pk: int, *, is_beside: bool = False) -> HttpResponse:
    """In one part or several; the parts are shown before anything is registered."""
    customer = customer_access.customer(actor(request), customer_pk)
    form = PromiseForm(
        operations.posted(request), initial=_owed(customer), owed=currencies_of(customer)
    )
    if request.method == "POST" and form.asks_to_split:
        return _asked(request, customer, form.spread())
    if form.is_valid():
        register = partial(promises.register_plan, customer, parts=form.plan)
        done = partial(register, note=form.cleaned_data["note"], by=actor(request), at=clock.now())
        if operations.run(form, done):
            return _done(request, customer, is_beside=is_beside)
    return _asked(request, customer, form)


@requires("promises.register")
def promise_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    promise = access.promise(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    back = reverse("customers:detail", args=[promise.customer_id])
    if form.is_valid():
        cancel = partial(promises.cancel, promise, note=form.cleaned_data["note"])
        operations.run(form, partial(cancel, by=actor(request), at=clock.now()))
        if form.is_valid():
            notice = _("Compromiso anulado.")
            return in_place.finish(request, promise.customer, notice, back=back)
    title = _("Anular compromiso")
    intro = promise.customer.full_name
    if promise.parts > 1:
        intro = _("%s: se anulan todas las partes que siguen vigentes.") % intro
    return operations.form_page(
        request, form, title=title, intro=intro, action=title, danger=True, back=back
    )


def _asked(request: HttpRequest, customer: Customer, form: PromiseForm) -> HttpResponse:
    context = {
        "form": form,
        "customer": customer,
        "title": _("Registrar compromiso"),
        "address": request.get_full_path(),
    }
    if request.headers.get("HX-Target") == "plan-parts":
        return render(request, "ledger/promise/_parts.html", context)
    return fragments.respond(
        request,
        page="ledger/promise/new.html",
        fragment="ledger/promise/_drawer.html",
        context=context,
        status=422 if form.is_bound and form.errors else 200,
    )


def _done(request: HttpRequest, customer: Customer, *, is_beside: bool) -> HttpResponse:
    notice = _("Compromiso registrado.")
    if is_beside and fragments.wanted(request):
        return in_place.changed(request, customer, notice)
    back = reverse("customers:detail", args=[customer.pk])
    return in_place.finish(request, customer, notice, back=back)


def _owed(customer: Customer) -> dict[str, object]:
    """The amount that is overdue is the promise most often made."""
    balance = customer.balances.order_by("-overdue_amount", "-open_amount").first()
    if balance is None or not balance.open_amount:
        return {}
    owed = balance.overdue_amount or balance.open_amount
    return {"currency": balance.currency, "amount": rounded(owed, balance.currency)}
