"""Debts: the list, one debt with its entries, and what may be done to it."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers import in_place
from acuerdo.customers.forms import portfolios_of
from acuerdo.customers.models import Customer
from acuerdo.ledger import access, adjustments, debts, register
from acuerdo.ledger.filters import DebtFilter
from acuerdo.ledger.forms import AdjustmentForm, DebtForm, ReasonForm
from acuerdo.ledger.models import Debt
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments, operations, pagination


@requires("debts.view")
@require_safe
def debt_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    today = clock.today(settings.current().time_zone)
    wanted = DebtFilter.parse(request.GET)
    rows = wanted.apply(access.debts_for(user), on=today).select_related("customer")
    column, falling = wanted.order
    page = pagination.paginate(rows, request.GET, by=column, descending=falling)
    context = {
        "page": page,
        "rows": [register.debt_row(debt, on=today) for debt in page.rows],
        "filters": register.bar(
            wanted, portfolios_of(actor(request)), _person(request, wanted.customer)
        ),
        "sort": wanted.sort,
    }
    return render(request, "ledger/debt/list.html", context)


def _person(request: HttpRequest, pk: int | None) -> Customer | None:
    return customer_access.customers_for(actor(request)).filter(pk=pk).first() if pk else None


@requires("debts.view")
@require_safe
def debt_detail(request: HttpRequest, pk: int) -> HttpResponse:
    debt = access.debt(actor(request), pk)
    today = clock.today(settings.current().time_zone)
    context = {
        "row": register.debt_row(debt, on=today),
        "debt": debt,
        "entries": debt.entries.select_related("payment").order_by("id"),
    }
    return render(request, "ledger/debt/detail.html", context)


@requires("debts.edit")
def debt_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    form = DebtForm(operations.posted(request), owed=currencies_of(customer))
    if form.is_valid():
        create = partial(debts.create, customer, amount=form.money, **form.rest)
        debt = operations.run(form, partial(create, by=actor(request), at=clock.now()))
        if debt:
            address = reverse("ledger:debt", args=[debt.pk])
            done = _("Orden de pago creada.")
            return in_place.finish(request, customer, done, back=address)
    return operations.form_page(
        request,
        form,
        title=_("Nueva orden de pago"),
        intro=customer.full_name,
        back=_page(customer),
    )


@requires("debts.edit")
def adjustment_new(request: HttpRequest, pk: int) -> HttpResponse:
    debt = access.debt(actor(request), pk)
    form = AdjustmentForm(operations.posted(request), currency=debt.currency)
    address = reverse("ledger:debt", args=[pk])
    if form.is_valid():
        post = partial(adjustments.post, debt, **form.cleaned_data)
        operations.run(form, partial(post, by=actor(request), at=clock.now()))
        if form.is_valid():
            done = _("Ajuste registrado.")
            return in_place.finish(request, debt.customer, done, back=address)
    title = _("Ajustar %(code)s") % {"code": debt.code}
    return operations.form_page(request, form, title=title, back=address)


@requires("debts.edit")
def debt_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(
        request, pk, debts.cancel, title=_("Anular orden de pago"), done=_("Orden anulada.")
    )


@requires("debts.edit")
def debt_writing_off(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(
        request,
        pk,
        debts.mark_uncollectible,
        title=_("Marcar como incobrable"),
        done=_("Orden marcada como incobrable."),
    )


@requires("debts.edit")
@require_POST
def debt_reopening(request: HttpRequest, pk: int) -> HttpResponse:
    debt = access.debt(actor(request), pk)
    reopen = partial(debts.reopen, debt, note="", by=actor(request), at=clock.now())
    done, back = _("La orden vuelve a estar abierta."), reverse("ledger:debt", args=[pk])
    return in_place.answer(request, reopen, customer=debt.customer, done=done, back=back)


def _with_reason(
    request: HttpRequest, pk: int, operation: Callable[..., object], *, title: str, done: str
) -> HttpResponse:
    debt: Debt = access.debt(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    address = reverse("ledger:debt", args=[pk])
    if form.is_valid():
        change = partial(operation, debt, note=form.cleaned_data["note"])
        operations.run(form, partial(change, by=actor(request), at=clock.now()))
        if form.is_valid():
            return in_place.finish(request, debt.customer, done, back=address)
    return operations.form_page(
        request, form, title=title, intro=debt.code, action=title, danger=True, back=address
    )


@requires("debts.view")
@require_safe
def movements(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    context = {"customer": customer, "rows": register.movements(customer)}
    return fragments.respond(
        request,
        page="ledger/movement/list.html",
        fragment="ledger/movement/_drawer.html",
        context=context,
    )


@requires("debts.view")
@require_safe
def customer_debts(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    today = clock.today(settings.current().time_zone)
    context = {"customer": customer, "rows": register.account(customer, on=today).debts}
    return fragments.respond(
        request,
        page="ledger/debt/of_customer.html",
        fragment="ledger/debt/_drawer.html",
        context=context,
    )


def currencies_of(customer: Customer) -> list[str]:
    """The currencies of what ``customer`` owes, the most owed first; ours where that is nothing."""
    owed = customer.balances.filter(open_amount__gt=0).order_by("-open_amount")
    return list(owed.values_list("currency", flat=True)) or [settings.current().currency]


def _page(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])
