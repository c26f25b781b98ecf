"""Claims: their list, and what opens, corrects, closes and reopens one."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers import in_place
from acuerdo.ledger import access, claims
from acuerdo.ledger.forms import ClaimForm, ReasonForm
from acuerdo.ledger.models import Claim
from acuerdo.ledger.receipt_filters import ReceiptFilter
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import operations, pagination


@requires("claims.view")
@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    wanted = ReceiptFilter.parse(Claim, request.GET)
    rows = access.claims_for(actor(request)).filter(wanted.conditions)
    full = rows.select_related("customer", "by", "closed_by").prefetch_related("debts")
    page = pagination.paginate(full, request.GET, by="opened_on")
    context = {"page": page, "rows": page.rows, "filters": wanted.bar()}
    return render(request, "ledger/claim/list.html", context)


@requires("claims.edit")
def claim_new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    form = ClaimForm(operations.posted(request), customer=customer)
    back = reverse("customers:detail", args=[customer_pk])
    if form.is_valid():
        open_claim = partial(claims.open_claim, customer, **form.claim)
        operations.run(form, partial(open_claim, by=actor(request), at=clock.now()))
        if form.is_valid():
            return in_place.finish(request, customer, _("Reclamo abierto."), back=back)
    return operations.form_page(
        request, form, title=_("Abrir reclamo"), intro=customer.full_name, back=back
    )


@requires("claims.edit")
def claim_edit(request: HttpRequest, pk: int) -> HttpResponse:
    claim = access.claim(actor(request), pk)
    initial = {
        "category": claim.category,
        "description": claim.description,
        "debts": claim.debts.all(),
    }
    form = ClaimForm(operations.posted(request), customer=claim.customer, initial=initial)
    back = reverse("ledger:claims")
    if form.is_valid():
        edit = partial(claims.edit, claim, **form.claim)
        operations.run(form, partial(edit, by=actor(request), at=clock.now()))
        if form.is_valid():
            return in_place.finish(request, claim.customer, _("Reclamo guardado."), back=back)
    name = claim.customer.full_name
    return operations.form_page(request, form, title=_("Reclamo"), intro=name, back=back)


@requires("claims.edit")
def claim_closing(request: HttpRequest, pk: int) -> HttpResponse:
    claim = access.claim(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    form.fields["note"].label = _("Cómo se resolvió")
    back = reverse("ledger:claims")
    if form.is_valid():
        close = partial(claims.close, claim, resolution=form.cleaned_data["note"])
        operations.run(form, partial(close, by=actor(request), at=clock.now()))
        if form.is_valid():
            return in_place.finish(request, claim.customer, _("Reclamo cerrado."), back=back)
    title, name = _("Cerrar reclamo"), claim.customer.full_name
    return operations.form_page(request, form, title=title, intro=name, action=title, back=back)


@requires("claims.edit")
def claim_reopening(request: HttpRequest, pk: int) -> HttpResponse:
    claim = access.claim(actor(request), pk)
    form = ReasonForm(operations.posted(request))
    back = reverse("ledger:claims")
    if form.is_valid():
        reopen = partial(claims.reopen, claim, note=form.cleaned_data["note"])
        operations.run(form, partial(reopen, by=actor(request), at=clock.now()))
        if form.is_valid():
            return in_place.finish(request, claim.customer, _("Reclamo reabierto."), back=back)
    title, name = _("Reabrir reclamo"), claim.customer.full_name
    return operations.form_page(request, form, title=title, intro=name, action=title, back=back)
