"""Segments: the list in its order, the editor of one, and putting everybody into theirs."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import segments
from acuerdo.customers.models import CustomField, Segment
from acuerdo.customers.segment_forms import SegmentForm, initial_of
from acuerdo.customers.segment_rules import Rule, words
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import operations

LIST = "customers:segments"


@requires("segments.view")
@require_safe
def segment_list(request: HttpRequest) -> HttpResponse:
    labels = dict(CustomField.objects.filter(level="customer").values_list("key", "label"))
    state = segments.state()
    rows = []
    for row in Segment.objects.all():
        rule = Rule.from_json(row.rule)
        rows.append((row, words(rule, labels), rule.join, state.counts.get(str(row.pk))))
    context = {"rows": rows, "state": state, "rest": state.counts.get("", 0)}
    return render(request, "customers/segment/list.html", context)


@requires("segments.edit")
def segment_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Segment, pk=pk) if pk else None
    initial = initial_of(row.name, Rule.from_json(row.rule)) if row else {}
    form = SegmentForm(operations.posted(request), initial=initial)
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
@require_POST
def segment_removal(request: HttpRequest, pk: int) -> HttpResponse:
    removal = partial(segments.delete, get_object_or_404(Segment, pk=pk), **_who(request))
    return operations.answer(request, removal, done=_("Segmento eliminado."), back=LIST)


@requires("segments.edit")
@require_POST
def recomputation(request: HttpRequest) -> HttpResponse:
    try:
        moved = segments.recompute(**_who(request))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(LIST)
    told = ngettext("%d cliente cambió de segmento.", "%d clientes cambiaron de segmento.", moved)
    return operations.finish(request, told % moved, reverse(LIST))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": actor(request), "at": clock.now()}
