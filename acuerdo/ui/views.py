"""The gallery of components."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from acuerdo.ui import gallery as samples


def gallery(request: HttpRequest, scene: str = "componentes") -> HttpResponse:
    if not (settings.DEBUG or getattr(settings, "DEMO", False)) or scene not in samples.SCENES:
        raise Http404
    return render(request, samples.SCENES[scene], samples.context(scene))
