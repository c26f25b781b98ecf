"""Customers: the list, one of them with everything about it, and what may be done to it."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import (
    access,
    alerts,
    assignment,
    contact_points,
    disclosure,
    in_place,
    pauses,
    profiles,
    register,
)
from acuerdo.customers.filters import CustomerFilter
from acuerdo.customers.forms import (
    AdviserForm,
    ContactPointForm,
    CustomerForm,
    PauseForm,
    UnusableForm,
    advisers_of,
    portfolios_of,
)
from acuerdo.customers.models import ContactKind, ContactPoint, Customer
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import formatting, fragments, operations, pagination

EDITED = (
    "portfolio", "country", "document_type", "document_number", "first_name", "last_name",
    "is_company", "time_zone",
)  # fmt: skip


@requires("customers.view")
@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    wanted = CustomerFilter.parse(request.GET)
    today = clock.today(settings.current().time_zone)
    column, falling = wanted.order
    rows = register.with_details(wanted.apply(access.customers_for(user), on=today))
    page = pagination.paginate(rows, request.GET, by=column, descending=falling)
    context = {
        "page": page,
        "rows": [register.row(customer, on=today) for customer in page.rows],
        "filters": register.bar(wanted, portfolios_of(user), advisers_of(user)),
        "order": wanted.sort,
    }
    return render(request, "customers/customer/list.html", context)


@requires("customers.view")
@require_safe
def customer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, access.customer(actor(request), pk))


def _detail(request: HttpRequest, customer: Customer, *, revealed: str = "") -> HttpResponse:
    today = clock.today(settings.current().time_zone)
    context = {
        "customer": customer,
        "days": register.days_past_due(customer, on=today),
        "balances": customer.balances.order_by("-open_amount"),
        "points": customer.contact_points.order_by("role", "position", "id"),
        "alerts": customer.alerts.filter(cleared_at=None).select_related("raised_by"),
        "pause": pauses.running(customer),
        "revealed": revealed,
    }
    return render(request, "customers/customer/detail.html", context)


@requires("customers.edit")
def customer_new(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    initial = {"country": settings.current().country}
    form = CustomerForm(operations.posted(request), user=user, initial=initial)
    if form.is_valid():
        create = partial(profiles.create, **form.cleaned_data, by=user, at=clock.now())
        customer = operations.run(form, create)
        if customer:
            return operations.finish(request, _("Cliente creado."), _page(customer.pk))
    back = reverse("customers:list")
    return operations.form_page(request, form, title=_("Nuevo cliente"), back=back)


@requires("customers.edit")
def customer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    customer = access.customer(user, pk)
    initial = {name: getattr(customer, name) for name in EDITED}
    form = CustomerForm(operations.posted(request), user=user, initial=initial)
    if form.is_valid():
        update = partial(profiles.update, customer, **form.cleaned_data)
        operations.run(form, partial(update, by=user, at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Cambios guardados."))
    return operations.form_page(request, form, title=_("Editar cliente"), back=_page(pk))


@requires("customers.assign")
def customer_adviser(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    initial = {"adviser": customer.adviser_id}
    form = AdviserForm(operations.posted(request), customer=customer, initial=initial)
    if form.is_valid():
        assign = partial(assignment.assign, customer, form.cleaned_data["adviser"])
        operations.run(form, partial(assign, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Asesor asignado."))
    return operations.form_page(
        request, form, title=_("Asignar asesor"), intro=customer.full_name, back=_page(pk)
    )


@requires("contacts.reveal")
@require_POST
def document_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    shown = disclosure.reveal_document(customer, by=actor(request), at=clock.now())
    if fragments.wanted(request):
        return _revealed(request, shown, formatting.mask_document(shown))
    return _detail(request, customer, revealed="document")


@requires("contacts.reveal")
@require_POST
def contact_reveal(request: HttpRequest, pk: int, point_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    point = _point(customer, point_pk)
    shown = disclosure.reveal_contact_point(point, by=actor(request), at=clock.now())
    if fragments.wanted(request):
        mask = formatting.mask_email if point.kind == ContactKind.EMAIL else formatting.mask_phone
        return _revealed(request, shown, mask(shown))
    return _detail(request, customer, revealed=str(point.pk))


def _revealed(request: HttpRequest, value: str, masked: str) -> HttpResponse:
    context = {"value": value, "masked": masked}
    return render(request, "customers/customer/_revealed.html", context)


@requires("customers.edit")
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    form = ContactPointForm(operations.posted(request))
    if form.is_valid():
        add = partial(contact_points.add, customer, **form.cleaned_data)
        operations.run(form, partial(add, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Contacto agregado."))
    return operations.form_page(
        request, form, title=_("Nuevo contacto"), intro=customer.full_name, back=_page(pk)
    )


@requires("contacts.mark")
def contact_marking(request: HttpRequest, pk: int, point_pk: int) -> HttpResponse:
    """An address that proved wrong: kept, and used by nobody until its alert is cleared."""
    customer = access.customer(actor(request), pk)
    point = _point(customer, point_pk)
    form = UnusableForm(operations.posted(request))
    if form.is_valid():
        mark = partial(contact_points.mark_unusable, point, reason=form.reason)
        operations.run(form, partial(mark, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("El contacto ya no se usará."))
    title = _("Marcar como inservible")
    return operations.form_page(
        request, form, title=title, intro=customer.full_name, action=title, back=_page(pk)
    )


@requires("alerts.clear")
@require_POST
def contact_alert_clearing(request: HttpRequest, pk: int, point_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    point = _point(customer, point_pk)
    clear = partial(contact_points.clear_alert, point, by=actor(request), at=clock.now())
    done = _("El contacto vuelve a usarse.")
    return in_place.answer(request, clear, customer=customer, done=done, back=_page(pk))


@requires("alerts.clear")
@require_POST
def alert_clearing(request: HttpRequest, pk: int, alert_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    alert = get_object_or_404(customer.alerts, pk=alert_pk)
    clear = partial(alerts.clear, alert, by=actor(request), at=clock.now())
    return in_place.answer(
        request, clear, customer=customer, done=_("Alerta quitada."), back=_page(pk)
    )


@requires("pauses.write")
def pause_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    form = PauseForm(operations.posted(request))
    if form.is_valid():
        pause = partial(pauses.pause, customer, **form.cleaned_data)
        operations.run(form, partial(pause, by=actor(request), at=clock.now()))
        if form.is_valid():
            return _done(request, customer, _("Comunicaciones pausadas."))
    return operations.form_page(
        request, form, title=_("Pausar comunicaciones"), intro=customer.full_name, back=_page(pk)
    )


@requires("pauses.write")
@require_POST
def pause_resumption(request: HttpRequest, pk: int, pause_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    pause = get_object_or_404(customer.pauses, pk=pause_pk)
    resume = partial(pauses.resume, pause, by=actor(request), at=clock.now())
    done = _("Comunicaciones reanudadas.")
    return in_place.answer(request, resume, customer=customer, done=done, back=_page(pk))


def _point(customer: Customer, pk: int) -> ContactPoint:
    return get_object_or_404(customer.contact_points.select_related("customer"), pk=pk)


def _done(request: HttpRequest, customer: Customer, notice: str) -> HttpResponse:
    return in_place.finish(request, customer, notice, back=_page(customer.pk))


def _page(pk: int) -> str:
    return reverse("customers:detail", args=[pk])
