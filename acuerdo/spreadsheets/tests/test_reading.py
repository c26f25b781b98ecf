import tempfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import LazySettings

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import reading
from acuerdo.spreadsheets.reading import Source
from acuerdo.spreadsheets.tests.files import csv, replaced, source, xlsx, zipped

SHEET = "xl/worksheets/sheet1.xml"


def read(found: Source) -> list[tuple[int, list[object]]]:
    return [(number, list(cells)) for number, cells in reading.rows(found)]


def refusal(found: Source) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(found)
    return caught.value


def test_cells_of_a_workbook_keep_their_types(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["código", "monto"], ["0012", 12.5], ["x", 3]])
    assert read(source(path)) == [(1, ["código", "monto"]), (2, ["0012", 12.5]), (3, ["x", 3])]


def test_a_date_cell_is_told_apart_from_text(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        form = book.add_format({"num_format": "dd/mm/yyyy"})
        page = book.add_worksheet()
        page.write_datetime(0, 0, datetime(2026, 5, 1), form)  # noqa: DTZ001 - cells have no zone
        page.write_string(0, 1, "2026-05-01")
    assert read(source(tmp_path / "a.xlsx")) == [(1, [date(2026, 5, 1), "2026-05-01"])]


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [[], [], ["code"], ["D-1"]])
    assert [number for number, cells in read(source(path)) if any(cells)] == [3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_any_usual_form(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"Código{delimiter}Año\r\nD-1{delimiter}2026\r\n"
    path = csv(tmp_path / "a.csv", text, encoding=encoding)
    assert read(source(path)) == [(1, ["Código", "Año"]), (2, ["D-1", "2026"])]


def test_the_help_sheet_is_not_taken_for_the_data(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Ayuda").write_string(0, 0, "ayuda")
        book.add_worksheet("Cartera").write_string(0, 0, "datos")
    assert read(source(tmp_path / "a.xlsx")) == [(1, ["datos"])]


def test_a_worksheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["x"]], sheet="Enero")
    assert "Febrero" in refusal(source(path, worksheet="Febrero")).sentence
    assert "Enero" in refusal(source(path, worksheet="Febrero")).sentence


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert refusal(source(tmp_path / name)).code == "empty"


def test_an_empty_worksheet_is_said_to_be_empty(tmp_path: Path) -> None:
    assert refusal(source(xlsx(tmp_path / "a.xlsx", []))).code == "empty_sheet"


def test_a_renamed_zip_is_recognised(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"photo.jpg": b"x" * 100})
    assert refusal(source(path)).code == "other_zip"


def test_a_workbook_called_csv_is_recognised(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["x"]]).rename(tmp_path / "a.csv")
    assert refusal(source(path)).code == "not_csv"


def test_text_called_xlsx_is_recognised(tmp_path: Path) -> None:
    assert refusal(source(csv(tmp_path / "a.xlsx", "a,b\n1,2\n"))).code == "not_xlsx"


def test_a_password_is_named(tmp_path: Path) -> None:
    body = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")
    )
    (tmp_path / "a.xlsx").write_bytes(body)
    assert refusal(source(tmp_path / "a.xlsx")).code == "locked"


def test_a_workbook_of_the_old_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
    assert refusal(source(tmp_path / "a.xlsx")).code == "old_xls"


def test_a_torn_workbook_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["x"]] * 50)
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(source(path)).code == "broken"


def test_a_workbook_with_broken_xml_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["x"]])
    replaced(path, SHEET, b"</sheetData>", b"</sheet")
    assert refusal(source(path)).code == "broken"


def test_two_hundred_columns_are_too_many(tmp_path: Path) -> None:
    row = [f"c{place}" for place in range(200)]
    assert "200" in refusal(source(xlsx(tmp_path / "a.xlsx", [row]))).sentence
    assert refusal(source(csv(tmp_path / "a.csv", ",".join(row)))).code == "too_many_columns"


@pytest.mark.slow
def test_a_sheet_of_all_rows_is_too_long(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for line in (0, 1, 1_048_575):
            page.write_string(line, 0, "x")
    refused = refusal(source(tmp_path / "a.xlsx"))
    assert refused.code == "too_many_rows"
    assert "1048576" in refused.sentence


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, settings: LazySettings) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 10_000_000
    path = xlsx(tmp_path / "a.xlsx", [["x"]])
    replaced(path, SHEET, b"<sheetData>", b"<sheetData>" + b" " * 11_000_000)
    assert path.stat().st_size < 100_000
    assert refusal(source(path)).code == "bomb"


def test_a_file_that_needs_too_much_memory_ends_only_its_own_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHILD_MEMORY", 220 * 1024**2)
    path = xlsx(tmp_path / "a.xlsx", [["x"]])
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(2, 90_000))
    replaced(
        path,
        SHEET,
        b"</sheetData>",
        rows + b'<row r="400000"><c r="DD400000"><v>1</v></c></row></sheetData>',
    )
    assert refusal(source(path)).code == "too_big"


def test_a_formula_gives_its_value(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_formula(0, 0, "=6*7", value=42)
    assert read(source(tmp_path / "a.xlsx")) == [(1, [42])]


def test_a_formula_without_value_is_named_by_its_cell(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["x", 1]])
    replaced(path, SHEET, b'<c r="B1"><v>1</v></c>', b'<c r="B1"><f>6*7</f></c>')
    refused = refusal(source(path))
    assert refused.code == "formula_without_value"
    assert "B1" in refused.sentence


def test_a_huge_cell_is_named_by_its_line(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "a,b\n1,2\n1," + "x" * 200_000 + "\n")
    refused = refusal(source(path))
    assert refused.code == "broken_line"
    assert "3" in refused.sentence


def test_other_extensions_are_refused() -> None:
    assert reading.extension_of("Cartera.XLSX") == "xlsx"
    assert reading.extension_of("cartera.txt") == "csv"
    for name in ("cartera.pdf", "cartera", "x.xls"):
        with pytest.raises(Refusal):
            reading.extension_of(name)


def test_the_reader_has_no_secrets_in_its_environment(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "a\n1\n")
    with tempfile.TemporaryFile() as complaints:
        child = reading._start(source(path), complaints)
        environment = Path(f"/proc/{child.pid}/environ").read_bytes()
        child.communicate()
    assert b"DATABASE_URL" not in environment
