"""The register of everything that was said, called, noted and paid."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers.forms import portfolios_of
from acuerdo.customers.models import Customer
from acuerdo.interactions import access, register
from acuerdo.interactions.filters import InteractionFilter
from acuerdo.organization import columns as columns_choice
from acuerdo.organization.access import actor, requires
from acuerdo.ui import operations, pagination


@requires("interactions.view")
@require_safe
def interaction_list(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    wanted = InteractionFilter.parse(request.GET)
    found = wanted.apply(access.interactions_for(user)).select_related("customer", "by", "note")
    page = pagination.paginate(found, request.GET, by="at")
    chosen = register.columns_of(user)
    context = {
        "page": page,
        "rows": register.rows(page.rows),
        "filters": wanted.bar(portfolios_of(actor(request)), _person(request, wanted.customer)),
        "shown": chosen,
        "columns": [(key, label, key in chosen) for key, label in register.COLUMNS.items()],
    }
    return render(request, "interactions/interaction/list.html", context)


@requires("interactions.view")
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """A person's own look, which a reader without other rights may choose too."""
    wanted = [] if "restablecer" in request.POST else request.POST.getlist("columna")
    columns_choice.choose(actor(request), register.SCREEN, register.known(wanted))
    messages.success(request, _("Columnas guardadas."))
    return redirect(operations.came_from(request, "interactions:list"))


def _person(request: HttpRequest, pk: int | None) -> Customer | None:
    return customer_access.customers_for(actor(request)).filter(pk=pk).first() if pk else None
