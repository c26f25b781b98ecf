"""What is done to many conversations at once: the question, the progress, the report, the undo."""

from functools import partial
from typing import Any

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from acuerdo.conversations.bulk import jobs, reports, wording
from acuerdo.conversations.bulk.forms import FORMS, BulkForm
from acuerdo.conversations.bulk.selection import Selection
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.tray import listing
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments, operations, pagination


@requires("conversations.handle")
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many the filters find: the words of the button that takes them all."""
    found = listing.count(actor(request), InboxFilter.parse(request.GET))
    return render(request, "conversations/bulk/_all.html", {"found": found})


@requires("conversations.handle")
@require_POST
def asking(request: HttpRequest, action: str) -> HttpResponse:
    """What will happen and to how many; and, once it was agreed to, the job."""
    user = actor(request)
    jobs.require(action, user)
    selection = Selection.parse(request.POST, request.GET)
    if "sure" not in request.POST:
        return _question(
            request, action, selection, FORMS[action](user=user, initial=selection.as_fields())
        )
    form = FORMS[action](request.POST, user=user)
    if form.is_valid() and form.is_ready(selection.rows(user)):
        start = partial(jobs.start, action, selection, terms=form.terms, by=user)
        job = operations.run(form, partial(start, at=clock.now()))
        if job:
            return trigger_client_event(_shown(request, job), "bulk:started")
    return _question(request, action, selection, form)


def _question(
    request: HttpRequest, action: str, selection: Selection, form: BulkForm
) -> HttpResponse:
    words = wording.QUESTIONS[action]
    many = wording.how_many(selection.count(actor(request)))
    return operations.form_page(
        request,
        form,
        title=f"{words.title}: {many}",
        back=reverse("conversations:inbox"),
        action=form.button or str(words.button),
        intro=str(words.intro),
    )


@requires("conversations.handle")
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    page = pagination.paginate(jobs.of(actor(request)), request.GET, by="created_at")
    return render(request, "conversations/bulk/list.html", {"page": page, "rows": page.rows})


@requires("conversations.handle")
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Its progress or its report; whoever looks while it moves is told of the end."""
    row = jobs.own(actor(request), pk)
    if not fragments.wanted(request):
        context = _context(request, row) | {"is_page": True}
        return render(request, "conversations/bulk/page.html", context)
    notice = SafeString()
    if not row.is_moving:
        # Nothing outside a drawer can be pressed while it is open; it has the button itself.
        offers = "pagina" in request.GET and _is_undoable(row)
        undo = reverse("conversations:bulk_undo", args=[pk]) if offers else ""
        tone = "bad" if row.status == "failed" else "ok"
        notice = fragments.toast(wording.result(row), tone=tone, undo_url=undo, request=request)
    return fragments.answer(
        request, ("conversations/bulk/_panel.html", _context(request, row)), notice
    )


@requires("conversations.handle")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    row = jobs.own(user, pk)
    try:
        jobs.undo(row, by=user, at=clock.now())
    except Refusal as refusal:
        if not fragments.wanted(request):
            notices.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("conversations:bulk_job", args=[pk]))
        return fragments.answer(request, fragments.toast(refusal.sentence, tone="bad"), status=409)
    notice = fragments.toast(_("Se está deshaciendo."), tone="info")
    return _shown(request, row, notice)


def _shown(request: HttpRequest, row: BulkJob, *said: SafeString) -> HttpResponse:
    if not fragments.wanted(request):
        return HttpResponseRedirect(reverse("conversations:bulk_job", args=[row.pk]))
    drawer = ("conversations/bulk/_drawer.html", _context(request, row))
    return fragments.answer(request, drawer, *said)


def _is_undoable(row: BulkJob) -> bool:
    return jobs.is_undoable(row, at=clock.now())


def _context(request: HttpRequest, row: BulkJob) -> dict[str, Any]:
    page = reports.left(row, actor(request), request.GET) if not row.is_moving else None
    is_undoable = _is_undoable(row)
    return {
        "job": row,
        "is_page": "pagina" in request.GET,
        "is_undoable": is_undoable,
        "so_far": row.undone + row.kept if row.status == "undoing" else row.done + row.skipped,
        "goal": row.done if row.status == "undoing" else row.total,
        "reasons": reports.reasons(row.reasons),
        "undo_reasons": reports.reasons(row.undo_reasons),
        "remedy": wording.remedy(row, is_undoable=is_undoable),
        "terms": wording.terms(row),
        "page": page,
        "left": [(item, reports.why(item)) for item in page.rows] if page else [],
    }
