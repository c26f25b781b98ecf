"""Flows: the list, the editor of steps by day, and whom each step reaches tomorrow."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import access
from acuerdo.customers.zones import local_date
from acuerdo.flows import audience, editing, strategies, timeline, upcoming
from acuerdo.flows.forms import FlowForm, StepForm, initial_of
from acuerdo.flows.models import Flow, Step
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments, operations


@requires("flows.view")
@require_safe
def flow_list(request: HttpRequest) -> HttpResponse:
    active = Count("steps", filter=Q(steps__is_active=True))
    rows = Flow.objects.select_related("portfolio").annotate(step_count=active)
    return render(request, "flows/flow/list.html", {"rows": rows})


@requires("conversations.view")
@require_safe
def customer_upcoming(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """The next steps for one customer; a part of the panel beside the conversation."""
    customer = access.customer(actor(request), customer_pk)
    coming = upcoming.of(customer, on=local_date(customer, clock.now()))
    return fragments.respond(
        request,
        page="flows/customer/page.html",
        fragment="flows/customer/_upcoming.html",
        context={"customer": customer, "upcoming": coming},
    )


@requires("flows.edit")
def flow_new(request: HttpRequest) -> HttpResponse:
    form = FlowForm(operations.posted(request))
    if form.is_valid():
        save = partial(strategies.save, None, **form.cleaned_data)
        flow = operations.run(form, partial(save, **_who(request)))
        if flow:
            return operations.finish(request, _("Flujo creado."), _page(flow.pk))
    back = reverse("flows:list")
    return operations.form_page(request, form, title=_("Nuevo flujo"), back=back)


@requires("flows.edit")
def flow_edit(request: HttpRequest, pk: int) -> HttpResponse:
    flow = _flow(pk)
    initial = {"name": flow.name, "portfolio": flow.portfolio_id, "is_active": flow.is_active}
    form = FlowForm(operations.posted(request), initial=initial)
    if form.is_valid():
        save = partial(strategies.save, flow, **form.cleaned_data)
        operations.run(form, partial(save, **_who(request)))
        if form.is_valid():
            return operations.finish(request, _("Flujo guardado."), _page(pk))
    return operations.form_page(request, form, title=_("Editar flujo"), back=_page(pk))


@requires("flows.edit")
@require_POST
def flow_activation(request: HttpRequest, pk: int) -> HttpResponse:
    flow = _flow(pk)
    save = partial(
        strategies.save,
        flow,
        name=flow.name,
        portfolio=flow.portfolio,
        is_active=not flow.is_active,
        **_who(request),
    )
    done = _("Flujo desactivado.") if flow.is_active else _("Flujo activado.")
    return operations.answer(request, save, done=done, back=_page(pk))


@requires("flows.view")
@require_safe
def flow_detail(request: HttpRequest, pk: int) -> HttpResponse:
    flow = _flow(pk)
    step = flow.steps.filter(pk=filtering.number(request.GET, "paso") or 0, is_active=True).first()
    is_new = request.GET.get("paso") == "nuevo"
    form = StepForm(initial=initial_of(step)) if step else StepForm() if is_new else None
    return _editor(request, flow, step, form)


def _editor(
    request: HttpRequest, flow: Flow, step: Step | None, form: StepForm | None
) -> HttpResponse:
    after = filtering.number(request.GET, "cliente") or 0
    context = {
        "flow": flow,
        "lines": timeline.lines(flow),
        "step": step,
        "form": form,
        "sample": step and timeline.sample(step, user=actor(request), after=after, at=clock.now()),
    }
    status = 422 if form and form.is_bound else 200
    return render(request, "flows/flow/detail.html", context, status=status)


@requires("flows.view")
@require_safe
def flow_audience(request: HttpRequest, pk: int) -> HttpResponse:
    """Counted apart, so that the editor opens at once whatever the portfolio's size."""
    flow = _flow(pk)
    on = clock.today(settings.current().time_zone) + timedelta(days=1)
    found = audience.by_step(on=on, user=actor(request))
    chosen = filtering.number(request.GET, "paso")
    context = {
        "flow": flow,
        "on": on,
        "rows": [
            (line.step, found.get(line.step.pk, audience.Audience()), line.step.pk == chosen)
            for line in timeline.lines(flow)
        ],
        "oob": True,
    }
    return fragments.respond(
        request,
        page="flows/audience/detail.html",
        fragment="flows/audience/_panel.html",
        context=context,
    )


@requires("flows.edit")
@require_POST
def step_new(request: HttpRequest, pk: int) -> HttpResponse:
    flow, form = _flow(pk), StepForm(request.POST)
    if form.is_valid():
        step = operations.run(form, partial(editing.add, flow, form.draft, **_who(request)))
        if step:
            return operations.finish(request, _("Paso agregado."), _page(pk, step.pk))
    return _editor(request, flow, None, form)


@requires("flows.edit")
@require_POST
def step_edit(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    step, form = _step(pk, step_pk), StepForm(request.POST)
    if form.is_valid():
        operations.run(form, partial(editing.change, step, form.draft, **_who(request)))
        if form.is_valid():
            return operations.finish(request, _("Paso guardado."), _page(pk, step_pk))
    return _editor(request, step.flow, step, form)


@requires("flows.edit")
@require_POST
def step_copy(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    copy = partial(editing.copy, _step(pk, step_pk), **_who(request))
    return operations.answer(request, copy, done=_("Paso duplicado."), back=_page(pk))


@requires("flows.edit")
@require_POST
def step_move(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    earlier = request.POST.get("hacia") == "antes"
    move = partial(editing.move, _step(pk, step_pk), earlier=earlier, **_who(request))
    return operations.answer(request, move, done=_("Paso movido."), back=_page(pk, step_pk))


@requires("flows.edit")
@require_POST
def step_removal(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    retire = partial(strategies.retire_step, _step(pk, step_pk), **_who(request))
    done = _("Paso quitado. Su historial se conserva.")
    return operations.answer(request, retire, done=done, back=_page(pk))


def _flow(pk: int) -> Flow:
    return get_object_or_404(Flow.objects.select_related("portfolio"), pk=pk)


def _step(pk: int, step_pk: int) -> Step:
    steps = Step.objects.select_related("flow__portfolio", "template")
    return get_object_or_404(steps, flow_id=pk, pk=step_pk, is_active=True)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": actor(request), "at": clock.now()}


def _page(pk: int, step_pk: int | None = None) -> str:
    address = reverse("flows:flow", args=[pk])
    return f"{address}?paso={step_pk}" if step_pk else address
