"""The reader's own look, and the gallery of components."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from acuerdo.ui import gallery as samples

YEAR = 365 * 24 * 3600
CHOICES = {"theme": {"light", "dark", "system"}, "density": {"comfortable", "compact"}}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Works without script; the script sets the same cookies at once."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    for name, allowed in CHOICES.items():
        value = request.POST.get(name, "")
        if value in allowed:
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure()
            )
    return response


def gallery(request: HttpRequest, scene: str = "componentes") -> HttpResponse:
    if not (settings.DEBUG or getattr(settings, "DEMO", False)) or scene not in samples.SCENES:
        raise Http404
    return render(request, samples.SCENES[scene], samples.context(scene))
