"""Saved views: the menu in the head of the list, and the drawer where one keeps them in order."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from acuerdo.conversations.screens import workspace
from acuerdo.conversations.tray import saved_views as shelves
from acuerdo.conversations.tray.trays import Tray
from acuerdo.organization.access import actor, requires
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments

# Beside a view: enough to see whether there is work in it.
COUNT_CAP = 99


@requires("conversations.view")
@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest, tray: Tray) -> HttpResponse:
    """The menu with how many each view holds; a POST keeps the filters of the address."""
    if request.method == "POST":
        return _save(request, tray)
    if not fragments.wanted(request):
        return desk(request, tray)
    user, wanted = actor(request), tray.parse(request.GET)
    shelf = shelves.shelf(user, tray.name)
    filters = [tray.parse(row.filters) for row in shelf.views]
    counted = tray.count(user, filters, COUNT_CAP)
    rows = list(zip(shelf.views, counted, strict=True))
    context = workspace.shown_views(tray, shelf, wanted) | {"view_rows": rows}
    return render(request, "conversations/inbox/_views_menu.html", context)


def _save(request: HttpRequest, tray: Tray) -> HttpResponse:
    wanted = tray.parse(request.GET)
    try:
        kept = shelves.save(wanted, tray=tray.name, **_typed(request), by=actor(request))
    except Refusal as refusal:
        return _refused(request, tray, refusal)
    if not fragments.wanted(request):
        return HttpResponseRedirect(f"{tray.list_url}?{kept.query}")
    shelf = shelves.shelf(actor(request), tray.name)
    context = workspace.shown_views(tray, shelf, wanted) | {"oob": False}
    notice = fragments.toast(_("Vista «%(name)s» guardada.") % {"name": kept.name})
    return fragments.answer(request, ("conversations/inbox/_views.html", context), notice)


@requires("conversations.view")
@require_safe
def desk(request: HttpRequest, tray: Tray) -> HttpResponse:
    return _desk(request, tray)


@requires("conversations.view")
@require_POST
def view(request: HttpRequest, tray: Tray, pk: int) -> HttpResponse:
    """Another name, icon or audience."""
    row = shelves.own(actor(request), tray.name, pk)
    try:
        shelves.change(row, **_typed(request), by=actor(request))
    except Refusal as refusal:
        return _desk(request, tray, fault=refusal, pk=pk)
    return _desk(request, tray, notice=_("Vista guardada."))


@requires("conversations.view")
@require_POST
def removal(request: HttpRequest, tray: Tray, pk: int) -> HttpResponse:
    shelves.delete(shelves.own(actor(request), tray.name, pk))
    return _desk(request, tray, notice=_("Vista eliminada."))


@requires("conversations.view")
@require_POST
def position(request: HttpRequest, tray: Tray, pk: int) -> HttpResponse:
    """One place up, or down."""
    shelves.move(shelves.own(actor(request), tray.name, pk), up=request.POST.get("to") == "up")
    return _desk(request, tray)


def _typed(request: HttpRequest) -> shelves.Naming:
    posted = request.POST
    return {
        "name": posted.get("name", ""),
        "icon": posted.get("icon", ""),
        "is_shared": posted.get("shared") == "1",
    }


def _desk(
    request: HttpRequest,
    tray: Tray,
    *,
    fault: Refusal | None = None,
    pk: int | None = None,
    notice: str = "",
) -> HttpResponse:
    user = actor(request)
    if request.method == "POST" and not fault and not fragments.wanted(request):
        return HttpResponseRedirect(tray.desk_url)
    shelf = shelves.shelf(user, tray.name)
    context = workspace.shown_views(tray, shelf, tray.parse(shelf.last)) | {
        "own_views": [row for row in shelf.views if row.owner_id == user.pk],
        "fault": fault,
        "fault_pk": pk,
    }
    status = fault.status if fault else 200
    if not fragments.wanted(request):
        return render(request, "conversations/view/page.html", context, status=status)
    parts = [
        ("conversations/view/_drawer.html", context),
        ("conversations/inbox/_views.html", context | {"oob": True}),
    ]
    said = [fragments.toast(notice)] if notice else []
    return fragments.answer(request, *parts, *said, status=status)


def _refused(request: HttpRequest, tray: Tray, refusal: Refusal) -> HttpResponse:
    if not fragments.wanted(request):
        return _desk(request, tray, fault=refusal)
    shelf, wanted = shelves.shelf(actor(request), tray.name), tray.parse(request.GET)
    context = workspace.shown_views(tray, shelf, wanted) | {
        "fault": refusal,
        "typed": _typed(request),
        "is_open": True,
    }
    return render(
        request, "conversations/inbox/_views.html", context | {"oob": False}, status=refusal.status
    )
