"""Where a customer's day begins and ends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, DateField, F, Func, Value, When
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer
from acuerdo.primitives import clock

# The zone in which most people of the country live; contact hours use every zone of it.
MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "BO": "America/La_Paz",
    "BR": "America/Sao_Paulo",
    "CL": "America/Santiago",
    "CO": "America/Bogota",
    "CR": "America/Costa_Rica",
    "DO": "America/Santo_Domingo",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GT": "America/Guatemala",
    "HN": "America/Tegucigalpa",
    "MX": "America/Mexico_City",
    "NI": "America/Managua",
    "PA": "America/Panama",
    "PE": "America/Lima",
    "PY": "America/Asuncion",
    "SV": "America/El_Salvador",
    "US": "America/New_York",
    "UY": "America/Montevideo",
    "VE": "America/Caracas",
}


# How people write the places whose zone is named without its accents.
_PLACES = {
    "America/Asuncion": "Asunción",
    "America/Bogota": "Bogotá",
    "America/Mexico_City": "Ciudad de México",
    "America/Panama": "Panamá",
    "America/Sao_Paulo": "São Paulo",
    "America/Cancun": "Cancún",
}


def place_of(zone: str) -> str:
    """«Bogotá» for America/Bogota: what a time in that zone is called by."""
    return _PLACES.get(zone) or zone.rpartition("/")[2].replace("_", " ")


def zone_of(customer: Customer) -> str:
    """The customer's IANA zone: its own, or the main one of its country, or UTC."""
    return customer.time_zone or MAIN_ZONES.get(customer.country, "UTC")


def hour_in_both(customer: Customer, moment: datetime, *, ours: str) -> str:
    """«11:00 en Santiago (09:00 en Lima)»; empty where both clocks are one."""
    theirs = zone_of(customer)
    if theirs == ours:
        return ""
    return _("%(there)s en %(place)s (%(here)s en %(our_place)s)") % {
        "there": f"{moment.astimezone(ZoneInfo(theirs)):%H:%M}",
        "place": place_of(theirs),
        "here": f"{moment.astimezone(ZoneInfo(ours)):%H:%M}",
        "our_place": place_of(ours),
    }


def ahead_of_all(at: datetime) -> date:
    """A date that no customer's own day is past at ``at``: lets an index choose the candidates."""
    return clock.date_in("Pacific/Kiritimati", at)


def day_before(at: datetime, *, days: int = 0, path: str = "customer__") -> Func:
    """The same date as ``local_date`` gives, less ``days``, for rows whose customer is at ``path``."""
    of_country = [
        When(**{f"{path}country": country}, then=Value(zone))
        for country, zone in MAIN_ZONES.items()
    ]
    own = When(**{f"{path}time_zone__gt": ""}, then=F(f"{path}time_zone"))
    zone = Case(own, *of_country, default=Value("UTC"), output_field=CharField())
    return Func(
        zone,
        Value(at),
        template=f"(timezone(%(expressions)s)::date - {days:d})",
        output_field=DateField(),
    )


def local_date(customer: Customer, at: datetime) -> date:
    return clock.date_in(zone_of(customer), at)


def end_of_day(customer: Customer, at: datetime) -> datetime:
    """The last moment of the day that it is now where the customer lives."""
    zone = zone_of(customer)
    tomorrow = clock.date_in(zone, at) + timedelta(days=1)
    return clock.midnight(tomorrow, zone).astimezone(UTC) - timedelta(microseconds=1)
