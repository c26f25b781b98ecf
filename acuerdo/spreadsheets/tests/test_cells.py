from datetime import date, datetime
from decimal import Decimal

import pytest

from acuerdo.spreadsheets import cells
from acuerdo.spreadsheets.sheet import BadCell, Cell, Form

AUTO = Form()


@pytest.mark.parametrize(
    ("written", "form", "amount"),
    [
        ("1245.90", AUTO, "1245.90"),
        ("1.245,90", AUTO, "1245.90"),
        ("1,245.90", AUTO, "1245.90"),
        ("1.234.567", AUTO, "1234567"),
        ("S/ 10", AUTO, None),
        ("$ 1,245.90", AUTO, "1245.90"),
        ("1245,9", AUTO, "1245.9"),
        ("1.234", AUTO, None),
        ("1.234", Form(decimal=","), "1234"),
        ("1,234", Form(decimal="."), "1234"),
        ("1,234", Form(decimal=","), None),
        (1245.9, AUTO, "1245.9"),
        (0.1 + 0.2, AUTO, "0.3"),
        (12, AUTO, "12"),
        ("doce", AUTO, None),
        ("", AUTO, None),
        ("1e5", AUTO, None),
        ("NaN", AUTO, None),
        (True, AUTO, None),
        (date(2026, 1, 1), AUTO, None),
        ("-5", AUTO, None),
        ("0", AUTO, None),
        ("9" * 16, AUTO, None),
        (float("inf"), AUTO, None),
        ("#N/A", AUTO, None),
    ],
)
def test_an_amount_is_read_or_refused(written: Cell, form: Form, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(BadCell):
            cells.amount(written, form)
    else:
        assert cells.amount(written, form) == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "form", "day"),
    [
        ("31/12/2026", AUTO, date(2026, 12, 31)),
        ("2026-12-31", AUTO, date(2026, 12, 31)),
        ("12/31/2026", Form(date_format="%m/%d/%Y"), date(2026, 12, 31)),
        ("1/2/2013", Form(date_format="%m/%d/%Y"), date(2013, 1, 2)),
        (datetime(2026, 12, 31, 8, 30), AUTO, date(2026, 12, 31)),  # noqa: DTZ001
        ("31/11/2026", AUTO, None),
        ("31/12/2026", Form(date_format="%m/%d/%Y"), None),
        ("31/12/0026", AUTO, None),
        (46000, AUTO, None),
        ("mañana", AUTO, None),
    ],
)
def test_a_date_is_read_or_refused(written: Cell, form: Form, day: date | None) -> None:
    if day is None:
        with pytest.raises(BadCell):
            cells.day(written, form)
    else:
        assert cells.day(written, form) == day


def test_a_document_stored_as_a_number_loses_no_digit_and_gains_no_point() -> None:
    assert cells.text(40)(45210318.0, AUTO) == "45210318"
    assert cells.text(40)("00452103", AUTO) == "00452103"


def test_text_longer_than_the_column_is_refused_not_cut() -> None:
    with pytest.raises(BadCell, match="121"):
        cells.text(120)("x" * 121, AUTO)


def test_line_breaks_and_control_signs_become_spaces() -> None:
    assert cells.text(40)("Ana\nMaría\x00", AUTO) == "Ana María"


def test_currency_is_one_of_those_in_use() -> None:
    assert cells.currency(" pen ", AUTO) == "PEN"
    with pytest.raises(BadCell):
        cells.currency("SOL", AUTO)
