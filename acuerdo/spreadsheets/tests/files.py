"""Files as people send them, right and wrong, written for one test."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from acuerdo.spreadsheets.reading import Source


def xlsx(path: Path, rows: Iterable[Iterable[Any]], *, sheet: str = "Hoja1") -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return path


def csv(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def replaced(path: Path, entry: str, before: bytes, after: bytes) -> Path:
    """The workbook with ``before`` turned into ``after`` inside one of its parts."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    parts = {name: source.read(name) for name in source.namelist()}
    assert before in parts[entry]
    parts[entry] = parts[entry].replace(before, after)
    return zipped(path, parts)


def source(path: Path, **options: str) -> Source:
    return Source(path, path.suffix[1:], **options)
