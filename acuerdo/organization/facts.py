"""Records what happens here. The event log lies above this app, so settings name its writer."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from acuerdo.organization.models import User


def record(
    type_: str, *, subject: models.Model, by: User | None, at: datetime, **data: Any
) -> None:
    """``data`` holds ids and plain values; runs in the caller's transaction."""
    import_string(settings.FACT_RECORDER)(type_, subject=subject, by=by, at=at, **data)
