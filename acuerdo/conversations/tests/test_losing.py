"""Whoever loses a customer finds nothing of them any more, with the next request."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from acuerdo.channels.tests.factories import account
from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment, Message
from acuerdo.conversations.team import ownership, presence
from acuerdo.conversations.tests.factories import customer, portfolio, user
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.conversations.tray import listing
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db
HERE = (
    "", "fila/", "hilo/", "redaccion/", "plantillas/", "presencia/",
)  # fmt: skip
DEEDS = (
    "mensajes/", "notas/", "borrador/", "segmentos/", "adjuntos/", "omision/", "pendiente/",
    "toma/", "revision/", "presencia/",
)  # fmt: skip


@pytest.fixture
def carla() -> User:
    account()
    return user("adviser", portfolio())


@pytest.fixture
def ana(carla: User) -> Customer:
    return wrote(customer(first_name="Anabela", adviser=carla), "Tengo una consulta")


@pytest.fixture
def take_away(ana: Customer, carla: User) -> Callable[[], None]:
    def act() -> None:
        diego, boss = user("adviser", portfolio()), user("supervisor", portfolio())
        ownership.assign(ana, diego, was=carla.pk, by=boss, at=NOW)

    return act


def test_every_part_of_the_conversation_is_gone(
    ana: Customer, carla: User, take_away: Callable[[], None]
) -> None:
    browser, address = Browser(carla), f"/conversaciones/{ana.pk}/"
    assert all(browser.get(address + part, htmx=True).status_code == 200 for part in HERE)
    take_away()
    assert {browser.get(address + part, htmx=True).status_code for part in HERE} == {404}
    assert {browser.post(address + deed, htmx=True).status_code for deed in DEEDS} == {404}
    for other in (f"/clientes/{ana.pk}/", f"/cuentas/clientes/{ana.pk}/panel/"):
        assert browser.get(other).status_code == 404


def test_neither_search_nor_count_know_the_customer(
    ana: Customer, carla: User, take_away: Callable[[], None]
) -> None:
    browser = Browser(carla)
    assert "Anabela" in browser.get("/conversaciones/", q="Anabela").content.decode()
    assert listing.pending(carla).number == 1
    take_away()
    for address, query in (
        ("/conversaciones/", "Anabela"),
        ("/conversaciones/", ana.document_number),
        ("/conversaciones/", "consulta"),
        ("/clientes/", "Anabela"),
        ("/interacciones/", "Anabela"),
    ):
        assert "Anabela Q" not in browser.get(address, q=query).content.decode(), address
    assert listing.pending(carla).number == 0
    presence.announce(ana, tab="x", by=user("supervisor", portfolio()), at=NOW)
    assert browser.get("/conversaciones/presencia/", de=str(ana.pk)).json() == {}


def test_files_are_downloaded_no_more(
    ana: Customer, carla: User, take_away: Callable[[], None]
) -> None:
    boss = user("supervisor", portfolio())
    paper = SimpleUploadedFile("estado.pdf", b"%PDF-1.4 estado")
    file = attachments.upload(paper, customer=ana, channel="whatsapp", by=boss, at=NOW)
    Attachment.objects.filter(pk=file.pk).update(message=Message.objects.get())
    browser, address = Browser(carla), f"/conversaciones/archivos/{file.pk}/"
    there = browser.get(address)
    assert there.status_code == 200
    assert there.getvalue() == b"%PDF-1.4 estado"
    take_away()
    assert browser.get(address).status_code == 404
