"""Builds the files that people asked for, under the rights they have while it is built."""

import secrets
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.events import log
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.spreadsheets import registry, writing
from acuerdo.spreadsheets.models import EXPORT_MOVES, ExportRun, ExportStatus

WRITERS = {"csv": writing.write_csv, "xlsx": writing.write_xlsx}


def build(run: ExportRun, *, at: datetime) -> ExportRun:
    """Write the file of ``run``; a doubled job finds it done and leaves it."""
    if run.status == ExportStatus.DONE:
        return run
    if run.status != ExportStatus.BUILDING:
        move_to(run, ExportStatus.BUILDING, table=EXPORT_MOVES, error="")
    try:
        _write(run)
    except Exception as error:
        _set_failed(run, error, at=at)
        if not isinstance(error, Refusal):
            raise
    else:
        _set_done(run, at=at)
    return run


def _write(run: ExportRun) -> None:
    sheet = registry.export_sheet(run.sheet)
    by = run.requested_by
    if not may(by, "exports.run"):
        raise Refusal("not_allowed", _("Ya no tiene permiso para exportar."), status=403)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{run.format}"
        run.rows = WRITERS[run.format](path, sheet, run.parameters, by=by)
        with path.open("rb") as file:
            run.file.save(f"{secrets.token_hex(16)}.{run.format}", File(file), save=False)


@transaction.atomic
def _set_done(run: ExportRun, *, at: datetime) -> None:
    move_to(
        run,
        ExportStatus.DONE,
        table=EXPORT_MOVES,
        rows=run.rows,
        file=run.file.name,
        finished_at=at,
        expires_at=at + timedelta(days=settings.EXPORT_KEPT_DAYS),
    )
    log.record(
        "export.finished",
        subject=run,
        by=run.requested_by,
        at=at,
        sheet=run.sheet,
        format=run.format,
        rows=run.rows,
    )


@transaction.atomic
def _set_failed(run: ExportRun, error: Exception, *, at: datetime) -> None:
    sentence = error.sentence if isinstance(error, Refusal) else _("Error interno al preparar.")
    move_to(run, ExportStatus.FAILED, table=EXPORT_MOVES, error=sentence, finished_at=at)
    log.record("export.failed", subject=run, by=run.requested_by, at=at, sheet=run.sheet)
