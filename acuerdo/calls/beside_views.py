"""What is done about calls beside a conversation: agree on a day, or dial now."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from acuerdo.calls import results, scheduling, screen
from acuerdo.calls.forms import ScheduleForm
from acuerdo.calls.models import CallSource
from acuerdo.channels.models import Channel
from acuerdo.contact_policy import decide
from acuerdo.customers import access, disclosure, in_place
from acuerdo.customers.models import ContactKind, Customer
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments, operations


@requires("calls.register")
@require_http_methods(["GET", "POST"])
def schedule_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A call on a day and hour that the law leaves open where the customer lives."""
    customer, at = access.customer(actor(request), pk), clock.now()
    form = ScheduleForm(operations.posted(request), initial=_suggested(customer, at))
    if form.is_valid():
        due_on, hour = form.cleaned_data["due_on"], form.cleaned_data["due_at"]
        plan = partial(
            scheduling.schedule,
            customer,
            due_on=due_on,
            due_at=results.call_back_at(customer, due_on, hour),
            source=CallSource.MANUAL,
            script=form.cleaned_data["note"],
        )
        if operations.run(form, partial(plan, by=actor(request), at=at)):
            return in_place.finish(request, customer, _("Llamada agendada."), back=_page(customer))
    return _asked(request, customer, form, at=at)


@requires("calls.register")
@require_safe
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """When the customer may be called on the day that was just chosen, or why not at all."""
    customer = access.customer(actor(request), pk)
    on, at = filtering.day(request.GET, "due_on"), clock.now()
    context = screen.hours_context(customer, on, at=at)
    month = screen.month(customer, on or screen.today(), chosen=on, at=at)
    return render(
        request, "calls/call/_day.html", {**context, "customer": customer, "month": month}
    )


@requires("calls.register")
@require_http_methods(["GET", "POST"])
def dial(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers, masked; the one to dial is shown whole, and who asked for it is recorded."""
    user, at = actor(request), clock.now()
    customer = access.customer(user, pk)
    phones = customer.contact_points.filter(kind=ContactKind.PHONE, is_usable=True)
    shown = None
    if request.method == "POST":
        shown = get_object_or_404(phones, pk=_number(request.POST.get("point", "")))
        disclosure.reveal_contact_point(shown, by=user, at=at)
    context = {
        "customer": customer,
        "phones": phones.order_by("role", "position", "pk"),
        "shown": shown,
        "verdict": decide.preview(customer, channel=Channel.CALL, at=at),
        "back": _page(customer),
    }
    return fragments.respond(
        request,
        page="calls/call/dial.html",
        fragment="calls/call/_dial_drawer.html",
        context=context,
    )


def _asked(
    request: HttpRequest, customer: Customer, form: ScheduleForm, *, at: datetime
) -> HttpResponse:
    chosen = filtering.day({"due_on": str(form["due_on"].value() or "")}, "due_on")
    context = {
        "form": form,
        "customer": customer,
        "month": screen.month(customer, chosen or screen.today(), chosen=chosen, at=at),
        "address": request.get_full_path(),
        "back": _page(customer),
        **screen.hours_context(customer, chosen, at=at),
    }
    return fragments.respond(
        request,
        page="calls/call/schedule.html",
        fragment="calls/call/_schedule_drawer.html",
        context=context,
        status=422 if form.is_bound and form.errors else 200,
    )


def _suggested(customer: Customer, at: datetime) -> dict[str, object]:
    today = scheduling.place_of(customer).day_of(at)
    try:
        return {"due_on": scheduling.next_day(customer, after=today, at=at)}
    except Refusal:
        return {}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _page(customer: Customer) -> str:
    return reverse("conversations:open", args=[customer.pk])
