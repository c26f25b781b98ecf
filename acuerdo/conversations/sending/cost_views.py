"""Costos: a month of messages at the organisation's own prices."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuerdo.conversations.sending import costs
from acuerdo.organization import countries, settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import filtering


@requires("sends.view")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    this_month = clock.date_in(settings.current().time_zone, at).replace(day=1)
    first = min(_asked(request) or this_month, this_month)
    month = costs.of_month(actor(request), first, at=at)
    context = {
        "month": month,
        "rows": [(line, countries.name(line.country)) for line in month.lines],
        "first": first,
        "previous": costs.before(first),
        "following": costs.after(first) if first < this_month else None,
    }
    return render(request, "conversations/cost/page.html", context)


def _asked(request: HttpRequest) -> date | None:
    found = filtering.day(request.GET, "mes")
    return found.replace(day=1) if found else None
