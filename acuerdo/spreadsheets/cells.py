"""From a cell as somebody typed it to a value, or the reason why not."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from acuerdo.primitives.money import CURRENCIES
from acuerdo.spreadsheets.sheet import BadCell, Cell, Form

Cleaner: TypeAlias = Callable[[Cell, Form], Any]

# What Excel stores for a formula that went wrong.
FORMULA_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"}
)
MAX_AMOUNT = Decimal(10) ** 15
# 2,958,465 is the last day Excel knows; dates of debts lie well inside.
EARLIEST, LATEST = date(1950, 1, 1), date(2150, 1, 1)
DATE_FORMATS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d")
YES = frozenset({"si", "sí", "s", "yes", "y", "true", "verdadero", "1", "x"})
NO = frozenset({"no", "n", "false", "falso", "0"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_AMOUNT = re.compile(r"[+-]?\d[\d.,' ]*|[+-]?[.,]\d+")
_NOT_SIGNS = str.maketrans("", "", " '\u00a0\u202f$")


def as_text(cell: Cell) -> str:
    """The cell as a person reads it: a whole number has no decimals, a date is ISO."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("Sí") if cell else _("No")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell)


def plain(cell: Cell) -> str:
    """Text on one line; refuses what a broken formula leaves behind."""
    text = as_text(cell)
    if text[:1] == "#" and text.upper() in FORMULA_ERRORS:
        raise BadCell(
            _("La fórmula de la celda da error"), _("Corrija la fórmula o escriba el valor")
        )
    return text if text.isprintable() else _CONTROL.sub(" ", text).strip()


def text(maximum: int) -> Cleaner:
    """A cleaner of text of up to ``maximum`` characters."""

    def clean(cell: Cell, _form: Form) -> str:
        value = plain(cell)
        if len(value) > maximum:
            raise BadCell(
                _("El texto tiene %(length)s caracteres y el máximo es %(maximum)s")
                % {"length": len(value), "maximum": maximum},
                _("Acorte el texto"),
            )
        return value

    return clean


def choice(options: dict[str, object]) -> Cleaner:
    """A cleaner of one of ``options``: what may be written (lower case) to the value kept."""

    def clean(cell: Cell, _form: Form) -> object:
        value = plain(cell)
        if value.casefold() not in options:
            raise BadCell(
                _("«%(value)s» no es una opción") % {"value": value[:60]},
                _("Use una de: %(options)s") % {"options": ", ".join(options)},
            )
        return options[value.casefold()]

    return clean


def yes_no(cell: Cell, _form: Form) -> bool:
    if isinstance(cell, bool):
        return cell
    value = plain(cell).casefold()
    if value not in YES | NO:
        raise BadCell(_("«%(value)s» no es Sí ni No") % {"value": value[:60]}, _("Escriba Sí o No"))
    return value in YES


def currency(cell: Cell, _form: Form) -> str:
    code = plain(cell).upper()
    if code not in CURRENCIES:
        raise BadCell(
            _("Moneda desconocida"),
            _("Use el código de tres letras: %(codes)s") % {"codes": ", ".join(CURRENCIES)},
        )
    return code


def amount(cell: Cell, form: Form) -> Decimal:
    """A positive amount."""
    value = number(cell, form)
    if value <= 0:
        raise BadCell(_("El monto tiene que ser mayor que cero"), _("Corrija el monto"))
    return value


def balance(cell: Cell, form: Form) -> Decimal:
    """An amount that may be zero."""
    value = number(cell, form)
    if value < 0:
        raise BadCell(_("El saldo no puede ser negativo"), _("Corrija el saldo"))
    return value


def number(cell: Cell, form: Form) -> Decimal:
    """A decimal with at most two places; a cell that is a number in the file is taken as it is."""
    if isinstance(cell, bool | date):
        raise _not_a_number(as_text(cell))
    value = _typed(cell) if isinstance(cell, int | float) else _written(plain(cell), form.decimal)
    if not value.is_finite() or abs(value) >= MAX_AMOUNT:
        raise BadCell(_("El monto es demasiado grande"), _("Corrija el monto"))
    return value


def _typed(cell: float) -> Decimal:
    # A sheet stores 0.1 + 0.2 as 0.30000000000000004: what it shows is what was meant.
    return Decimal(repr(round(cell, 2)))


@lru_cache(maxsize=20_000)
def _written(value: str, decimal: str) -> Decimal:
    digits = value.translate(_NOT_SIGNS)
    if not _AMOUNT.fullmatch(digits):
        raise _not_a_number(value)
    point = decimal or _decimal_mark(value, digits)
    thousands = "," if point == "." else "."
    try:
        found = Decimal(digits.replace(thousands, "").replace(point, "."))
    except InvalidOperation:
        raise _not_a_number(value) from None
    if found != round(found, 2):
        raise BadCell(
            _("El monto tiene más de dos decimales"),
            _("Redondee el monto, o indique el separador decimal en el mapa de columnas"),
        )
    return found


def _decimal_mark(value: str, digits: str) -> str:
    """The mark that separates decimals, where the text leaves no doubt."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    mark = "," if comma >= 0 else "."
    places = len(digits) - 1 - max(comma, point)
    if digits.count(mark) > 1:
        return "." if mark == "," else ","
    if mark in digits and places == 3:  # 1.234 may be a thousand or one
        raise BadCell(
            _("No se sabe si «%(value)s» lleva miles o decimales") % {"value": value[:40]},
            _("Indique el separador decimal en el mapa de columnas"),
        )
    return mark


def _not_a_number(value: str) -> BadCell:
    return BadCell(
        _("«%(value)s» no es un número") % {"value": value[:60]},
        _("Escriba solo el número, por ejemplo 1250.50"),
    )


def day(cell: Cell, form: Form) -> date:
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, str):
        found = _read_day(plain(cell), form.date_format)
    else:
        raise _not_a_day(as_text(cell))
    if not EARLIEST <= found <= LATEST:
        raise BadCell(
            _("La fecha %(value)s está fuera de lo posible") % {"value": found.isoformat()},
            _("Corrija el año"),
        )
    return found


@lru_cache(maxsize=20_000)
def _read_day(value: str, date_format: str) -> date:
    for known in (date_format,) if date_format else DATE_FORMATS:
        try:
            return datetime.strptime(value, known).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise _no_such_day(value, date_format)


def _no_such_day(value: str, date_format: str) -> BadCell:
    if date_format:
        return BadCell(
            _("«%(value)s» no es una fecha de la forma %(form)s")
            % {"value": value[:40], "form": date_format},
            _("Corrija la fecha, o la forma de fecha del mapa de columnas"),
        )
    return _not_a_day(value)


def _not_a_day(value: str) -> BadCell:
    return BadCell(
        _("«%(value)s» no es una fecha que exista") % {"value": value[:40]},
        _("Escríbala como día/mes/año, por ejemplo 31/12/2026"),
    )


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
