"""Rows of the database as a file, streamed: no row is ever held longer than it takes to write.

One statement reads them, so a file shows one moment. A csv is written by the database
itself (COPY); an xlsx from a cursor of the server. Text that a spreadsheet program would
run as a formula gets a quote in csv; in xlsx a text cell is text already.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import rustpy_xlsxwriter
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from psycopg import sql

from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets.sheet import ExportColumn, ExportSheet

XLSX_ROWS = 1_048_575
# Excel opens a csv as UTF-8 only when it begins with this mark.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A sign that starts a formula; a phone number or a plain number begins alike and is none.
NEUTRAL = (
    "CASE WHEN {v} ~ '^[=@+\\t\\r\\n-]' AND {v} !~ '^[+-]?[0-9][0-9 ]*([.][0-9]+)?$'"
    " THEN '''' || {v} ELSE {v} END"
)
FORMATS = {"date": "dd/mm/yyyy", "moment": "dd/mm/yyyy hh:mm:ss", "amount": "#,##0.00"}


def csv(sheet: ExportSheet, parameters: Mapping[str, Any], *, by: User) -> Iterator[bytes]:
    """The file piece by piece, as a response or a file takes it."""
    statement, values = _select(sheet, parameters, by, is_text=True)
    copy_out = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(statement)
    yield BYTE_ORDER_MARK
    with connection.cursor() as cursor, cursor.copy(copy_out, values) as copy:
        for block in copy:
            yield bytes(block)


def write_csv(path: Path, sheet: ExportSheet, parameters: Mapping[str, Any], *, by: User) -> int:
    """Write the file to ``path``; answers how many rows it has."""
    statement, values = _select(sheet, parameters, by, is_text=True)
    copy_out = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(statement)
    with path.open("wb") as file, connection.cursor() as cursor:
        file.write(BYTE_ORDER_MARK)
        with cursor.copy(copy_out, values) as copy:
            for block in copy:
                file.write(block)
        return int(cursor.rowcount)


@transaction.atomic
def write_xlsx(path: Path, sheet: ExportSheet, parameters: Mapping[str, Any], *, by: User) -> int:
    """Write the workbook to ``path``; Refusal when it has more rows than a sheet can hold."""
    statement, values = _select(sheet, parameters, by, is_text=False)
    headers = [str(column.header) for column in sheet.columns]
    count = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal count
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, values)
            for count, row in enumerate(cursor, 1):
                if count > XLSX_ROWS:
                    raise _too_long()
                yield dict(zip(headers, row, strict=True))
        if not count:
            yield dict.fromkeys(headers)

    rustpy_xlsxwriter.write_worksheet(
        records(),
        str(path),
        sheet_name=str(sheet.title)[:31],
        bold_headers=True,
        freeze_row=1,
        column_widths={str(column.header): column.width for column in sheet.columns},
        column_formats={
            str(column.header): rustpy_xlsxwriter.Format().set_num_format(FORMATS[column.kind])
            for column in sheet.columns
            if column.kind in FORMATS
        },
    )
    return count


def _select(
    sheet: ExportSheet, parameters: Mapping[str, Any], by: User, *, is_text: bool
) -> tuple[sql.Composable, tuple[Any, ...]]:
    """The page's own query, its columns named and brought into their written form."""
    names = {f"column_{place}": column for place, column in enumerate(sheet.columns)}
    chosen = {
        name: F(column.value) if isinstance(column.value, str) else column.value
        for name, column in names.items()
    }
    queryset = sheet.rows(parameters, by).annotate(**chosen).values_list(*chosen)
    inner, values = queryset.query.sql_with_params()
    zone = settings.current().time_zone
    listed = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(
            _written(name, column, zone, is_text=is_text), sql.Identifier(str(column.header))
        )
        for name, column in names.items()
    )
    statement = sql.SQL("SELECT {} FROM ({}) AS found").format(listed, sql.SQL(inner))
    return statement, tuple(values)


def _written(name: str, column: ExportColumn, zone: str, *, is_text: bool) -> sql.Composable:
    value = sql.Identifier(name)
    if column.kind == "moment":
        local = sql.SQL("date_trunc('second', {} AT TIME ZONE {})").format(value, sql.Literal(zone))
        if not is_text:
            return local
        return sql.SQL("to_char({}, 'YYYY-MM-DD HH24:MI:SS')").format(local)
    if column.kind == "text" and is_text:
        return sql.SQL(NEUTRAL).format(v=value)
    return value


def _too_long() -> Refusal:
    return Refusal(
        "too_many_rows",
        _("Son más filas que las de una hoja de Excel. Pídalo en .csv, o acote el filtro."),
    )
