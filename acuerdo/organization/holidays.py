"""Closed days that the organisation adds to the calendars of its countries."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from acuerdo.organization.models import Holiday
from acuerdo.primitives.refusals import Refusal


def add(*, country: str, on: date, name: str) -> Holiday:
    try:
        with transaction.atomic():
            return Holiday.objects.create(country=country, on=on, name=name)
    except IntegrityError as error:
        sentence = _("Ese día ya está marcado como feriado.")
        raise Refusal("holiday_taken", sentence, field="on", status=409) from error


def remove(holiday: Holiday) -> None:
    holiday.delete()
