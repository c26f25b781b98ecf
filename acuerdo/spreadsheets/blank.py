"""The workbook to fill in: our headers, an example of each, and a sheet that explains them."""

import io
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from acuerdo.spreadsheets.sheet import Column, ImportSheet

# Enough for any file typed by hand; larger ones come from another system.
LAST_CHECKED_ROW = 5000


def build(sheet: ImportSheet) -> io.BytesIO:
    """The template of ``sheet`` as an xlsx file, read from its beginning."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        _write_data(book, sheet)
        _write_help(book, sheet)
    buffer.seek(0)
    return buffer


def write(sheet: ImportSheet, path: Path) -> None:
    path.write_bytes(build(sheet).getvalue())


def _write_data(book: Any, sheet: ImportSheet) -> None:
    page = book.add_worksheet(str(sheet.title))
    needed = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#3F51B5", "border": 1}
    )
    optional = book.add_format({"bold": True, "bg_color": "#E8EAF6", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    for place, column in enumerate(sheet.columns):
        is_number = column.name in ("amount", "balance")
        width = max(14, len(str(column.header)) + 4)
        # Text cells keep leading zeros and long numbers, which a number cell loses.
        page.set_column(place, place, width, None if is_number else as_text)
        page.write_string(0, place, str(column.header), needed if column.required else optional)
        if column.choices:
            page.data_validation(
                1, place, LAST_CHECKED_ROW, place,
                {"validate": "list", "source": list(column.choices)},
            )  # fmt: skip
        elif is_number:
            page.data_validation(1, place, LAST_CHECKED_ROW, place, _amount_rule())
    page.freeze_panes(1, 0)


def _amount_rule() -> dict[str, Any]:
    return {
        "validate": "decimal",
        "criteria": ">=",
        "value": 0,
        "error_title": _("Monto"),
        "error_message": _("Escriba solo el número, por ejemplo 1250.50"),
    }


def _write_help(book: Any, sheet: ImportSheet) -> None:
    page = book.add_worksheet("Ayuda")
    head = book.add_format({"bold": True, "bg_color": "#E8EAF6", "border": 1})
    body = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 14)
    page.set_column(2, 2, 64)
    page.set_column(3, 3, 24)
    for place, title in enumerate((_("Columna"), _("Obligatoria"), _("Qué lleva"), _("Ejemplo"))):
        page.write_string(0, place, title, head)
    for line, column in enumerate(sheet.columns, 1):
        for place, text in enumerate(_explained(column)):
            page.write_string(line, place, text, body)
    last = len(sheet.columns) + 2
    for line, text in enumerate(_notes(), last):
        page.merge_range(line, 0, line, 3, text, book.add_format({"text_wrap": True}))
    page.freeze_panes(1, 0)


def _explained(column: Column) -> tuple[str, str, str, str]:
    needed = _("Sí") if column.required else _("No")
    return str(column.header), needed, str(column.help), column.example


def _notes() -> list[str]:
    return [
        _("Una celda vacía no borra lo que ya está guardado."),
        _("La misma fila cargada dos veces no cambia nada la segunda vez."),
        _("Las filas con errores no entran; se descargan con su motivo y las demás sí entran."),
    ]
