"""Atajos de teclado: a person's own keys, and whether single ones do anything."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.organization import shortcuts as own
from acuerdo.organization.access import actor
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments, keys


@login_required
@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def switches(request: HttpRequest) -> HttpResponse:
    """From the page with both switches; from the list of «?» with the first alone."""
    user, posted = actor(request), request.POST
    by_enter = "enter" in posted if "both" in posted else user.sends_by_enter
    own.switch(user, is_on="on" in posted, sends_by_enter=by_enter, at=clock.now())
    return _saved(request)


@login_required
@require_POST
def shortcut(request: HttpRequest) -> HttpResponse:
    named = request.POST.get("named", "")
    pressed = named if "original" in request.POST else request.POST.get("pressed", "")
    try:
        own.change(actor(request), named, pressed, at=clock.now())
    except Refusal as refusal:
        return _page(request, refusal=refusal, typed=pressed, status=refusal.status)
    return _saved(request, named=named)


@login_required
@require_POST
def originals(request: HttpRequest) -> HttpResponse:
    own.reset(actor(request), at=clock.now())
    return _saved(request)


def _saved(request: HttpRequest, *, named: str = "") -> HttpResponse:
    if not fragments.wanted(request):
        messages.success(request, _("Atajos guardados."))
        return redirect("organization:shortcuts")
    return _page(request, named=named)


def _page(
    request: HttpRequest,
    *,
    refusal: Refusal | None = None,
    named: str = "",
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    mine = own.of(actor(request))
    groups = [
        (title, [(key, mine.of(key.named), key.named in mine.chosen) for key in rows])
        for title, rows in keys.GROUPS
    ]
    context = {
        "groups": groups,
        "fixed": keys.FIXED,
        "shortcuts": mine,
        "refusal": refusal,
        "typed": typed,
        "named": named,
    }
    return fragments.respond(
        request,
        page="organization/shortcut/list.html",
        fragment="organization/shortcut/_desk.html",
        context=context,
        status=status,
    )
