"""A run from file to end: what a person sees, and what a crash leaves."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer
from acuerdo.events.models import Event
from acuerdo.ledger.models import Debt
from acuerdo.organization import portfolios
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import blank, keeping, processing, reading, registry, requests, staging
from acuerdo.spreadsheets.models import ImportRun, ImportStatus
from acuerdo.spreadsheets.tests.factories import NOW, checked, counts, loaded, stored
from acuerdo.spreadsheets.tests.files import source, xlsx

HEAD = "Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento\n"


def many(count: int) -> str:
    rows = (f"CODIGO,A-1,D-{place:06},PEN,10.00,01/07/2026\n" for place in range(count))
    return HEAD + "".join(rows)


def posted() -> int:
    """How many entries there are."""
    with connection.cursor() as cursor:
        # Else the join may be planned for the tables as they were when they were empty.
        cursor.execute("ANALYZE ledger_debt, ledger_entry")
    return Debt.objects.exclude(entries=None).values("entries").count()


@pytest.fixture
def ana(book: Portfolio) -> Customer:
    return customer(book, document_number="A-1")


@pytest.mark.django_db
def test_a_request_is_checked_by_a_job_and_applied_after_confirmation(
    ana: Customer, supervisor: User
) -> None:
    run = stored("debts", many(3), by=supervisor)
    processing.check(run, at=NOW)
    assert not Debt.objects.exists()
    requests.confirm(run, by=supervisor, at=NOW)
    assert ProcrastinateJob.objects.filter(task_name__endswith="apply_import").count() == 1
    processing.apply(run, at=NOW)
    assert (run.status, Debt.objects.count()) == (ImportStatus.DONE, 3)
    assert not staging.exists(run)


@pytest.mark.django_db
def test_an_unreadable_file_says_why_and_keeps_nothing(book: Portfolio) -> None:
    run = checked("debts", b"PK\x03\x04 not really", filename="deudas.xlsx")
    assert run.status == ImportStatus.UNREADABLE
    assert "dañado" in run.error
    wrong = checked("debts", "Cliente,Fecha\nx,y\n")
    assert "Código de deuda" in wrong.error


@pytest.mark.django_db
def test_a_file_of_another_sheet_is_unreadable(book: Portfolio) -> None:
    run = checked("payments", many(1))
    assert run.status == ImportStatus.UNREADABLE
    assert "Código de pago" in run.error


@pytest.mark.django_db
def test_the_workbook_of_rejects_has_the_row_as_it_came(ana: Customer) -> None:
    text = HEAD + "CODIGO,A-1,D-1,PEN,10.00,01/07/2026\nCODIGO,A-1,D-2,PEN,diez,31/11/2026\n"
    run = loaded("debts", text)
    rows = [cells for _number, cells in reading.rows(source(Path(run.rejects.path)))]
    assert rows[0][:5] == ["Fila", "Columna", "Valor", "Motivo", "Remedio"]
    assert [row[:3] for row in rows[1:]] == [[3, "Monto", "diez"], [3, "Vencimiento", "31/11/2026"]]
    assert rows[1][5:] == ["CODIGO", "A-1", "D-2", "PEN", "diez", "31/11/2026"]
    assert counts(run) == (1, 0, 0, 1)


@pytest.mark.django_db
def test_a_dropped_file_can_no_longer_be_confirmed(ana: Customer) -> None:
    run = requests.drop(checked("debts", many(1)), by=None, at=NOW)
    assert not staging.exists(run)
    with pytest.raises(Refusal):
        requests.confirm(run, by=None, at=NOW)


@pytest.mark.django_db
def test_the_template_filled_in_goes_in_without_mapping(ana: Customer, tmp_path: Path) -> None:
    sheet = registry.import_sheet("debts")
    blank.write(sheet, tmp_path / "t.xlsx")
    headers = next(iter(reading.rows(source(tmp_path / "t.xlsx"))))[1]
    values = {"Número de documento": "A-1", "Código de deuda": "D-1", "Monto": 12.5,
              "Vencimiento": "01/07/2026"}  # fmt: skip
    row = [values.get(str(header), "") for header in headers]
    filled = xlsx(tmp_path / "filled.xlsx", [headers, row], sheet="Deudas")
    run = loaded("debts", filled.read_bytes(), filename="filled.xlsx")
    assert counts(run) == (1, 0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["customers", "debts", "payments"])
def test_every_template_explains_its_columns(name: str, tmp_path: Path) -> None:
    call_command("import_template", name, str(tmp_path / "t.xlsx"))
    sheet = registry.import_sheet(name)
    rows = [
        cells for _number, cells in reading.rows(source(tmp_path / "t.xlsx", worksheet="Ayuda"))
    ]
    explained = {str(row[0]) for row in rows}
    assert {str(column.header) for column in sheet.columns} <= explained


@pytest.mark.django_db
def test_a_chunk_that_fails_is_kept_out_and_the_run_goes_on_from_it(
    ana: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "CHUNK_ROWS", 10)
    run = requests.start_applying(checked("debts", many(25)))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {staging.table_of(run)} SET amount = -1 WHERE row = 15")
    with pytest.raises(Exception, match="debt_amount_positive"):
        processing.apply(run, at=NOW)
    assert (run.status, Debt.objects.count()) == (ImportStatus.FAILED, 10)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {staging.table_of(run)} SET amount = 10 WHERE row = 15")
    processing.apply(requests.start_applying(run), at=NOW)
    assert (run.status, Debt.objects.count(), posted()) == (ImportStatus.DONE, 25, 25)


@pytest.mark.django_db
def test_a_lost_stage_is_made_again_from_the_file(ana: Customer) -> None:
    run = requests.start_applying(checked("debts", many(5)))
    staging.drop(run)
    processing.apply(run, at=NOW)
    assert Debt.objects.count() == 5


@pytest.mark.django_db
def test_a_run_whose_process_died_is_asked_for_again_once(ana: Customer) -> None:
    run = requests.start_applying(checked("debts", many(1)))
    later = NOW + keeping.PATIENCE
    assert (keeping.rescue(at=later), keeping.rescue(at=later)) == (1, 0)
    job = ProcrastinateJob.objects.get(task_name__endswith="apply_import")
    assert job.args == {"run_id": run.pk}


COMMAND = [sys.executable, "-m", "acuerdo", "import_sheet", "debts"]


def start(path: Path, files: str) -> "subprocess.Popen[bytes]":
    """The real command, in its own process, on the database of the tests."""
    database = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environment = {**os.environ, "DATABASE_URL": address, "ACUERDO_DATA_DIR": files}
    return subprocess.Popen(
        [*COMMAND, str(path)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_run_again_ends_as_one_clean_run(tmp_path: Path) -> None:
    customer(portfolios.create(name="Tarjetas", by=None, at=NOW), document_number="A-1")
    (tmp_path / "debts.csv").write_text(many(40_000))
    first = start(tmp_path / "debts.csv", str(tmp_path))
    deadline = time.monotonic() + 90
    while not Debt.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert 0 < Debt.objects.count() < 40_000
    second = start(tmp_path / "debts.csv", str(tmp_path))
    second.communicate()
    assert second.returncode == 0
    assert (Debt.objects.count(), posted()) == (40_000, 40_000)
    assert ImportRun.objects.get().status == ImportStatus.DONE
    assert Event.objects.filter(type="debts.imported").count() == 1
