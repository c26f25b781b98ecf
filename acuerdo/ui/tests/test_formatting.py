from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from acuerdo.ui import formatting
from acuerdo.ui.formatting import day_of_week, short_day
from acuerdo.ui.templatetags.listing import long_moment

NOW = datetime(2026, 11, 19, 19, 2, tzinfo=UTC)
LIMA = "America/Lima"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1245.90", "PEN", "S/ 1,245.90"),
        ("1870000", "COP", "$ 1.870.000"),
        ("1870000.50", "COP", "$ 1.870.000,50"),
        ("184900", "CLP", "$ 184.900"),
        ("4990", "MXN", "$ 4,990.00"),
        ("1234.5", "BRL", "R$ 1.234,50"),
        ("-120", "PEN", "S/ −120.00"),
        ("5", "XYZ", "XYZ 5.00"),
    ],
)
def test_money_follows_the_country_of_its_currency(
    amount: str, currency: str, written: str
) -> None:
    assert str(formatting.money(Decimal(amount), currency)).replace("\xa0", " ") == written


def test_money_never_breaks_between_sign_and_digits() -> None:
    assert " " not in str(formatting.money(Decimal("1245.90"), "PEN"))


def test_a_list_of_several_countries_names_the_currency_except_the_sol() -> None:
    assert formatting.money(Decimal(10), "COP", iso=True).symbol == "COP"
    assert formatting.money(Decimal(10), "PEN", iso=True).symbol == "S/"


def test_an_amount_keeps_every_digit_of_a_long_number() -> None:
    written = str(formatting.money(Decimal("123456789012345.67"), "PEN"))
    assert written.endswith("123,456,789,012,345.67")


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 19, 19, 2, tzinfo=UTC), "14:02"),
        (datetime(2026, 11, 19, 3, 0, tzinfo=UTC), "ayer"),
        (datetime(2026, 11, 16, 15, 0, tzinfo=UTC), "lun 16"),
        (datetime(2026, 10, 3, 15, 0, tzinfo=UTC), "3 oct"),
        (datetime(2025, 10, 3, 15, 0, tzinfo=UTC), "3 oct 2025"),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), "mañana 10:00"),
    ],
)
def test_short_time_is_that_of_the_zone_not_of_utc(moment: datetime, written: str) -> None:
    assert formatting.short_time(moment, LIMA, at=NOW) == written


def test_local_time_says_day_and_hour_there() -> None:
    assert formatting.local_time(datetime(2026, 9, 1, 2, 5, tzinfo=UTC), LIMA) == "31 ago, 21:05"


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 19), "Hoy, jueves 19 de noviembre"),
        (date(2026, 11, 18), "Ayer, miércoles 18 de noviembre"),
        (date(2026, 11, 11), "Miércoles 11 de noviembre"),
        (date(2025, 12, 31), "Miércoles 31 de diciembre de 2025"),
    ],
)
def test_a_day_heading_is_a_spanish_sentence(day: date, written: str) -> None:
    assert formatting.day_heading(day, today=date(2026, 11, 19)) == written


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, "m0"),
        (-3, "m0"),
        (0, "m0"),
        (1, "m1"),
        (30, "m1"),
        (31, "m2"),
        (61, "m3"),
        (91, "m4"),
    ],
)
def test_the_ramp_darkens_with_the_days_overdue(days: int | None, band: str) -> None:
    assert formatting.days_band(days) == band


def test_a_charged_off_debt_is_always_at_the_end_of_the_ramp() -> None:
    assert formatting.days_band(3, charged_off=True) == "m4"
    assert formatting.days_label(128, charged_off=True) == "128\xa0días · castigada"
    assert formatting.days_label(1) == "1\xa0día"


@pytest.mark.parametrize(
    ("number", "masked"),
    [("45210318", "45••••18"), ("12345", "••••45"), ("12", "••••"), (" 1032456789 ", "10••••••89")],
)
def test_a_masked_document_keeps_only_its_ends(number: str, masked: str) -> None:
    assert formatting.mask_document(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+51987654218", "+51 9•• ••• 218"), ("987654218", "•••218"), ("12", "•••••")],
)
def test_a_masked_phone_keeps_country_and_end(number: str, masked: str) -> None:
    assert formatting.mask_phone(number).replace("\xa0", " ") == masked


def test_a_masked_address_does_not_tell_its_length() -> None:
    assert formatting.mask_email("maria@correo.pe") == "m•••••@correo.pe"
    assert formatting.mask_email("mj@correo.pe") == "m•••••@correo.pe"
    assert formatting.mask_email("no es un correo") == "•••••"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Jorge Ramírez Soto", "JR"),
        ("María Fernanda Quispe Mamani", "MQ"),
        ("Rosa de la Cruz", "RC"),
        ("Óscar", "Ó"),
        ("  ", "?"),
    ],
)
def test_initials_skip_particles(name: str, letters: str) -> None:
    assert formatting.initials(name) == letters


def test_days_are_written_in_the_language_of_the_reader() -> None:
    day = date(2026, 11, 24)
    assert (short_day(day), day_of_week(day)) == ("24 nov 2026", "mar 24 nov")
    assert long_moment(datetime(2026, 11, 24, 9, 5, tzinfo=UTC)) == "martes 24 de noviembre, 09:05"
    with translation.override("en"):
        assert (short_day(day), day_of_week(day)) == ("24 Nov 2026", "Tue 24 Nov")
        assert long_moment(datetime(2026, 11, 24, 9, 5, tzinfo=UTC)) == "Tuesday 24 November, 09:05"
