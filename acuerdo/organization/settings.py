"""The one row of settings: read it, pause sending, move the demonstration's clock."""

from datetime import datetime, timedelta

from acuerdo.organization import reading
from acuerdo.organization.models import Organization
from acuerdo.primitives import clock


def current() -> Organization:
    """The settings row; made with defaults on first use."""
    return reading.once("settings", _row)


def _row() -> Organization:
    organization, _ = Organization.objects.get_or_create(pk=1, defaults={"name": "Acuerdo"})
    return organization


def update(**values: object) -> None:
    """Change the rules of this installation; see ``Organization`` for what each means."""
    current()
    Organization.objects.filter(pk=1).update(**values)


def pause_sending(reason: str, *, at: datetime) -> None:
    """Hold every automatic and manual send until ``release_sending``."""
    current()
    Organization.objects.filter(pk=1).update(
        sending_paused_at=at, sending_paused_reason=reason[:200]
    )


def release_sending() -> None:
    Organization.objects.filter(pk=1).update(sending_paused_at=None, sending_paused_reason="")


def move_clock(by: timedelta) -> None:
    """Shift the demonstration's clock; every process follows at its next turn."""
    organization = current()
    organization.clock_offset += by
    organization.save(update_fields=["clock_offset"])
    clock.set_offset(organization.clock_offset)


def follow_clock() -> None:
    """Take over the clock offset that another process may have moved."""
    offset = Organization.objects.filter(pk=1).values_list("clock_offset", flat=True).first()
    clock.set_offset(offset or timedelta(0))
