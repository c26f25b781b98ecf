"""Files that go out: what they carry, for whom, and what never leaves."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.events.models import Event
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Kind, Origin, Status
from acuerdo.ledger.tests.factories import NOW, debt
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money
from acuerdo.spreadsheets import building, keeping, reading, registry, requests, writing
from acuerdo.spreadsheets.models import ExportRun, ExportStatus
from acuerdo.spreadsheets.sheet import Cell
from acuerdo.spreadsheets.tests.files import source

pytestmark = pytest.mark.django_db


def built(sheet: str, format_: str, by: User, **parameters: str) -> ExportRun:
    run = requests.request_export(sheet=sheet, format=format_, parameters=parameters, by=by, at=NOW)
    with clock.travel(NOW):
        return building.build(run, at=NOW)


def csv_rows(run: ExportRun) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(run.file.path).read_text("utf-8-sig"))))


def xlsx_rows(run: ExportRun) -> list[list[Cell]]:
    return [cells for _number, cells in reading.rows(source(Path(run.file.path)))]


def entry(row: Customer, kind: Kind, summary: str) -> None:
    said = lifecycle.Entry(
        kind=kind,
        channel="whatsapp",
        direction=Direction.OUTGOING,
        status=Status.SENT if kind == Kind.MESSAGE else Status.GENERATED,
        origin=Origin.MANUAL,
        at=NOW,
        summary=summary,
        money=Money(Decimal("5.50"), "PEN"),
        recipient="+51987654321",
    )
    lifecycle.open_entry(row, said, created_at=NOW)


def test_customers_go_out_as_the_page_shows_them(
    overdue: Customer, up_to_date: Customer, supervisor: User
) -> None:
    rows = csv_rows(built("customers", "csv", supervisor, q="Olga"))
    assert [row["Nombre"] for row in rows] == ["Olga"]
    assert (rows[0]["Saldo"], rows[0]["Vencido"]) == ("300.00", "200.00")
    assert rows[0]["Celular 1"] == "+51987654321"


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
@pytest.mark.parametrize("sheet", ["customers", "debts", "interactions"])
def test_nobody_takes_out_rows_out_of_reach(
    overdue: Customer, other_book: Portfolio, supervisor: User, sheet: str, format_: str
) -> None:
    stranger = customer(other_book, first_name="Secreta")
    debt(stranger, 10)
    for row in (overdue, stranger):
        entry(row, Kind.MESSAGE, "hola")
    run = built(sheet, format_, supervisor)
    seen = str(csv_rows(run) if format_ == "csv" else xlsx_rows(run))
    assert "Olga" in seen
    assert "Secreta" not in seen


def test_debts_keep_types_in_a_workbook(overdue: Customer, supervisor: User) -> None:
    header, first, *_rest = xlsx_rows(built("debts", "xlsx", supervisor, sort="due"))
    row = dict(zip(header, first, strict=True))
    assert row["Saldo pendiente"] == 200
    assert row["Vencimiento"] == date(2026, 6, 10) - timedelta(days=10)
    assert row["Estado"] == "Abierta"


def test_notes_leave_only_where_they_are_asked_for(overdue: Customer, administrator: User) -> None:
    entry(overdue, Kind.MESSAGE, "visible")
    entry(overdue, Kind.NOTE, "interna")
    for format_ in ("csv", "xlsx"):
        text = Path(built("interactions", format_, administrator).file.path)
        assert b"interna" not in text.read_bytes()
    asked = csv_rows(built("interactions", "csv", administrator, canal="note"))
    assert [row["Detalle"] for row in asked] == ["interna"]
    rows = csv_rows(built("interactions", "csv", administrator))
    assert [row["Detalle"] for row in rows] == ["visible"]
    assert rows[0]["Fecha"] == "2026-06-10 11:00:00"
    assert rows[0]["Destinatario"] == "+51987654321"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("+51 987 654 321", "+51 987 654 321"),
        ("-12.50", "-12.50"),
        ("hola = adiós", "hola = adiós"),
    ],
)
def test_a_formula_is_neutralised_in_csv_and_a_phone_is_not(
    overdue: Customer, administrator: User, text: str, written: str
) -> None:
    Customer.objects.filter(pk=overdue.pk).update(last_name=text)
    rows = csv_rows(built("customers", "csv", administrator))
    assert rows[0]["Apellido"] == written
    header, first = xlsx_rows(built("customers", "xlsx", administrator))
    assert dict(zip(header, first, strict=True))["Apellido"] == text


def test_an_export_is_told_and_expires(overdue: Customer, supervisor: User) -> None:
    run = built("customers", "csv", supervisor)
    path = Path(run.file.path)
    assert Event.objects.get(type="export.finished").data["rows"] == run.rows == 1
    assert keeping.delete_expired(at=NOW) == 0
    assert keeping.delete_expired(at=NOW + timedelta(days=8)) == 1
    assert not path.exists()
    assert not ExportRun.objects.get().file


def test_who_lost_the_right_gets_no_file(overdue: Customer, supervisor: User) -> None:
    run = requests.request_export(
        sheet="customers", format="csv", parameters={}, by=supervisor, at=NOW
    )
    User.objects.filter(pk=supervisor.pk).update(role=Role.ADVISER)
    run = building.build(ExportRun.objects.get(pk=run.pk), at=NOW)
    assert (run.status, bool(run.file)) == (ExportStatus.FAILED, False)


def test_an_empty_export_still_has_its_headers(supervisor: User) -> None:
    run = built("debts", "xlsx", supervisor)
    assert (run.rows, xlsx_rows(run)[0][3]) == (0, "Código de deuda")
    assert Path(built("debts", "csv", supervisor).file.path).read_text("utf-8-sig").count("\n") == 1


def test_a_csv_streams_the_same_as_the_file(
    overdue: Customer, up_to_date: Customer, administrator: User
) -> None:
    phone(up_to_date, "+51999888777")
    with clock.travel(NOW):
        streamed = b"".join(writing.csv(registry.export_sheet("customers"), {}, by=administrator))
    run = built("customers", "csv", administrator)
    assert streamed == Path(run.file.path).read_bytes()


def test_columns_of_every_export_exist(administrator: User) -> None:
    for name in registry.exports():
        sheet = registry.export_sheet(name)
        headers = [column.header for column in sheet.columns]
        assert len(headers) == len(set(headers))
        assert sheet.rows({}, administrator).annotate(same=F("pk")).count() == 0


def test_the_command_writes_what_that_person_may_see(
    overdue: Customer, other_book: Portfolio, supervisor: User, adviser: User, tmp_path: Path
) -> None:
    customer(other_book, first_name="Secreta")
    path = tmp_path / "customers.csv"
    call_command("export_sheet", "customers", str(path), email=supervisor.email, where=["q=Olga"])
    assert path.read_text("utf-8-sig").count("\n") == 2
    call_command("export_sheet", "customers", str(path), email=supervisor.email)
    assert "Secreta" not in path.read_text("utf-8-sig")
    with pytest.raises(CommandError):
        call_command("export_sheet", "customers", str(path), email=adviser.email)
