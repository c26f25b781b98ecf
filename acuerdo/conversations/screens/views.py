"""Recibidos: the list, one conversation, and the parts of them that change by themselves."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from acuerdo.conversations.screens import workspace
from acuerdo.conversations.timeline import thread as threads
from acuerdo.conversations.tray import listing
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.conversations.tray.trays import INBOX, Tray
from acuerdo.customers import access
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments


@requires("conversations.view")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """To htmx: the list again, or the rows after a cursor. Without filters: as it was used last."""
    return list_answer(request, INBOX, workspace.list_pane(request))


def list_answer(request: HttpRequest, tray: Tray, context: workspace.Context) -> HttpResponse:
    """A tray as a page, or to htmx as the part that is narrowed or the rows after a cursor.

    The address of the page says what narrows it; a list that refreshes itself leaves that alone,
    and the menus around it, which may be open and half filled in.
    """
    query, is_part = context["query"], fragments.wanted(request)
    if query and not (is_part or workspace.is_explicit(request.GET, tray)):
        return HttpResponseRedirect(f"{request.path}?{query}")
    is_further, is_refresh = workspace.is_further(request), workspace.is_refresh(request, tray)
    response = fragments.respond(
        request,
        page=tray.page,
        fragment=tray.further if is_further else tray.part,
        context=context | {"has_menus": is_part and not is_refresh},
    )
    if is_part and not (is_further or is_refresh):
        here = fragments.page_path(request)
        response["HX-Replace-Url"] = f"{here}?{query}" if query else here
    return response


@requires("conversations.view")
@require_safe
def filters(request: HttpRequest) -> HttpResponse:
    """What the list can be narrowed by; looked up when somebody opens the menu."""
    if not fragments.wanted(request):
        return inbox(request)
    context = workspace.filter_panel(actor(request), InboxFilter.parse(request.GET))
    return render(request, "conversations/inbox/_menus.html", context)


@requires("conversations.view")
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many wait: for the tab, the foot of the list and the rail."""
    tray = "inbox" if "foot" in request.GET else ""
    context = {"pending": listing.pending(actor(request)), "tray": tray}
    if fragments.wanted(request):
        return render(request, "conversations/inbox/_counts.html", context)
    return inbox(request)


@requires("conversations.view")
@require_safe
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening changes nothing: the bold stays until somebody acts."""
    customer = access.customer(actor(request), pk)
    if fragments.wanted(request) and ("before" in request.GET or "after" in request.GET):
        part = "_older.html" if "before" in request.GET else "_newer.html"
        context = workspace.timeline(request, customer)
        return render(request, f"conversations/conversation/{part}", context)
    context = workspace.conversation(request, customer) | {"current": pk}
    if fragments.wanted(request):
        return render(request, "conversations/conversation/_open.html", context)
    context |= workspace.list_pane(request)
    return render(request, "conversations/conversation/page.html", context)


@requires("conversations.view")
@require_safe
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row of the list again; nothing where the filters leave it out."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return conversation(request, pk)
    context = workspace.line(request, customer, wanted=InboxFilter.parse(request.GET))
    if context is None:
        return HttpResponse(status=204)
    return render(request, "conversations/inbox/_row.html", context)


@requires("conversations.view")
@require_safe
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """The thread alone, narrowed or from a day on, beside a box in which somebody may write."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return conversation(request, pk)
    context = workspace.timeline(request, customer)
    response = render(request, "conversations/thread/_timeline.html", context)
    query = request.GET.urlencode()
    address = reverse("conversations:open", args=[pk])
    response["HX-Push-Url"] = f"{address}?{query}" if query else address
    return response


@requires("conversations.view")
@require_safe
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of the thread from where the page began, with the head and the gate as they are."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return conversation(request, pk)
    zone, since = settings.current().time_zone, request.GET.get("since", "")
    seen = filtering.number(request.GET, "seen") or 0
    page = threads.again(customer, since=since, zone=zone, now=clock.now(), seen=seen)
    context = workspace.head(customer) | workspace.composer(request, customer) | {"page": page}
    context["box"] = request.GET.get("box", "")
    return render(request, "conversations/conversation/_refresh.html", context)
