import pytest

from acuerdo.customers.models import ContactKind, Customer, CustomField
from acuerdo.customers.tests.factories import customer
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.organization.tests.factories import user
from acuerdo.spreadsheets.models import ImportStatus
from acuerdo.spreadsheets.tests.factories import checked, counts, loaded

pytestmark = pytest.mark.django_db
HEAD = "Tipo de documento,Número de documento,Nombre,Apellido,Celular 1,Correo 1\n"
ANA = HEAD + "DNI,45210318,Ana,Quispe Ñaña,987654321,ANA@Ejemplo.com\n"


def test_a_new_customer_comes_with_contacts_standing_and_sort_key(book: Portfolio) -> None:
    assert counts(loaded("customers", ANA)) == (1, 0, 0, 0)
    ana = Customer.objects.get()
    assert (ana.portfolio, ana.country, ana.sort_key) == (book, "PE", "ana quispe nana")
    points = {point.kind: point.value for point in ana.contact_points.all()}
    assert points == {"phone": "+51987654321", "email": "ana@ejemplo.com"}
    assert (ana.standing.portfolio_id, ana.standing.open_amount) == (book.pk, 0)


def test_the_same_file_twice_changes_nothing(book: Portfolio) -> None:
    loaded("customers", ANA)
    before = Customer.objects.values().get()
    assert counts(loaded("customers", ANA)) == (0, 0, 1, 0)
    assert Customer.objects.values().get() == before


def test_another_spelling_of_the_document_is_the_same_customer(book: Portfolio) -> None:
    loaded("customers", HEAD + "PASAPORTE,ab-123.4,Ana,,,\n")
    run = loaded("customers", HEAD + "Pasaporte,AB1234,Ana,,,\n")
    assert counts(run) == (0, 1, 0, 0)
    assert Customer.objects.get().document_number == "AB1234"


def test_an_empty_cell_erases_nothing(book: Portfolio) -> None:
    loaded("customers", ANA)
    run = loaded("customers", HEAD + "DNI,45210318,Ana María,,,\n")
    assert counts(run) == (0, 1, 0, 0)
    ana = Customer.objects.get()
    assert (ana.first_name, ana.last_name) == ("Ana María", "Quispe Ñaña")
    assert ana.sort_key == "ana maria quispe nana"
    assert ana.contact_points.count() == 2


def test_a_new_phone_is_added_and_the_old_one_stays(book: Portfolio) -> None:
    loaded("customers", ANA)
    loaded("customers", ANA.replace("987654321", "912345678"))
    phones = Customer.objects.get().contact_points.filter(kind=ContactKind.PHONE)
    values = list(phones.order_by("position").values_list("value", flat=True))
    assert values == ["+51987654321", "+51912345678"]


def test_a_one_instead_of_a_phone_means_none(book: Portfolio) -> None:
    loaded("customers", HEAD + "DNI,45210318,Ana,,1,no tiene\n")
    assert not Customer.objects.get().contact_points.exists()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("DNI,4521031,Ana,,,", "Número de documento"),
        ("DNI,,Ana,,,", "Número de documento"),
        ("DNI,45210318,,,,", "Nombre"),
        ("DNI,45210318,Ana,,999999999,", "Celular 1"),
        ("DNI,45210318,Ana,,12,", "Celular 1"),
        ("DNI,45210318,Ana,,,ana@", "Correo 1"),
        ("DNI,45210318,#N/A,,,", "Nombre"),
        (f"DNI,45210318,{'x' * 121},,,", "Nombre"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_goes_in(
    book: Portfolio, row: str, column: str
) -> None:
    run = loaded("customers", HEAD + row + "\nDNI,40404040,Buena,,,\n")
    assert counts(run) == (1, 0, 0, 1)
    assert (run.sample_rejects[0]["row"], run.sample_rejects[0]["column"]) == (2, column)
    assert run.sample_rejects[0]["remedy"]
    assert Customer.objects.get().first_name == "Buena"


def test_a_repeated_row_names_the_first_one(book: Portfolio) -> None:
    row = "DNI,45210318,Ana,,,\n"
    run = checked("customers", HEAD + row + "DNI,40404040,Eva,,,\n" + row)
    assert counts(run) == (2, 0, 0, 1)
    assert "2" in run.sample_rejects[0]["reason"]
    assert run.sample_rejects[0]["row"] == 4


@pytest.mark.parametrize(
    ("repeats", "first_name", "rejected", "repeated"),
    [("identical", "Ana", 1, 1), ("last", "Otra", 0, 2), ("reject", "Ana", 2, 0)],
)
def test_repeats_are_handled_as_the_mapping_says(
    book: Portfolio, repeats: str, first_name: str, rejected: int, repeated: int
) -> None:
    rows = "CODIGO,A-1,Ana,,,\nCODIGO,A-1,Ana,,,\nCODIGO,A-1,Otra,,,\n"
    spec = {"sheet": "customers", "repeats": repeats}
    run = loaded("customers", HEAD + rows, mapping=spec)
    assert (run.new, run.rejected, run.repeated) == (1, rejected, repeated)
    assert Customer.objects.get().first_name == first_name


def test_a_mapping_brings_columns_constants_and_custom_fields(book: Portfolio) -> None:
    spec = {
        "sheet": "customers",
        "columns": {"document_number": "ID", "first_name": "razón social"},
        "constants": {"document_type": "CODIGO", "country": "Chile"},
        "custom": {"segment": "Segmento"},
    }
    run = loaded("customers", "id;RAZON SOCIAL;Segmento\n7;Sur SA;A\n8;Norte SA;\n", mapping=spec)
    assert counts(run) == (2, 0, 0, 0)
    south = Customer.objects.get(document_key="7")
    assert (south.first_name, south.country, south.custom) == ("Sur SA", "CL", {"segment": "A"})
    assert CustomField.objects.get().label == "Segmento"


def test_portfolio_and_adviser_are_found_by_code(
    book: Portfolio, other_book: Portfolio, adviser: User
) -> None:
    User.objects.filter(pk=adviser.pk).update(external_id="A-07")
    head = "Tipo de documento,Número de documento,Nombre,Cartera,Asesor ID\n"
    run = loaded("customers", head + "CODIGO,1,Ana,hipotecas,A-07\nCODIGO,2,Eva,nada,\n")
    assert counts(run) == (1, 0, 0, 1)
    ana = Customer.objects.get()
    assert (ana.portfolio, ana.adviser, ana.standing.adviser_id) == (
        other_book,
        adviser,
        adviser.pk,
    )


def test_somebody_without_the_portfolio_changes_nobody_in_it(
    book: Portfolio, other_book: Portfolio, supervisor: User
) -> None:
    stranger = customer(other_book, document_number="X-1")
    run = loaded("customers", HEAD + "CODIGO,X-1,Robado,,,\n", by=supervisor)
    assert counts(run) == (0, 0, 0, 1)
    stranger.refresh_from_db()
    assert stranger.first_name != "Robado"
    assert "Hipotecas" not in str(run.sample_rejects)


def test_a_dry_run_writes_nothing(book: Portfolio) -> None:
    run = checked("customers", ANA)
    assert (run.status, run.new) == (ImportStatus.CHECKED, 1)
    assert not Customer.objects.exists()


def test_an_import_is_told_once(book: Portfolio) -> None:
    by = user(Role.SUPERVISOR, book)
    loaded("customers", ANA, by=by)
    event = Event.objects.get(type="customers.imported")
    assert (event.actor, event.data["new"]) == (by, 1)
    assert Event.objects.filter(type="import.finished").count() == 1
