"""Llamadas: the tray of today, the call in hand, and the sheet where its result goes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from acuerdo.calls import access, results, screen, tray, wording
from acuerdo.calls.dispositions import DISPOSITIONS
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.forms import ResultForm
from acuerdo.calls.models import Call
from acuerdo.conversations.screens.views import list_answer
from acuerdo.customers import access as customers_access
from acuerdo.customers import in_place
from acuerdo.customers.models import Customer
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments, operations


@requires("calls.view")
@require_safe
def tray_page(request: HttpRequest) -> HttpResponse:
    return list_answer(request, screen.TRAY, screen.tray_context(request))


@requires("calls.view")
@require_safe
def tray_filters(request: HttpRequest) -> HttpResponse:
    """What the tray can be narrowed by; looked up when somebody opens the menu."""
    if not fragments.wanted(request):
        return tray_page(request)
    context = screen.filter_panel(actor(request), TrayFilter.parse(request.GET))
    return render(request, "conversations/inbox/_menus.html", context)


@requires("calls.view")
@require_safe
def tray_count(request: HttpRequest) -> HttpResponse:
    """How many wait today, for the tab of the other tray."""
    if not fragments.wanted(request):
        return tray_page(request)
    waiting = tray.count(actor(request), on=screen.today())
    part = "_counts" if "bandeja" in request.GET else "_count"
    return render(request, f"calls/call/{part}.html", {"waiting": waiting})


@requires("calls.view")
@require_safe
def open_call(request: HttpRequest, pk: int) -> HttpResponse:
    call = access.call(actor(request), pk)
    return _call(request, call, {})


@requires("calls.register")
@require_http_methods(["GET", "POST"])
def register_result(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a call that waits in the tray."""
    call = access.call(actor(request), pk)
    return _sheet(request, call.customer, call)


@requires("calls.register")
@require_http_methods(["GET", "POST"])
def register_for(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a call nobody had planned."""
    return _sheet(request, customers_access.customer(actor(request), pk), None)


@requires("calls.register")
@require_POST
def result_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """The fields and effects of the result that was just chosen, keeping what was typed.

    It changes nothing; it is posted because what was typed does not belong in an address.
    """
    customer = customers_access.customer(actor(request), pk)
    disposition = DISPOSITIONS.get(request.POST.get("result", ""), DISPOSITIONS[screen.FIRST])
    typed = {name: value for name, value in request.POST.items() if value}
    form = ResultForm(customer=customer, disposition=disposition, initial=typed)
    planned = access.calls_for(actor(request)).filter(customer=customer)
    call = planned.filter(pk=filtering.number(request.POST, "call") or 0).first()
    context = screen.fields_context(customer, disposition, form, call=call, at=clock.now())
    return render(request, "calls/call/_fields.html", context)


@requires("calls.register")
@require_safe
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    customer = customers_access.customer(actor(request), pk)
    around = filtering.day(request.GET, "mes") or screen.today()
    chosen = filtering.day(request.GET, "due_on")
    month = screen.month(customer, around, chosen=chosen, at=clock.now())
    return render(request, "calls/call/_month.html", {"month": month, "customer": customer})


def _call(request: HttpRequest, call: Call, extra: dict[str, object]) -> HttpResponse:
    context = {**screen.call_context(call), **extra}
    if not fragments.wanted(request):
        context |= screen.tray_context(request)
    return fragments.respond(
        request, page="calls/call/tray.html", fragment="calls/call/_main.html", context=context
    )


def _sheet(request: HttpRequest, customer: Customer, call: Call | None) -> HttpResponse:
    chosen = request.POST.get("result") or request.GET.get("result", "")
    disposition = DISPOSITIONS.get(chosen, DISPOSITIONS[screen.FIRST])
    form = None
    if request.method == "POST" and "pick" not in request.POST:
        form = ResultForm(request.POST, request.FILES, customer=customer, disposition=disposition)
        made = _saved(request, form, call) if form.is_valid() else None
        if made is not None:
            return _registered(request, form, made, is_planned=call is not None)
    beside = request.headers.get("HX-Target") == "sheet" or "beside" in request.POST
    context = screen.sheet_context(customer, call=call, chosen=chosen, form=form, at=clock.now())
    return fragments.respond(
        request,
        page="calls/call/result.html",
        fragment="calls/call/_beside.html" if beside else "calls/call/_over.html",
        context={**context, "beside": beside},
        status=422 if form else 200,
    )


def _saved(request: HttpRequest, form: ResultForm, call: Call | None) -> Call | None:
    data, note = form.values()
    result, by, at = form.disposition.code, actor(request), clock.now()
    try:
        if call is not None:
            return results.register(call, result, data=data, note=note, by=by, at=at)
        return results.register_unplanned(form.customer, result, data=data, note=note, by=by, at=at)
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, refusal.sentence)
        return None


def _registered(
    request: HttpRequest, form: ResultForm, made: Call, *, is_planned: bool
) -> HttpResponse:
    """From the tray the row leaves it, and ``next`` opens the following call."""
    data, _note = form.values()
    follows = wording.afterwards(form.customer, form.disposition.code, data, call=made)
    notice = _("Resultado registrado. %s") % follows
    if not is_planned:
        address = reverse("conversations:open", args=[form.customer.pk])
        if not fragments.wanted(request):
            return operations.finish(request, notice, address)
        return in_place.changed(request, form.customer, notice)
    following, query = screen.following(request, made)
    shown = following if "next" in request.POST else None
    place = reverse("calls:open", args=[shown.pk]) if shown else reverse("calls:tray")
    address = f"{place}?{query}"
    if not fragments.wanted(request):
        return operations.finish(request, notice, address)
    return _led_on(request, made, shown, notice, address)


def _led_on(
    request: HttpRequest, made: Call, shown: Call | None, notice: str, address: str
) -> HttpResponse:
    context = {"following": shown, "waiting": tray.count(actor(request), on=screen.today())}
    if shown is not None:
        context |= screen.call_context(shown)
    gone = fragments.remove(fragments.dom_id(made, "row"))
    toast = fragments.toast(notice, request=request)
    answer = fragments.answer(request, ("calls/call/register_result.html", context), gone, toast)
    answer["HX-Push-Url"] = address
    return answer
