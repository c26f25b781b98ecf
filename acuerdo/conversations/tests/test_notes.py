"""Notes for the team: their fields, files and corrections, and that nobody outside reads them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.expressions import Combinable
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.team import notes
from acuerdo.conversations.team.note_fields import Told
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions import register, sheets
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.tests.factories import debt
from acuerdo.organization import columns
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.organization.tests.factories import user
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 recibo"


def place(customer: Customer, rest: str = "") -> str:
    return f"/conversaciones/{customer.pk}/{rest}"


def paper(name: str = "recibo.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


@pytest.fixture
def browser(adviser: User) -> Browser:
    return Browser(adviser)


def test_the_fields_of_a_note_are_kept_and_shown(browser: Browser, overdue: Customer) -> None:
    owed = debt(overdue, 100)
    assert owed.code in browser.get(place(overdue), canal="note").content.decode()
    browser.post(
        place(overdue, "notas/"),
        body="Atendió la esposa",
        channel="note",
        channel_of_origin="visit",
        code=owed.code,
        handling="in_contact",
        uploads=paper(),
    )
    note = Note.objects.get()
    assert (note.channel, note.code, note.handling) == ("visit", owed.code, "in_contact")
    assert note.interaction.direction == "incoming"
    html = browser.get(place(overdue)).content.decode()
    for words in ("Atendió la esposa", "Visita", owed.code, "Entrante, con contacto", "recibo.pdf"):
        assert words in html
    assert Event.objects.get(type="note.written").data["handling"] == "in_contact"


def test_a_field_that_is_not_one_is_refused_and_the_words_stay(
    browser: Browser, overdue: Customer
) -> None:
    answer = browser.post(place(overdue, "notas/"), htmx=True, body="Hola", handling="x")
    assert answer.status_code == 422
    assert "Hola" in answer.content.decode()
    assert not Note.objects.exists()


def test_a_note_is_corrected_once_by_another_and_stays(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    first = notes.write(overdue, body="Paga el lunes", by=adviser, at=NOW)
    box = browser.get(place(overdue, "redaccion/"), htmx=True, canal="note", corrige=first.pk)
    assert f'name="corrects" value="{first.pk}"' in box.content.decode()
    assert ">Paga el lunes</textarea>" in box.content.decode()
    post = {"body": "Paga el martes", "channel": "note", "corrects": first.pk}
    browser.post(place(overdue, "notas/"), **post)
    html = browser.get(place(overdue)).content.decode()
    assert "note-corrected" in html
    assert "Corregida por otra nota" in html
    assert Note.objects.get(pk=first.pk).body == "Paga el lunes"
    again = browser.post(place(overdue, "notas/"), htmx=True, **post)
    assert "ya fue corregida" in again.content.decode()


def test_nobody_corrects_the_note_of_another(
    adviser: User, supervisor: User, overdue: Customer
) -> None:
    first = notes.write(overdue, body="Paga el lunes", by=adviser, at=NOW)
    with pytest.raises(Refusal, match="quien la escribió"):
        notes.write(overdue, body="No", corrects=first, by=supervisor, at=NOW)
    assert "Corregir" not in Browser(supervisor).get(place(overdue)).content.decode()


def test_files_of_a_note_open_to_its_readers_alone(
    adviser: User, overdue: Customer, other_book: Portfolio
) -> None:
    file = attachments.upload(paper(), customer=overdue, channel="note", by=adviser, at=NOW)
    notes.write(overdue, body="Recibo", files=[file], by=adviser, at=NOW)
    address = f"/conversaciones/archivos/{file.pk}/"
    given = Browser(adviser).get(address)
    assert given.getvalue() == PDF
    assert Browser(user("adviser", other_book)).get(address).status_code == 404


def test_a_file_of_a_note_is_never_sent_nor_forgotten(adviser: User, overdue: Customer) -> None:
    file = attachments.upload(paper(), customer=overdue, channel="note", by=adviser, at=NOW)
    notes.write(overdue, body="Recibo", files=[file], by=adviser, at=NOW)
    assert attachments.forget_unsent(at=NOW + timedelta(days=9)) == 0
    attachments.drop([file.pk], by=adviser)
    assert Attachment.objects.filter(pk=file.pk).exists()
    for refused in (
        lambda: attachments.uploaded([file.pk], customer=overdue, by=adviser),
        lambda: notes.write(overdue, body="Otra", files=[file], by=adviser, at=NOW),
    ):
        with pytest.raises(Refusal, match="ya no está"):
            refused()


def test_the_same_note_form_sent_twice_writes_one(browser: Browser, overdue: Customer) -> None:
    for _ in range(2):
        browser.post(place(overdue, "notas/"), body="Llamar", channel="note", once="a" * 32)
    assert Note.objects.count() == 1


def test_notes_are_found_by_words_in_any_spelling(adviser: User, overdue: Customer) -> None:
    note = notes.write(
        overdue, body="Llamó la  ESPOSA", about=Told(code="F-77"), by=adviser, at=NOW
    )
    for text in ("llamo esposa", "Esposá", "f-77"):
        assert list(notes.saying(text)) == [note]
    for text in ("hijo", "", "la", "esposa hijo"):
        assert not notes.saying(text).exists()


def test_notes_with_files_and_names_cost_the_same_for_any_number(
    browser: Browser,
    adviser: User,
    overdue: Customer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    wrote(overdue)
    for _ in range(30):
        file = attachments.upload(paper(), customer=overdue, channel="note", by=adviser, at=NOW)
        notes.write(overdue, body="Ver", files=[file], by=adviser, at=NOW)
    browser.get(place(overdue), htmx=True)
    with django_assert_max_num_queries(18):
        html = browser.get(place(overdue), htmx=True).content.decode()
    assert html.count("recibo.pdf") == Interaction.objects.filter(kind="note").count()


def test_the_register_shows_the_fields_and_a_file_carries_them(
    supervisor: User, adviser: User, overdue: Customer
) -> None:
    about = Told(channel="call", code="F-77", handling="out_none")
    notes.write(overdue, body="Nadie contestó", about=about, by=adviser, at=NOW)
    wrote(overdue)
    columns.choose(
        supervisor, register.SCREEN, ["nota_canal", "nota_codigo", "nota_gestion", "nota"]
    )
    html = Browser(supervisor).get("/interacciones/", canal="note").content.decode()
    for words in ("Llamada", "F-77", "Saliente, sin contacto", "Nadie contestó"):
        assert words in html
    assert "¿Puedo pagar" not in html
    found = list(sheets.rows({"canal": "note"}, supervisor).values_list(*_columns()))
    assert found == [("Llamada", "Saliente, sin contacto", "F-77", "Nadie contestó")]


def _columns() -> list[str | Combinable]:
    return [column.value for column in sheets.INTERACTIONS.columns[-4:]]


def test_what_goes_to_the_debtor_knows_nothing_of_notes(
    supervisor: User, adviser: User, overdue: Customer
) -> None:
    debt(overdue, 100)
    notes.write(overdue, body="Es muy insistente", by=adviser, at=NOW)
    screen = Browser(supervisor)
    statement = screen.get(f"/cuentas/clientes/{overdue.pk}/estado-de-cuenta/")
    assert statement.status_code == 200
    assert "insistente" not in statement.content.decode()
    rows = sheets.rows({}, supervisor)
    assert not rows.filter(kind="note").exists()
