"""What people ask of files: bring this in, go ahead, forget it, give me that."""

import hashlib
import secrets
from collections.abc import Mapping as Dictionary
from datetime import datetime
from typing import Any, TypeAlias

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.spreadsheets import mapping as mappings
from acuerdo.spreadsheets import reading, registry, staging, tasks
from acuerdo.spreadsheets.models import (
    IMPORT_MOVES,
    ExportRun,
    ImportRun,
    ImportStatus,
    Mapping,
)

# Django's File takes no parameter at run time; its stubs ask for one.
Upload: TypeAlias = "File[Any]"


@transaction.atomic
def request_import(
    *,
    sheet: str,
    upload: Upload,
    filename: str,
    mapping: dict[str, Any] | None,
    by: User | None,
    at: datetime,
) -> ImportRun:
    """Keep the file and have it checked by a job; nothing of it is written yet."""
    run = store(sheet=sheet, upload=upload, filename=filename, mapping=mapping, by=by, at=at)
    tasks.check_import.defer(run_id=run.pk)
    return run


@transaction.atomic
def store(
    *,
    sheet: str,
    upload: Upload,
    filename: str,
    mapping: dict[str, Any] | None,
    by: User | None,
    at: datetime,
) -> ImportRun:
    """Keep the file as a run in state pending, for callers that check it themselves."""
    declared = registry.import_sheet(sheet)
    if mapping is not None:
        mappings.parse(mapping, declared)
    extension = reading.extension_of(filename)
    _check_size(upload)
    run = ImportRun(
        sheet=sheet,
        filename=filename.replace("\x00", "")[-255:],
        sha256=_digest(upload),
        mapping=mapping,
        requested_by=by,
        created_at=at,
    )
    # The name on disk is ours: a name from outside is data, never a path.
    run.file.save(f"{secrets.token_hex(16)}.{extension}", upload, save=False)
    run.save(force_insert=True)
    return run


def unfinished(run: ImportRun) -> ImportRun | None:
    """An earlier run of the same file, sheet and mapping that was cut off while applying."""
    earlier = ImportRun.objects.filter(
        sheet=run.sheet,
        sha256=run.sha256,
        status__in=[ImportStatus.APPLYING, ImportStatus.FAILED],
    ).exclude(pk=run.pk)
    return next((found for found in earlier if found.mapping == run.mapping), None)


@transaction.atomic
def confirm(run: ImportRun, *, by: User | None, at: datetime) -> ImportRun:  # noqa: ARG001 - every operation is told who and when
    """Go ahead with a checked file, or on with one that failed."""
    start_applying(run)
    tasks.apply_import.defer(run_id=run.pk)
    return run


def start_applying(run: ImportRun) -> ImportRun:
    move_to(run, ImportStatus.APPLYING, table=IMPORT_MOVES, error="")
    return run


@transaction.atomic
def check_again(
    run: ImportRun, *, mapping: dict[str, Any] | None, by: User | None, at: datetime
) -> ImportRun:
    """Repeat the dry run of a checked file, perhaps with other columns."""
    if mapping is not None:
        mappings.parse(mapping, registry.import_sheet(run.sheet))
    if run.status == ImportStatus.UNREADABLE:
        with run.file.open("rb") as file:
            return request_import(
                sheet=run.sheet, upload=file, filename=run.filename, mapping=mapping, by=by, at=at
            )
    move_to(run, ImportStatus.CHECKING, table=IMPORT_MOVES, mapping=mapping, error="")
    tasks.check_import.defer(run_id=run.pk)
    return run


@transaction.atomic
def drop(run: ImportRun, *, by: User | None, at: datetime) -> ImportRun:  # noqa: ARG001 - as above
    """Forget a checked file; nothing of it was written."""
    move_to(run, ImportStatus.DROPPED, table=IMPORT_MOVES, finished_at=at)
    staging.drop(run)
    return run


@transaction.atomic
def save_mapping(*, name: str, spec: dict[str, Any], by: User | None) -> Mapping:
    """Keep a mapping under ``name`` to use it again; the same name replaces it."""
    sheet = registry.import_sheet(str(spec.get("sheet", "")))
    mappings.parse(spec, sheet)
    if not name.strip():
        raise Refusal("no_name", _("Ponga un nombre al mapa de columnas."), field="name")
    saved, _created = Mapping.objects.update_or_create(
        sheet=sheet.name, name=name.strip()[:120], defaults={"spec": spec, "created_by": by}
    )
    return saved


@transaction.atomic
def request_export(
    *,
    sheet: str,
    format: str,  # noqa: A002 - the word of the screen
    parameters: Dictionary[str, Any],
    by: User,
    at: datetime,
) -> ExportRun:
    """Have a file built of the rows that the page with these parameters shows to ``by``."""
    registry.export_sheet(sheet)
    if format not in ("xlsx", "csv"):
        raise Refusal("bad_format", _("El formato es xlsx o csv."), field="format")
    run = ExportRun.objects.create(
        sheet=sheet, format=format, parameters=dict(parameters), requested_by=by, created_at=at
    )
    tasks.build_export.defer(run_id=run.pk)
    return run


def _check_size(upload: Upload) -> None:
    if upload.size > settings.IMPORT_MAX_BYTES:
        raise Refusal(
            "file_too_big",
            _("El archivo pesa %(size)s MB y el máximo es %(most)s MB. Divídalo en partes.")
            % {"size": upload.size // 2**20, "most": settings.IMPORT_MAX_BYTES // 2**20},
            field="upload",
        )


def _digest(upload: Upload) -> str:
    digest = hashlib.sha256()
    for block in upload.chunks():
        digest.update(block)
    upload.seek(0)
    return digest.hexdigest()
