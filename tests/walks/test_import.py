"""A file on its way in: uploaded on the page, checked and applied by jobs, seen in the lists."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from acuerdo.customers.models import Customer
from acuerdo.ledger.models import Debt
from acuerdo.organization.models import Portfolio, User
from acuerdo.spreadsheets.models import ImportRun
from tests.walks.machinery import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/archivos/importaciones/nueva/"
CUSTOMERS = """Tipo de documento,Número de documento,Nombre,Apellido,País,Cartera,Celular 1
DNI,45210318,Ana,Quispe,PE,{book},987654321
DNI,4521,Corta,Malograda,PE,{book},987654322
RUT,12.345.678-5,Nora,Vidal,CL,{book},56912345678
"""
DEBTS = """Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento
DNI,45210318,CR-1,PEN,120.50,01/06/2026
DNI,99999999,CR-2,PEN,80,01/06/2026
"""


def upload(client: Client, sheet: str, text: str) -> ImportRun:
    file = SimpleUploadedFile(f"{sheet}.csv", text.encode(), content_type="text/csv")
    answer = client.post(NEW, {"sheet": sheet, "upload": file})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    return ImportRun.objects.latest("pk")


def confirm(client: Client, run: ImportRun) -> ImportRun:
    assert client.post(f"/archivos/importaciones/{run.pk}/confirmacion/").status_code == 302
    run_jobs()
    run.refresh_from_db()
    return run


def test_good_rows_go_in_and_bad_ones_come_back(
    client: Client, supervisor: User, book: Portfolio
) -> None:
    client.force_login(supervisor)
    run = upload(client, "customers", CUSTOMERS.format(book=book.code))
    assert (run.status, run.new, run.rejected) == ("checked", 2, 1)
    assert not Customer.objects.exists()
    assert confirm(client, run).status == "done"
    assert set(Customer.objects.values_list("first_name", flat=True)) == {"Ana", "Nora"}
    run = confirm(client, upload(client, "debts", DEBTS))
    assert (run.status, run.new, run.rejected) == ("done", 1, 1)
    debt = Debt.objects.get()
    assert (debt.customer.first_name, str(debt.balance)) == ("Ana", "120.50")
    page = client.get("/clientes/").content.decode()
    assert "Ana Quispe" in page


def test_the_same_file_again_changes_nothing(
    client: Client, supervisor: User, book: Portfolio
) -> None:
    client.force_login(supervisor)
    text = CUSTOMERS.format(book=book.code)
    confirm(client, upload(client, "customers", text))
    before = list(Customer.objects.order_by("pk").values())
    run = upload(client, "customers", text)
    assert (run.new, run.changed, run.unchanged) == (0, 0, 2)
    confirm(client, run)
    assert list(Customer.objects.order_by("pk").values()) == before


def test_who_works_several_portfolios_says_which_one_a_file_is_for(
    client: Client, administrator: User, book: Portfolio, other_book: Portfolio
) -> None:
    client.force_login(administrator)
    text = CUSTOMERS.replace(",Cartera", "").replace(",{book}", "")
    assert 'name="portfolio"' in client.get(NEW).content.decode()
    file = SimpleUploadedFile("customers.csv", text.encode(), content_type="text/csv")
    client.post(NEW, {"sheet": "customers", "upload": file, "portfolio": other_book.pk})
    run_jobs()
    run = confirm(client, ImportRun.objects.get())
    assert run.new == 2
    assert set(Customer.objects.values_list("portfolio_id", flat=True)) == {other_book.pk}


def test_a_file_is_not_brought_into_a_portfolio_out_of_reach(
    client: Client, supervisor: User, other_book: Portfolio
) -> None:
    client.force_login(supervisor)
    file = SimpleUploadedFile("customers.csv", CUSTOMERS.encode(), content_type="text/csv")
    answer = client.post(NEW, {"sheet": "customers", "upload": file, "portfolio": other_book.pk})
    assert answer.status_code == 422
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("text", "offers"), [("\x00\x01\x02\x03", False), ("Uno,Dos\n1,2\n", True)]
)
def test_columns_are_offered_only_where_a_file_has_some(
    client: Client, supervisor: User, book: Portfolio, *, text: str, offers: bool
) -> None:
    client.force_login(supervisor)
    run = upload(client, "customers", text)
    page = client.get(f"/archivos/importaciones/{run.pk}/").content.decode()
    assert run.status == "unreadable"
    assert ("/columnas/" in page) is offers


def test_what_will_happen_is_said_in_numbers_before_it_does(
    client: Client, supervisor: User, book: Portfolio
) -> None:
    client.force_login(supervisor)
    run = upload(client, "customers", CUSTOMERS.format(book=book.code))
    page = client.get(f"/archivos/importaciones/{run.pk}/").content.decode()
    assert "2 nuevas, 0 cambian, 0 quedan igual" in page
    assert "1 rechazadas no entran" in page
