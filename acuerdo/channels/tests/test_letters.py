"""What a letter carries, and what can never get into it."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from acuerdo.channels.adapter import File, Parcel
from acuerdo.channels.letters import layout, names
from acuerdo.channels.letters.composing import compose
from acuerdo.channels.models import ChannelAccount

REFERENCE = "2s-abcdefghijklmnop"


def account(**config: str) -> ChannelAccount:
    return ChannelAccount(sender="Peñalosa & Núñez <cobranzas@acme.example>", config=config)


def parcel(**changes: object) -> Parcel:
    what: dict[str, object] = {
        "token": "t", "channel": "email", "recipient": "ana@example.com", "subject": "Aviso",
        "body": "Hola, Ana", "reference": REFERENCE,
    }  # fmt: skip
    return Parcel(**(what | changes))  # type: ignore[arg-type]


def sent(mail: EmailMessage) -> EmailMessage:
    """As the other side reads it, from the bytes on the wire."""
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_letter_names_its_communication_in_every_way_back() -> None:
    one = account(reply_domain="acme.example", bounce_domain="rebotes.acme.example")
    mail = sent(compose(one, parcel()))
    assert mail["Message-ID"] == f"<{REFERENCE}@acme.example>"
    assert mail["Reply-To"] == f"reply+{REFERENCE}@acme.example"
    assert names.bounce_address(one, parcel()) == f"bounces+{REFERENCE}@rebotes.acme.example"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_one_mailbox_with_tags_is_enough_for_answers_and_bounces() -> None:
    one = account(reply_domain="hola@acme.example", bounce_domain="hola@acme.example")
    mail = sent(compose(one, parcel(unsubscribe_url="https://a.example/baja/x/")))
    assert mail["Reply-To"] == f"hola+{REFERENCE}@acme.example"
    assert mail["List-Unsubscribe"] == "<https://a.example/baja/x/>"


def test_account_without_domains_bounces_to_its_sender() -> None:
    assert names.bounce_address(account(), parcel()) == "cobranzas@acme.example"
    assert sent(compose(account(), parcel()))["Reply-To"] is None


def test_letter_can_be_unsubscribed_with_one_click() -> None:
    one = account(reply_domain="acme.example")
    mail = sent(compose(one, parcel(unsubscribe_url="https://a.example/baja/x/")))
    assert mail["List-Unsubscribe"] == (
        f"<https://a.example/baja/x/>, <mailto:unsubscribe+{REFERENCE}@acme.example?subject=baja>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://a.example/baja/x/" in text_of(mail, "html")


def test_one_click_is_not_promised_without_tls() -> None:
    mail = sent(compose(account(), parcel(unsubscribe_url="http://127.0.0.1:8000/baja/x/")))
    assert mail["List-Unsubscribe-Post"] is None


def test_text_and_its_page_say_the_same_and_names_keep_their_letters() -> None:
    mail = sent(compose(account(), parcel(body="Señora Núñez:\n\n<b>S/ 10</b> & más €")))
    assert text_of(mail, "plain").split() == [
        "Señora",
        "Núñez:",
        "<b>S/",
        "10</b>",
        "&",
        "más",
        "€",
    ]
    assert "&lt;b&gt;S/ 10&lt;/b&gt; &amp; más €" in text_of(mail, "html")
    assert mail["From"].addresses[0].display_name == "Peñalosa & Núñez"


def test_own_page_of_a_template_is_sent_with_a_way_out() -> None:
    mail = sent(
        compose(account(), parcel(html="<p>Hola</p>", unsubscribe_url="https://a.example/b"))
    )
    page = text_of(mail, "html")
    assert "<p>Hola</p>" in page
    assert page.index("<p>Hola</p>") < page.index('href="https://a.example/b"')
    assert "No recibir más correos: https://a.example/b" in text_of(mail, "plain")


def test_files_travel_with_their_names() -> None:
    files = (
        File("Estado de cuenta ñ.pdf", "application/pdf", b"%PDF-1.7\x00\xff"),
        File("a\r\nBcc: x@y.example\r\n.eml", "message/rfc822", b"From: x\r\n\r\nhola"),
        File("nota", "no type", b"hola"),
    )
    found = list(sent(compose(account(), parcel(files=files))).iter_attachments())
    assert [each.get_filename() for each in found] == [
        "Estado de cuenta ñ.pdf", "a Bcc: x@y.example .eml", "nota",
    ]  # fmt: skip
    assert [each.get_content() for each in found] == [each.content for each in files]


BREAKS = ["\r\nBcc: x@y.example", "\nBcc: x@y.example", "\rBcc: x", "\x0bBcc: x", "\u2028Bcc: x"]


@pytest.mark.parametrize("poison", BREAKS)
def test_no_text_of_ours_adds_a_header(poison: str) -> None:
    dirty = parcel(subject=f"Hola{poison}", body=f"a{poison}", quotes=f"<a@b>{poison}")
    one = account()
    one.sender = f"Ana{poison} <a@b.example>"
    try:
        mail = sent(compose(one, dirty))
    except ValueError:
        return
    assert mail["Bcc"] is None
    assert "Bcc" not in {name for name, _value in mail.items()}


@pytest.mark.parametrize("poison", BREAKS)
def test_address_with_a_line_break_is_not_written(poison: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        compose(account(), parcel(recipient=f"ana@example.com{poison}"))


def test_domain_beyond_ascii_is_written_for_servers() -> None:
    mail = sent(compose(account(), parcel(recipient="ana@señal.example")))
    assert mail["To"].addresses[0].domain == "xn--seal-hqa.example"


def test_answer_follows_the_letter_it_answers() -> None:
    mail = sent(compose(account(), parcel(quotes="<their-id@example.com> 0f3a")))
    assert mail["In-Reply-To"] == mail["References"] == "<their-id@example.com>"


def test_lines_broken_by_a_file_run_on_and_short_ones_stay() -> None:
    text = (
        "Hola, Ana:\n\nSi ya lo pagó, no tiene que hacer nada. Si necesita información, responda a\n"
        "este correo y le ayudamos.\n\n- uno, que es una línea bastante larga de una lista que sigue\n"
        "- dos\n\nTiendas Sol\nAv. Arequipa 100"
    )
    assert layout.fold(text) == (
        "Hola, Ana:\n\nSi ya lo pagó, no tiene que hacer nada. Si necesita información, responda a "
        "este correo y le ayudamos.\n\n- uno, que es una línea bastante larga de una lista que sigue\n"
        "- dos\n\nTiendas Sol\nAv. Arequipa 100"
    )


def test_links_of_the_text_can_be_followed() -> None:
    page = layout.page("Pague en https://pago.example/x?a=1&b=2.", title="t")
    assert 'href="https://pago.example/x?a=1&amp;b=2"' in page
