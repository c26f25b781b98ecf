"""Who else is in a conversation: said by each open tab, shown to the others."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuerdo.conversations.screens import views
from acuerdo.conversations.team import presence as presences
from acuerdo.customers import access
from acuerdo.customers.models import Customer
from acuerdo.organization.access import actor, requires
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments

# A list shows no more rows at once.
MOST = 200


@requires("conversations.view")
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Shown to whoever reads; only those who work in a conversation are announced."""
    user = actor(request)
    if request.method == "POST" and not may(user, "conversations.handle"):
        return HttpResponse(status=403)
    customer = access.customer(user, pk)
    if request.method == "POST":
        _announce(request, customer)
        return HttpResponse(status=204)
    if not fragments.wanted(request):
        return views.conversation(request, pk)
    company = presences.company(customer, but=user, at=clock.now())
    context = {"customer": customer, "company": company}
    return render(request, "conversations/conversation/_presence.html", context)


def _announce(request: HttpRequest, customer: Customer) -> None:
    user, at = actor(request), clock.now()
    tab = filtering.text(request.POST, "tab", longest=32)
    if "leaving" in request.POST:
        presences.leave(customer, tab=tab, by=user, at=at)
    else:
        is_typing = "typing" in request.POST
        presences.announce(customer, tab=tab, is_typing=is_typing, by=user, at=at)


@requires("conversations.view")
@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """Of the rows that a page shows: the names of those who are in each."""
    user = actor(request)
    told = request.GET.get("de", "").split(",")[:MOST]
    ids = [int(each) for each in told if each.isascii() and each.isdigit() and len(each) < 19]
    within = access.customers_for(user).filter(pk__in=ids).values_list("pk", flat=True)
    return JsonResponse(presences.in_rows(within, but=user, at=clock.now()))
