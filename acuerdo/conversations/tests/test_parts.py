import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from acuerdo.channels.adapter import InboundFile, InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment, Conversation, Message
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.tests.factories import queued
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.timeline import letters, parts, thread
from acuerdo.conversations.timeline.thread import Entry
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def line() -> ChannelAccount:
    return ChannelAccount.objects.filter(channel="whatsapp").first() or account()


def told(customer: Customer, body: str = "", **more: object) -> Message:
    point = customer.contact_points.get(kind="phone")
    name = f"in-{Message.objects.count()}"
    message = InboundMessage(name, point.value, body, **more)  # type: ignore[arg-type]
    arrivals.receive_message(line(), message, at=NOW)
    return Message.objects.get(provider_id=name)


def entries(customer: Customer) -> list[Entry]:
    return thread.page(customer, zone="America/Lima", now=NOW).entries


def html_of(user: User, customer: Customer) -> str:
    found: str = Browser(user).get(f"/conversaciones/{customer.pk}/").content.decode()
    return found


def test_a_picture_is_shown_and_a_document_is_only_downloaded(
    adviser: User, overdue: Customer
) -> None:
    photo = InboundFile("pago.png", "image/png", PNG)
    page = InboundFile("raro.svg", "image/svg+xml", b"<svg/>")
    told(overdue, "Mi pago", kind="image", files=(photo, page))
    picture, document = Attachment.objects.order_by("pk")
    html = html_of(adviser, overdue)
    assert f'src="/conversaciones/archivos/{picture.pk}/?ver=1"' in html
    assert "raro.svg" in html
    browser = Browser(adviser)
    shown = browser.get(f"/conversaciones/archivos/{picture.pk}/", ver="1")
    assert b"".join(shown.streaming_content) == PNG
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline")
    kept = browser.get(f"/conversaciones/archivos/{document.pk}/", ver="1")
    assert b"".join(kept.streaming_content) == b"<svg/>"
    assert kept["Content-Disposition"].startswith("attachment")
    assert kept["Content-Type"] == "application/octet-stream"
    assert "sandbox" in kept["Content-Security-Policy"]
    assert kept["X-Content-Type-Options"] == "nosniff"


def test_files_of_somebody_out_of_reach_are_not_found(
    other_adviser: User, overdue: Customer
) -> None:
    told(overdue, kind="image", files=(InboundFile("pago.png", "image/png", PNG),))
    file = Attachment.objects.get()
    answer = Browser(other_adviser).get(f"/conversaciones/archivos/{file.pk}/")
    assert answer.status_code == 404


def test_a_reaction_hangs_on_its_message_and_can_be_taken_back(overdue: Customer) -> None:
    first = told(overdue, "hola")
    about = (str(first.provider_id),)
    told(overdue, "👍", kind="reaction", content={"emoji": "👍"}, answers=about)
    assert [row.beside.reactions for row in entries(overdue) if row.beside] == [["👍"]]
    told(overdue, "Quitó su reacción.", kind="reaction", content={"emoji": ""}, answers=about)
    assert [row.beside.reactions for row in entries(overdue) if row.beside] == [[]]


def test_an_answer_shows_what_it_answers(adviser: User, overdue: Customer) -> None:
    line()
    ours = queued(overdue, body="¿Puede pagar el viernes?", by=adviser)
    Message.objects.filter(pk=ours.pk).update(provider_id="wamid.1")
    told(overdue, "Sí", answers=("wamid.1",))
    answer = next(row for row in entries(overdue) if row.is_incoming)
    assert answer.beside
    assert answer.beside.quote
    assert answer.beside.quote.text == "¿Puede pagar el viernes?"
    assert f'href="#entry_{ours.pk}"' in html_of(adviser, overdue)


def test_places_cards_and_odd_kinds_have_a_look_of_their_own(
    adviser: User, overdue: Customer
) -> None:
    place = {"latitude": -12.05, "longitude": -77.04, "name": "Oficina"}
    told(overdue, "Oficina, -12.05", kind="location", content=place)
    card = {"contacts": [{"name": "Luis Paz", "phones": ["+51 999"], "emails": []}]}
    told(overdue, "Luis Paz +51 999", kind="contacts", content=card)
    told(overdue, "Mensaje de un tipo que no se puede mostrar (poll).", kind="unsupported")
    html = html_of(adviser, overdue)
    assert "-12.050000, -77.040000" in html
    assert 'rel="noreferrer noopener"' in html
    assert "<b>Luis Paz</b>" in html
    assert "(poll)" in html


def test_an_automatic_answer_waits_for_nobody(overdue: Customer) -> None:
    told(overdue, "Estoy de vacaciones", is_automatic=True)
    assert Conversation.objects.get(pk=overdue.pk).pending_since is None
    shown = entries(overdue)[0].beside
    assert shown
    assert shown.parts.is_automatic


@pytest.mark.parametrize(
    "earlier",
    ["> lo de antes", "El lun, 9 mar 2026 a las 10:00, Acuerdo <a@b.c> escribió:\n> antes",
     "-----Mensaje original-----\nDe: x"],
)  # fmt: skip
def test_the_earlier_letter_is_folded(earlier: str) -> None:
    new, quoted = parts.folded(f"Mañana pago.\n\n{earlier}")
    assert new == "Mañana pago."
    assert quoted == earlier


def test_a_letter_that_only_quotes_is_shown_whole() -> None:
    assert parts.folded("> todo es cita") == ("> todo es cita", "")


def test_a_letter_runs_nothing_and_fetches_nothing_until_asked() -> None:
    evil = '<p onclick="x()">Hola</p><script>x()</script><img src="https://t.example/p.gif">'
    page = letters.page(evil)
    assert "script" not in page
    assert "onclick" not in page
    assert "t.example" not in page
    assert "t.example" in letters.page(evil, with_images=True)
    assert "sandbox" in letters.policy()
    assert "allow-scripts" not in letters.policy(with_images=True)


@pytest.mark.parametrize(
    ("name", "content", "channel", "code"),
    [
        ("virus.exe", b"MZ", "whatsapp", "bad_type"),
        ("foto.png", b"<html>", "whatsapp", "bad_content"),
        ("vacio.pdf", b"", "email", "bad_content"),
        ("foto.png", PNG, "sms", "no_files"),
    ],
)
def test_an_upload_that_will_not_do_is_refused_by_name(
    adviser: User, overdue: Customer, name: str, content: bytes, channel: str, code: str
) -> None:
    file = SimpleUploadedFile(name, content)
    with pytest.raises(Refusal) as refused:
        attachments.upload(file, customer=overdue, channel=channel, by=adviser, at=NOW)
    assert refused.value.code == code
