"""Closed days that the organisation adds to the calendars of its countries."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from acuerdo.organization import facts
from acuerdo.organization.models import Holiday, User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def add(*, country: str, on: date, name: str, by: User | None, at: datetime) -> Holiday:
    try:
        with transaction.atomic():
            added = Holiday.objects.create(country=country, on=on, name=name)
    except IntegrityError as error:
        sentence = _("Ese día ya está marcado como feriado.")
        raise Refusal("holiday_taken", sentence, field="on", status=409) from error
    _tell(added, "holiday.added", by=by, at=at)
    return added


@transaction.atomic
def remove(holiday: Holiday, *, by: User | None, at: datetime) -> None:
    _tell(holiday, "holiday.removed", by=by, at=at)
    holiday.delete()


def _tell(holiday: Holiday, event: str, *, by: User | None, at: datetime) -> None:
    day = holiday.on.isoformat()
    facts.record(event, subject=holiday, by=by, at=at, country=holiday.country, on=day)
