"""Runs of files for tests, made through the operations."""

from datetime import UTC, datetime
from typing import Any

from django.core.files.base import ContentFile

from acuerdo.organization.models import User
from acuerdo.spreadsheets import processing, requests
from acuerdo.spreadsheets.models import ImportRun, ImportStatus

NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)


def stored(
    sheet: str,
    content: str | bytes,
    *,
    mapping: dict[str, Any] | None = None,
    filename: str = "cartera.csv",
    by: User | None = None,
    at: datetime = NOW,
) -> ImportRun:
    body = content.encode() if isinstance(content, str) else content
    return requests.store(
        sheet=sheet, upload=ContentFile(body), filename=filename, mapping=mapping, by=by, at=at
    )


def checked(sheet: str, content: str | bytes, **options: Any) -> ImportRun:
    run = stored(sheet, content, **options)
    return processing.check(run, at=run.created_at)


def loaded(sheet: str, content: str | bytes, **options: Any) -> ImportRun:
    """The file brought in whole; an unreadable one stays unreadable."""
    run = checked(sheet, content, **options)
    if run.status != ImportStatus.CHECKED:
        return run
    return processing.apply(requests.start_applying(run), at=run.created_at)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    """New, changed, unchanged and rejected."""
    return run.new, run.changed, run.unchanged, run.rejected
