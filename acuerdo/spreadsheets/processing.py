"""Checks a file, then applies it: nothing is written before it was checked whole.

Applying goes in chunks, each a transaction that also moves the run's cursor, so a process
that dies half-way leaves a run that the next one finishes. An advisory lock of the session
keeps two processes off one run, and vanishes with a process that dies.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from django.core.files import File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from acuerdo.events import log
from acuerdo.organization import access, settings
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.spreadsheets import mapping, reading, registry, rejects, rows, staging
from acuerdo.spreadsheets.mapping import Spec
from acuerdo.spreadsheets.models import IMPORT_MOVES, ImportRun, ImportStatus
from acuerdo.spreadsheets.rows import BadRow, Fault, Table
from acuerdo.spreadsheets.sheet import Chunk, ImportSheet, Terms

Work: TypeAlias = Callable[..., ImportRun]
# Told how many rows are done, of how many (0: not known yet).
Tell: TypeAlias = Callable[[int, int], None]

BATCH_ROWS = 5_000
CHUNK_ROWS = 5_000
PROGRESS_SECONDS = 1.0
# The first half of the advisory lock's key; the second is the run's id.
LOCK_SPACE = 0x1A_9047


@contextmanager
def held(run: ImportRun) -> Iterator[None]:
    """Be the only process at work on ``run``; Refusal ``busy`` when another one is."""
    if not try_hold(run.pk):
        raise Refusal("busy", _("Otro proceso ya está con este archivo."), status=409)
    try:
        yield
    finally:
        release(run.pk)


def try_hold(run_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, run_id])
        return bool(cursor.fetchone()[0])


def release(run_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, run_id])


def _tell_nobody(done: int, whole: int) -> None:
    """The default listener: the row and its event say it all."""


def check(run: ImportRun, *, at: datetime, tell: Tell = _tell_nobody) -> ImportRun:
    """Read and clean every row and compare it with what is stored; writes nothing of it."""
    with held(run):
        run.refresh_from_db()
        if run.status != ImportStatus.CHECKING:
            move_to(run, ImportStatus.CHECKING, table=IMPORT_MOVES)
        try:
            _stage(run, at=at, tell=tell)
        except Refusal as refusal:
            _set_unreadable(run, refusal.sentence, at=at)
        except Exception:
            _set_unreadable(run, _("El archivo no se pudo revisar por un error interno."), at=at)
            raise
        else:
            _set_checked(run, at=at)
    return run


def apply(run: ImportRun, *, at: datetime, tell: Tell = _tell_nobody) -> ImportRun:
    """Write the checked rows from the run's cursor on; status has to be ``applying``."""
    with held(run):
        run.refresh_from_db()
        if run.status != ImportStatus.APPLYING:
            raise Refusal("not_confirmed", _("El archivo no está confirmado."), status=409)
        sheet = registry.import_sheet(run.sheet)
        try:
            if not staging.exists(run):
                _stage(run, at=at, tell=tell)
            spec = spec_of(run, sheet)
            if sheet.declare_custom and spec and spec.custom:
                sheet.declare_custom(spec.custom)
            while _apply_chunk(run, sheet, at=at):
                tell(min(run.applied_rows, run.rows), run.rows)
        except Exception as error:
            _set_failed(run, error, at=at)
            raise
        _set_done(run, sheet, at=at)
    return run


def source_of(run: ImportRun, sheet: ImportSheet) -> reading.Source:
    worksheet = str((run.mapping or {}).get("worksheet", ""))
    return reading.Source(
        Path(run.file.path), reading.extension_of(run.filename), worksheet, str(sheet.title)
    )


def spec_of(run: ImportRun, sheet: ImportSheet) -> Spec | None:
    return mapping.parse(run.mapping, sheet) if run.mapping else None


def terms_of(run: ImportRun, *, at: datetime) -> Terms:
    organization = settings.current()
    by = run.requested_by
    return Terms(
        organization=organization,
        portfolios=access.scope(by).portfolios if by else None,
        by=by,
        at=at,
        on=clock.date_in(organization.time_zone, at),
    )


def _stage(run: ImportRun, *, at: datetime, tell: Tell) -> None:
    run.rejects, run.sample_rejects, run.reject_reasons = None, [], {}
    sheet = registry.import_sheet(run.sheet)
    spec = spec_of(run, sheet)
    terms = terms_of(run, at=at)
    table = rows.open_table(source_of(run, sheet), sheet, spec)
    staging.begin(sheet)
    try:
        _pour(run, table, sheet, terms, tell=tell)
        run.repeated = staging.settle_repeats(sheet, spec.repeats if spec else "reject")
        counts = staging.classify(run, sheet, terms)
        run.new, run.changed, run.unchanged = counts.new, counts.changed, counts.unchanged
        run.rejected = counts.rejected
        if counts.rejected:
            _keep_rejects(run, sheet, spec)
    finally:
        staging.forget()


def _pour(run: ImportRun, table: Table, sheet: ImportSheet, terms: Terms, *, tell: Tell) -> None:
    """Clean the rows into the raw table, batch by batch, telling how far it is."""
    finish = sheet.finish(terms)
    good: list[list[object]] = []
    bad: list[Fault] = []
    seen = skipped = 0
    told = time.monotonic()
    for number, cells in table.rows:
        seen += 1
        if table.plan.skip and rows.is_skipped(table.plan, cells):
            skipped += 1
            continue
        try:
            good.append(rows.clean(number, cells, table.plan, finish))
        except BadRow as fault:
            bad.extend(fault.faults)
        if len(good) + len(bad) >= BATCH_ROWS:
            staging.add(good, bad)
            good, bad = [], []
            if time.monotonic() - told > PROGRESS_SECONDS:
                _tell(run, at=terms.at, rows=seen)
                tell(seen, 0)
                told = time.monotonic()
    staging.add(good, bad)
    run.rows, run.skipped = seen, skipped


def _tell(run: ImportRun, *, at: datetime, **changes: int) -> None:
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(**changes)
        log.record("import.progressed", subject=run, by=run.requested_by, at=at, **changes)


def _keep_rejects(run: ImportRun, sheet: ImportSheet, spec: Spec | None) -> None:
    """A second reading of the file, since only the person's own cells explain a fault."""
    run.reject_reasons = staging.fault_counts()
    table = rows.open_table(source_of(run, sheet), sheet, spec)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rejects.xlsx"
        found = rejects.match(table, staging.faults(), sheet)
        run.sample_rejects = rejects.write(path, found, table.plan)
        with path.open("rb") as file:
            run.rejects.save(f"{secrets.token_hex(16)}.xlsx", File(file), save=False)


def _apply_chunk(run: ImportRun, sheet: ImportSheet, *, at: datetime) -> bool:
    """Write the next rows and move the cursor in one transaction; False when none is left."""
    with transaction.atomic():
        upto = staging.next_bound(run, CHUNK_ROWS)
        if upto is None:
            return False
        chunk = Chunk(
            table=staging.table_of(run),
            after=run.applied_rows,
            upto=upto,
            by=run.requested_by,
            at=at,
            on=clock.date_in(settings.current().time_zone, at),
        )
        sheet.apply(chunk)
        _tell(run, at=at, applied_rows=upto)
        failpoints.hit("import.writing")
    failpoints.hit("import.written")
    run.applied_rows = upto
    return True


def _set_unreadable(run: ImportRun, sentence: str, *, at: datetime) -> None:
    staging.drop(run)
    with transaction.atomic():
        move_to(run, ImportStatus.UNREADABLE, table=IMPORT_MOVES, error=sentence, finished_at=at)
        log.record("import.failed", subject=run, by=run.requested_by, at=at, sheet=run.sheet)


def _set_checked(run: ImportRun, *, at: datetime) -> None:
    counts = {name: getattr(run, name) for name in COUNTS}
    with transaction.atomic():
        move_to(
            run,
            ImportStatus.CHECKED,
            table=IMPORT_MOVES,
            **counts,
            rejects=run.rejects.name,
            sample_rejects=run.sample_rejects,
            reject_reasons=run.reject_reasons,
            applied_rows=0,
            error="",
        )
        log.record(
            "import.checked", subject=run, by=run.requested_by, at=at, sheet=run.sheet, **counts
        )


COUNTS = ("rows", "new", "changed", "unchanged", "repeated", "skipped", "rejected")


def _set_failed(run: ImportRun, error: Exception, *, at: datetime) -> None:
    sentence = error.sentence if isinstance(error, Refusal) else _("Error interno al guardar.")
    with transaction.atomic():
        move_to(run, ImportStatus.FAILED, table=IMPORT_MOVES, error=sentence)
        log.record("import.failed", subject=run, by=run.requested_by, at=at, sheet=run.sheet)


def _set_done(run: ImportRun, sheet: ImportSheet, *, at: datetime) -> None:
    facts: dict[str, Any] = {
        "run": run.pk,
        "sheet": run.sheet,
        "new": run.new,
        "changed": run.changed,
    }
    with transaction.atomic():
        move_to(run, ImportStatus.DONE, table=IMPORT_MOVES, applied_rows=run.rows, finished_at=at)
        if run.new or run.changed:
            log.record(sheet.event, subject=run, by=run.requested_by, at=at, **facts)
        log.record("import.finished", subject=run, by=run.requested_by, at=at, **facts)
        staging.drop(run)
