"""Files in and out: upload, say which column is which, review, confirm; ask for and download."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as t
from django.views.decorators.http import require_POST, require_safe

from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import access, blank, mapping, preview, registry, requests
from acuerdo.spreadsheets.forms import ColumnsForm, UploadForm
from acuerdo.spreadsheets.models import ImportRun, ImportStatus
from acuerdo.spreadsheets.sheet import ImportSheet
from acuerdo.ui import filtering, fragments, operations, pagination

STEPS = (t("Archivo"), t("Columnas"), t("Revisión"), t("Listo"))
UNSETTLED = ("pending", "checking", "applying")


@requires("imports.view")
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    wanted = filtering.choice(request.GET, "estado", ImportStatus.values)
    rows = access.imports_for(actor(request))
    rows = rows.filter(status=wanted) if wanted else rows
    menu = filtering.Menu("estado", _("Estado"), filtering.options(ImportStatus.choices), wanted)
    page = pagination.paginate(rows, request.GET, by="created_at")
    context = {
        "page": page,
        "rows": page.rows,
        "filters": filtering.Bar(menus=(menu,)),
        "titles": {name: sheet.title for name, sheet in registry.imports().items()},
    }
    return render(request, "spreadsheets/import/list.html", context)


@requires("imports.run")
def import_new(request: HttpRequest) -> HttpResponse:
    initial = {"sheet": request.GET.get("hoja", "")}
    posted, files = operations.posted(request), request.FILES or None
    form = UploadForm(posted, files, user=actor(request), initial=initial)
    if form.is_valid():
        run = operations.run(form, partial(_request, request, form))
        if run:
            return redirect("spreadsheets:import", run.pk)
    context = {"form": form, "steps": STEPS, "sheets": registry.imports()}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "spreadsheets/import/new.html", context, status=status)


def _request(request: HttpRequest, form: UploadForm) -> ImportRun:
    upload = form.cleaned_data["upload"]
    return requests.request_import(
        sheet=form.cleaned_data["sheet"],
        upload=upload,
        filename=upload.name,
        mapping=form.spec,
        by=actor(request),
        at=clock.now(),
    )


@requires("imports.view")
@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = access.import_run(actor(request), pk)
    answer = fragments.respond(
        request,
        page="spreadsheets/import/detail.html",
        fragment="spreadsheets/import/_panel.html",
        context=_shown(run),
    )
    if request.headers.get("HX-Request") and run.status not in UNSETTLED:
        # The buttons at the foot lie outside of what is polled.
        answer["HX-Refresh"] = "true"
    return answer


def _shown(run: ImportRun) -> dict[str, Any]:
    sheet = registry.imports().get(run.sheet)
    return {
        "run": run,
        "title": sheet.title if sheet else run.sheet,
        "steps": STEPS,
        "at": 4 if run.status == ImportStatus.DONE else 3,
        "is_moving": run.status in UNSETTLED,
        "has_columns": sheet is not None and _has_columns(run, sheet),
        "plan": _plan(run),
        "labels": {column.name: column.header for column in sheet.columns} if sheet else {},
        "bar": (
            ("ok", run.new),
            ("info", run.changed),
            ("none", run.unchanged),
            ("bad", run.rejected),
        ),
    }


def _has_columns(run: ImportRun, sheet: ImportSheet) -> bool:
    """Whether a file that could not be checked is at least one whose columns can be named."""
    try:
        return run.status == ImportStatus.UNREADABLE and bool(preview.heads(run, sheet))
    except (Refusal, FileNotFoundError):
        return False


def _plan(run: ImportRun) -> list[tuple[str, str]]:
    """File header and our column, as the run's mapping says; empty where titles were enough."""
    return [(header, name) for name, header in (run.mapping or {}).get("columns", {}).items()]


@requires("imports.run")
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    run = access.import_run(actor(request), pk)
    sheet = registry.import_sheet(run.sheet)
    try:
        heads = preview.heads(run, sheet)
    except (Refusal, FileNotFoundError) as fault:
        messages.error(request, getattr(fault, "sentence", _("El archivo ya no está.")))
        return redirect("spreadsheets:import", pk)
    spec = mapping.Spec.model_validate(run.mapping) if run.mapping else None
    initial = {"date_format": spec.date_format, "decimal": spec.decimal} if spec else None
    form = ColumnsForm(
        operations.posted(request), heads=heads, sheet=sheet, spec=spec, initial=initial
    )
    if form.is_valid():
        again = operations.run(form, partial(_again, request, run, form))
        if again:
            return redirect("spreadsheets:import", again.pk)
    context = {"form": form, "run": run, "title": sheet.title, "steps": STEPS}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "spreadsheets/import/columns.html", context, status=status)


def _again(request: HttpRequest, run: ImportRun, form: ColumnsForm) -> ImportRun:
    user = actor(request)
    if form.cleaned_data["name"]:
        requests.save_mapping(name=form.cleaned_data["name"], spec=form.document, by=user)
    return requests.check_again(run, mapping=form.document, by=user, at=clock.now())


@requires("imports.run")
@require_POST
def import_confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    run = access.import_run(actor(request), pk)
    confirm = partial(requests.confirm, run, by=actor(request), at=clock.now())
    return operations.answer(
        request,
        confirm,
        done=_("La importación está en marcha."),
        back="spreadsheets:import",
        key=pk,
    )


@requires("imports.run")
@require_POST
def import_drop(request: HttpRequest, pk: int) -> HttpResponse:
    run = access.import_run(actor(request), pk)
    drop = partial(requests.drop, run, by=actor(request), at=clock.now())
    done = _("Importación descartada: no se guardó nada.")
    return operations.answer(request, drop, done=done, back="spreadsheets:imports")


@requires("imports.view")
@require_safe
def import_rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = access.import_run(actor(request), pk)
    if not run.rejects:
        raise Http404
    return FileResponse(run.rejects.open("rb"), as_attachment=True)


@requires("imports.run")
@require_safe
def import_template(request: HttpRequest, sheet: str) -> HttpResponseBase:
    if sheet not in registry.imports():
        raise Http404
    found = registry.import_sheet(sheet)
    return FileResponse(blank.build(found), as_attachment=True, filename=f"{sheet}.xlsx")


@requires("exports.run")
@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    page = pagination.paginate(access.exports_for(actor(request)), request.GET, by="created_at")
    context = {
        "page": page,
        "rows": page.rows,
        "now": clock.now(),
        "is_moving": any(row.status in {"pending", "building"} for row in page.rows),
        "titles": {name: sheet.title for name, sheet in registry.exports().items()},
    }
    return fragments.respond(
        request,
        page="spreadsheets/export/list.html",
        fragment="spreadsheets/export/_table.html",
        context=context,
    )


@requires("exports.run")
@require_POST
def export_new(request: HttpRequest) -> HttpResponse:
    """The parameters are the query of the page that asks."""
    ours = {"sheet", "format", "csrfmiddlewaretoken", "next"}
    parameters = {key: value for key, value in request.POST.items() if key not in ours}
    ask = partial(
        requests.request_export,
        sheet=request.POST.get("sheet", ""),
        format=filtering.choice(request.POST, "format", ("xlsx", "csv")) or "xlsx",
        parameters=parameters,
        by=actor(request),
        at=clock.now(),
    )
    done = _("La descarga se está preparando.")
    return operations.answer(request, ask, done=done, back=reverse("spreadsheets:exports"))


@requires("exports.run")
@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = access.export_run(actor(request), pk)
    if not run.file or (run.expires_at and run.expires_at <= clock.now()):
        raise Http404
    name = f"{run.sheet}-{run.created_at:%Y-%m-%d}.{run.format}"
    return FileResponse(run.file.open("rb"), as_attachment=True, filename=name)
