"""What is left behind by files: exports that expired, runs whose process died."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

from acuerdo.spreadsheets import processing, requests, tasks
from acuerdo.spreadsheets.models import ExportRun, ExportStatus, ImportRun, ImportStatus

# A checked file that nobody confirmed or dropped is forgotten after so many days.
UNCONFIRMED_DAYS = 30
# A job may still be on its way to the worker: leave young runs alone.
PATIENCE = timedelta(minutes=2)


def delete_expired(*, at: datetime) -> int:
    """Delete the files of expired exports; their rows stay as the record of who took what."""
    expired = ExportRun.objects.filter(expires_at__lte=at, file__isnull=False).exclude(file="")
    count = 0
    for run in expired:
        run.file.delete(save=False)
        ExportRun.objects.filter(pk=run.pk).update(file="")
        count += 1
    return count


def forget_unconfirmed(*, at: datetime) -> int:
    """Drop the stages of files that nobody came back to."""
    old = ImportRun.objects.filter(
        status=ImportStatus.CHECKED, created_at__lte=at - timedelta(days=UNCONFIRMED_DAYS)
    )
    for run in old:
        requests.drop(run, by=None, at=at)
    return len(old)


def rescue(*, at: datetime) -> int:
    """Ask again for runs whose process died: their advisory lock is free."""
    jobs = {
        ImportStatus.PENDING: tasks.check_import,
        ImportStatus.CHECKING: tasks.check_import,
        ImportStatus.APPLYING: tasks.apply_import,
    }
    count = 0
    for run in ImportRun.objects.filter(status__in=jobs, created_at__lte=at - PATIENCE):
        if processing.try_hold(run.pk):
            processing.release(run.pk)
            count += _defer_once(jobs[ImportStatus(run.status)], f"import-{run.pk}", run.pk)
    return count + _rescue_exports(at=at)


def _rescue_exports(*, at: datetime) -> int:
    stalled = ExportRun.objects.filter(
        status__in=[ExportStatus.PENDING, ExportStatus.BUILDING],
        created_at__lte=at - timedelta(hours=1),
    )
    return sum(_defer_once(tasks.build_export, f"export-{run.pk}", run.pk) for run in stalled)


def _defer_once(task: Task[Any, Any, Any], lock: str, run_id: int) -> int:
    """Defer unless the same rescue already waits for a worker; answers how many it deferred."""
    try:
        with transaction.atomic():
            task.configure(queueing_lock=lock).defer(run_id=run_id)
    except AlreadyEnqueued:
        return 0
    return 1
