"""Whom a note may name, and who was named: the page and the count of *Menciones*."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuerdo.conversations.screens import views
from acuerdo.conversations.team import mentions
from acuerdo.conversations.team.mentions import pieces
from acuerdo.customers import access
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments, pagination


@requires("notes.write")
@require_safe
def colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may see this customer, to be named in a note."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return views.conversation(request, pk)
    people = mentions.offered(customer).exclude(pk=actor(request).pk).order_by("name", "pk")
    return render(request, "conversations/thread/_colleagues.html", {"people": people})


@requires("conversations.view")
@require_safe
def mention_list(request: HttpRequest) -> HttpResponse:
    """Looking at the list leaves each as it is: opening one, or the button, marks it."""
    rows = mentions.of(actor(request))
    is_all = "todas" in request.GET
    shown = rows if is_all else rows.filter(seen_at=None)
    shown = shown.select_related("note__author", "note__interaction__customer", "user")
    page = pagination.paginate(shown, request.GET, by="at")
    found = [(row, pieces(row.note.body, [row.user.name])) for row in page.rows]
    context = {"page": page, "rows": found, "is_all": is_all, "zone": settings.current().time_zone}
    return render(request, "conversations/mention/list.html", context)


@requires("conversations.view")
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The number beside the bell; to a person, the list."""
    if not fragments.wanted(request):
        return mention_list(request)
    found = mentions.unseen(actor(request))
    if not found:
        # Truly nothing: a badge with as much as a line break in it is drawn.
        return HttpResponse()
    return render(request, "conversations/mention/_count.html", {"unseen": found})


@requires("conversations.view")
@require_POST
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Read: the note where it stands in its conversation."""
    user = actor(request)
    rows = mentions.of(user).filter(pk=pk)
    row = get_object_or_404(rows.select_related("note__interaction"))
    mentions.see(rows, by=user, at=clock.now())
    entry = row.note.interaction
    day = clock.date_in(settings.current().time_zone, entry.at)
    address = reverse("conversations:open", args=[entry.customer_id])
    return redirect(f"{address}?dia={day:%Y-%m-%d}#entry_{entry.pk}")


@requires("conversations.view")
@require_POST
def seeing(request: HttpRequest) -> HttpResponse:
    """Every mention of the list counts as read."""
    mentions.see(mentions.of(actor(request)), by=actor(request), at=clock.now())
    return redirect("conversations:mentions")
