"""Pictures within a letter: shown from its own bytes in the frame, and nothing else is fetched."""

import base64

import pytest
from django.test import Client

from acuerdo.channels import receipts
from acuerdo.channels.adapter import Delivery
from acuerdo.channels.letters.reading import LETTER
from acuerdo.channels.tests import factories
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, user
from acuerdo.conversations.timeline import inline_pictures, parts
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = (
    '<p>Recibo</p><img src="cid:logo@x" alt="Sello"><img src="cid:draw@x"><img src="cid:none">'
    '<img src="https://rastreo.example/p.gif"><img src="data:image/svg+xml,x" onerror="alert(1)">'
    '<a href="data:text/html,x">l</a><script>alert(1)</script>'
)


def letter(sender: str, page: str = HTML) -> None:
    def part(*heads: str, body: bytes) -> bytes:
        return "\r\n".join(("--B", *heads, "", "")).encode() + body + b"\r\n"

    def picture(kind: str, name: str) -> bytes:
        heads = (
            f"Content-Type: {kind}",
            f"Content-ID: <{name}>",
            "Content-Transfer-Encoding: base64",
        )
        return part(*heads, body=base64.b64encode(DOT))

    top = "\r\n".join(
        (
            f"From: {sender}",
            "Message-ID: <1@x>",
            "Content-Type: multipart/related; boundary=B",
            "",
            "",
        )
    )
    body = part("Content-Type: text/html", body=page.encode())
    whole = (
        top.encode() + body + picture("image/png", "logo@x") + picture("image/svg+xml", "draw@x")
    )
    line = factories.account("email")
    line.adapter = "smtp"
    line.save()
    receipts.keep(line, Delivery(whole + b"--B--\r\n", LETTER), event_key="k", at=NOW)
    with clock.travel(NOW):
        inbound.drain()


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(user("administrator"))
    return client


def test_a_letter_shows_its_own_pictures_and_fetches_none(reader: Client) -> None:
    owner = customer()
    letter(owner.contact_points.get(kind="email").value)
    address = f"/conversaciones/correos/{Message.objects.get().pk}/"
    answer = reader.get(address)
    html, policy = answer.content.decode(), answer["Content-Security-Policy"]
    assert f'src="data:image/png;base64,{base64.b64encode(DOT).decode()}"' in html
    assert html.count("src=") == 1
    for word in ("svg", "cid:", "rastreo", "<script", "onerror", "data:text"):
        assert word not in html
    assert "img-src data:;" in policy
    asked = reader.get(address, {"imagenes": 1})
    assert "https://rastreo.example/p.gif" in asked.content.decode()
    assert (
        parts.of_message(Message.objects.get(), Message.objects.get().attachments.all()).files == ()
    )


def test_a_letter_of_a_stranger_shows_its_pictures_too(reader: Client) -> None:
    letter("nadie@otro.example")
    row = UnknownSender.objects.get()
    html = reader.get(f"/conversaciones/no-registrados/{row.pk}/correo/").content.decode()
    assert html.count("data:image/png") == 1


def test_what_weighs_too_much_is_left_out(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    letter(customer().contact_points.get(kind="email").value)
    row = Message.objects.get()
    monkeypatch.setattr(inline_pictures, "MOST", len(DOT) - 1)
    assert inline_pictures.of(row.content, row.attachments.order_by("pk")) == {}


def test_a_picture_within_a_letter_of_plain_words_is_listed(reader: Client) -> None:
    letter(customer().contact_points.get(kind="email").value, page="")
    row = Message.objects.get()
    Message.objects.update(html="")
    row.refresh_from_db()
    assert len(parts.of_message(row, row.attachments.all()).files) == 2
