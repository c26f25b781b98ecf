"""The one row of settings: read it, pause sending, move the demonstration's clock."""

from datetime import datetime, timedelta

from django.db import transaction

from acuerdo.organization import facts, reading
from acuerdo.organization.models import Organization, User
from acuerdo.primitives import clock


def current() -> Organization:
    """The settings row; made with defaults on first use."""
    return reading.once("settings", _row)


def _row() -> Organization:
    organization, _ = Organization.objects.get_or_create(pk=1, defaults={"name": "Acuerdo"})
    return organization


@transaction.atomic
def update(*, by: User | None = None, at: datetime | None = None, **values: object) -> None:
    """Change the rules of this installation; see ``Organization`` for what each means.

    What changes is recorded with both values: a rule decides who is contacted, and when.
    """
    _row()
    row = Organization.objects.select_for_update().get(pk=1)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    was = {name: getattr(row, name) for name in changed}
    Organization.objects.filter(pk=1).update(**changed)
    when = at or clock.now()
    facts.record("settings.updated", subject=row, by=by, at=when, was=was, now=changed)


@transaction.atomic
def pause_sending(reason: str, *, by: User | None = None, at: datetime) -> None:
    """Hold every automatic and manual send until ``release_sending``."""
    current()
    Organization.objects.filter(pk=1).update(
        sending_paused_at=at, sending_paused_reason=reason[:200]
    )
    facts.record("sending.paused", subject=current(), by=by, at=at, reason=reason[:200])


@transaction.atomic
def release_sending(*, by: User | None = None, at: datetime | None = None) -> None:
    Organization.objects.filter(pk=1).update(sending_paused_at=None, sending_paused_reason="")
    facts.record("sending.released", subject=current(), by=by, at=at or clock.now())


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
