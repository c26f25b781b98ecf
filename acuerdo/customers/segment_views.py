"""Segments: the list in its order, the editor of one, and putting everybody into theirs."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import segment_list, segments
from acuerdo.customers.models import Segment
from acuerdo.customers.segment_forms import SegmentForm, initial_of
from acuerdo.customers.segment_rules import Rule
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments, operations

LIST = "customers:segments"


@requires("segments.view")
@require_safe
def segment_index(request: HttpRequest) -> HttpResponse:
    return fragments.respond(
        request,
        page="customers/segment/list.html",
        fragment="customers/segment/_list.html",
        context=segment_list.shown_to(actor(request)),
    )


@requires("segments.edit")
def segment_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Segment, pk=pk) if pk else None
    rule = Rule.from_json(row.rule) if row else Rule()
    initial = initial_of(row.name, rule) if row else {}
    form = SegmentForm(operations.posted(request), initial=initial, rule=rule)
    if form.is_valid():
        save = partial(segments.update, row) if row else segments.create
        operations.run(form, partial(save, form.cleaned_data["name"], form.rule, **_who(request)))
        if form.is_valid():
            notice = _("Segmento guardado. Pulse Actualizar para aplicarlo ahora.")
            return operations.finish(request, notice, reverse(LIST))
    context = {"form": form, "row": row, "address": request.get_full_path()}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "customers/segment/edit.html", context, status=status)


@requires("segments.edit")
@require_POST
def segment_position(request: HttpRequest, pk: int) -> HttpResponse:
    up = request.POST.get("to") == "up"
    move = partial(segments.move, get_object_or_404(Segment, pk=pk), up=up, **_who(request))
    return operations.answer(request, move, done=_("Orden guardado."), back=LIST)


@requires("segments.edit")
def segment_removal(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Segment, pk=pk)
    form = forms.Form(operations.posted(request))
    if form.is_valid():
        segments.delete(row, **_who(request))
        return operations.finish(request, _("Segmento eliminado."), reverse(LIST))
    title = _("Eliminar segmento")
    text = _("Los clientes de «%s» quedan sin segmento hasta la próxima actualización.") % row.name
    return operations.question(
        request, form, title=title, text=text, action=_("Eliminar"), back=reverse(LIST)
    )


@requires("segments.edit")
@require_POST
def recomputation(request: HttpRequest) -> HttpResponse:
    ask = partial(segments.ask, **_who(request))
    return operations.answer(request, ask, done=_("Los segmentos se actualizan."), back=LIST)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": actor(request), "at": clock.now()}
