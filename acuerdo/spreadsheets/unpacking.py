"""The program that opens a file somebody sent, in a process of its own.

It is run by ``reading`` with no access to the database or its secrets, under limits of
memory and processor time: a workbook made to hurt ends this process, never the server.
It imports nothing of ours. It writes one JSON document a line: first what the file is,
then batches of rows, last ``{"end": true}``; or ``{"error": code, ...}``. A date is a
list of one ISO string, so that it is told apart from text.
"""

import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

BATCH = 500
MAX_ENTRIES = 2000
OLE = b"\xd0\xcf\x11\xe0"
FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v></v>|<v/>)?</c>')
HELP_SHEETS = {"ayuda", "help"}
DELIMITERS = ",;\t|"


class Unreadable(Exception):  # noqa: N818 - it is an answer, not an error
    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.answer = {"error": code, **details}


def main() -> None:
    options = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (options["memory"], options["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (options["seconds"], options["seconds"] + 5))
    try:
        unpack(Path(options["path"]), options)
    except Unreadable as unreadable:
        say(unreadable.answer)
    except MemoryError:
        say({"error": "too_big"})


def say(document: object) -> None:
    sys.stdout.write(json.dumps(document, separators=(",", ":")))
    sys.stdout.write("\n")


def unpack(path: Path, options: dict[str, Any]) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        refuse("empty")
    if options["extension"] == "xlsx":
        unpack_workbook(path, head, options)
    else:
        unpack_text(path, head, options)
    say({"end": True})


def refuse(code: str, **details: Any) -> NoReturn:
    raise Unreadable(code, **details)


def unpack_workbook(path: Path, head: bytes, options: dict[str, Any]) -> None:
    if head.startswith(OLE):
        # Excel wraps an encrypted workbook in the container of the old xls format.
        is_locked = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        refuse("locked" if is_locked else "old_xls")
    if not head.startswith(b"PK"):
        refuse("not_xlsx")
    check_zip(path, options["unpacked"])
    sheet = choose(open_workbook(path), options["worksheet"], options["title"])
    if sheet.height == 0:
        refuse("empty_sheet", sheet=sheet.name)
    # Both count from zero.
    check_size(sheet.total_height + 1, sheet.total_width + 1, options)
    say({"worksheet": sheet.name, "first_row": 1})
    pour((plain_row(row) for row in sheet.iter_rows()), options)
    find_formulas_without_value(path)


def check_zip(path: Path, most_bytes: int) -> None:
    """Entry count, unpacked size and kind of file, all before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        refuse("broken")
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > most_bytes:
        refuse("bomb")
    names = {entry.filename for entry in entries}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        refuse("other_zip")


def open_workbook(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError:
        refuse("locked")
    except (CalamineError, OSError, ValueError) as error:
        refuse("broken", detail=str(error)[:200])


def choose(workbook: CalamineWorkbook, wanted: str, title: str) -> CalamineSheet:
    """The worksheet asked for, or named like the template, or the first that is not help."""
    names = list(workbook.sheet_names)
    if not names:
        refuse("no_sheets")
    by_name = {name.strip().casefold(): name for name in names}
    if wanted and wanted.casefold() not in by_name:
        refuse("no_such_sheet", wanted=wanted, sheets=names[:20])
    data = [name for name in names if name.strip().casefold() not in HELP_SHEETS]
    first = data[0] if data else names[0]
    name = by_name.get(wanted.casefold()) or by_name.get(title.casefold()) or first
    try:
        return workbook.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as error:
        refuse("broken", detail=str(error)[:200])


def check_size(rows: int, columns: int, options: dict[str, Any]) -> None:
    if rows > options["rows"]:
        refuse("too_many_rows", rows=rows, most=options["rows"])
    if columns > options["columns"]:
        refuse("too_many_columns", columns=columns, most=options["columns"])


def plain_row(row: list[Any]) -> list[Any]:
    return [cell if cell.__class__ in (str, float, int, bool) else plain_cell(cell) for cell in row]


def plain_cell(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return [cell.date().isoformat() if cell.time() == time() else cell.isoformat()]
    if isinstance(cell, date):
        return [cell.isoformat()]
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def pour(rows: Iterator[list[Any]], options: dict[str, Any]) -> None:
    batch: list[list[Any]] = []
    for count, row in enumerate(rows, 1):
        check_size(count, 0, options)
        batch.append(row)
        if len(batch) == BATCH:
            say(batch)
            batch = []
    if batch:
        say(batch)


def find_formulas_without_value(path: Path) -> None:
    """Programs that write formulas without computing them leave cells that read as empty."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with archive.open(name) as file:
                    search_formulas(file)


def search_formulas(file: Any) -> None:
    tail = b""
    while block := file.read(1 << 20):
        found = FORMULA.search(tail + block)
        if found:
            refuse("formula_without_value", cell=found.group(1).decode())
        tail = block[-2000:]


def unpack_text(path: Path, head: bytes, options: dict[str, Any]) -> None:
    if head.startswith((b"PK\x03\x04", OLE)):
        refuse("not_csv")
    content = decode(path.read_bytes())
    if not content.strip():
        refuse("empty")
    first_line = content[: 64 * 1024].lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    check_size(0, first_line.count(delimiter) + 1, options)
    csv.field_size_limit(100_000)
    say({"worksheet": "", "first_row": 1})
    pour(lines(content, delimiter, options), options)


def decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\x00" in raw:
        refuse("not_csv")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The usual export of a Windows program; every byte means something in it.
        return raw.decode("latin-1")


def lines(content: str, delimiter: str, options: dict[str, Any]) -> Iterator[list[Any]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, row in enumerate(reader, 1):  # noqa: B007 - told when a line breaks
            check_size(0, len(row), options)
            yield row
    except csv.Error as error:
        refuse("broken_line", line=number + 1, detail=str(error)[:200])


if __name__ == "__main__":
    main()
