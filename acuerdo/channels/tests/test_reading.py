"""Awkward mails, and what becomes of each."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuerdo.channels.adapter import InboundMessage, Notice, OptOutNotice, StatusChange, Unreadable
from acuerdo.channels.letters import markup, quoting, reading

MAILS = Path(__file__).with_name("mails")
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))
REFERENCE = "2s-abcdefghijklmnop"
BROKEN = {"binary-garbage", "empty", "nested-absurd", "no-from", "no-headers"}
AUTOMATIC = {
    "bounce-of-nobody", "bounce-without-form", "newsletter", "our-own-letter-back",
    "out-of-office", "out-of-office-old",
}  # fmt: skip
WORDS = {
    "attachment-names": "Van tres",
    "base64-broken": "Hola, ya pagué",
    "boundary-never-closed": "Hola, se cortó",
    "charset-dangerous": "Hola",
    "charset-unknown": "Hola, mañana pago",
    "cr-only": "Hola",
    "flowed": "Esta línea sigue en la de abajo.\nEsta no.",
    "gmail-reply": "BAJA",
    "html-only": "Hola,\n\nya pagué — mire el recibo (https://banco.example/r/1)\n\n- uno\n- dos",
    "html-reply": "Mañana pago",
    "html-unclosed-deep": "Hola",
    "japanese": "支払いました",
    "latin1-8bit": "Ya pagué, señora Núñez.",
    "nested-deep": "al fondo",
    "nul-bytes": "Hola ya pagué",
    "only-a-quotation": "> Hola, Ana:\n> su pago",
    "outlook-reply": "El viernes pago.",
    "answer-between-quotes": "> ¿Cuándo paga?\nEl viernes.\n> ¿Cuánto?\nTodo.",
    "quoted-printable-broken": "Pagué =ZZ ayer",
    "utf16-body": "Hola, pagué",
    "windows1252-called-ascii": "Pagué 10 € “ayer”",
}
SUBJECTS = {
    "subject-encoded-split": "Pagué mañana y =?broken",
    "charset-missing-8bit-subject": "Atención, ya pagué",
    "header-folded-oddly": "uno dos tres",
}


def mail(name: str) -> bytes:
    return (MAILS / f"{name}.eml").read_bytes()


def letter_of(raw: bytes) -> InboundMessage:
    (letter,) = reading.notices(raw)
    assert isinstance(letter, InboundMessage)
    return letter


def notices(name: str) -> list[Notice]:
    return reading.notices(mail(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_is_understood_or_set_aside(name: str) -> None:
    if name in BROKEN:
        with pytest.raises(Unreadable):
            notices(name)
    else:
        letters = [each for each in notices(name) if isinstance(each, InboundMessage)]
        assert all(letter.is_automatic == (name in AUTOMATIC) for letter in letters)
        assert all(0 < len(letter.provider_id) <= 200 for letter in letters)


@pytest.mark.parametrize(("name", "words"), WORDS.items())
def test_words_are_what_the_writer_saw(name: str, words: str) -> None:
    assert letter_of(mail(name)).body == words


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items())
def test_subject_is_what_the_writer_saw(name: str, subject: str) -> None:
    assert letter_of(mail(name)).subject == subject


@given(st.sampled_from(NAMES), st.integers(0, 3000), st.binary(max_size=6))
def test_mail_damaged_anywhere_raises_nothing_else(name: str, place: int, noise: bytes) -> None:
    if name == "nested-absurd":
        return
    whole = mail(name)
    for raw in (whole[:place], whole[:place] + noise + whole[place + len(noise) :]):
        try:
            reading.notices(raw)
        except Unreadable:
            continue


def test_reused_message_id_does_not_make_two_mails_one() -> None:
    other = mail("plain").replace("Ya pagué ayer".encode(), b"Me equivoque")
    one, two = (letter_of(raw) for raw in (mail("plain"), other))
    assert one.provider_id != two.provider_id
    assert one.provider_id == letter_of(mail("plain")).provider_id


def test_answer_names_the_letter_it_answers() -> None:
    assert letter_of(mail("outlook-reply")).answers == (REFERENCE,)
    by_id = letter_of(mail("gmail-reply")).answers
    assert by_id == (f"<{REFERENCE}@acme.example>", "<otra@acme.example>")


def test_quoted_letter_is_kept_apart() -> None:
    letter = letter_of(mail("gmail-reply"))
    assert letter.content["quoted"].startswith("El mar, 10 mar 2026")
    assert "Le recordamos su pago" in letter.content["quoted"]


@pytest.mark.parametrize(
    "head",
    [
        "On Tue, 10 Mar 2026 at 9:00, Acme <a@b.example> wrote:",
        "-----Mensaje original-----",
        "---------- Forwarded message ---------",
        "De: Acme <a@b.example>\nEnviado: martes",
        "*From:* Acme\n*Sent:* Tuesday",
    ],
)
def test_programs_announce_a_quoted_letter_in_their_own_ways(head: str) -> None:
    assert quoting.split(f"Ya pagué\n\n{head}\nHola")[0] == "Ya pagué"


def test_files_come_with_names_that_are_only_names() -> None:
    files = letter_of(mail("attachment-names")).files
    assert [file.filename for file in files] == ["Comprobante nº 1.pdf", "año.xlsx", "nota.txt"]
    assert files[0].content == b"%PDF-"
    tricky = letter_of(mail("attachment-trick")).files[0]
    assert tricky.filename == "facturafdp.exe"


def test_pictures_within_the_letter_are_told_from_files() -> None:
    letter = letter_of(mail("inline-image"))
    assert [file.is_inline for file in letter.files] == [True]
    assert letter.content["inline"] == {"foto@1": 0}
    assert 'src="cid:foto@1"' in letter.html


def test_no_more_files_are_kept_than_anybody_sends() -> None:
    letter = letter_of(mail("many-parts"))
    assert len(letter.files) == 50
    assert "50.log" in letter.content["left_out"]


@pytest.mark.parametrize("name", ["html-only", "html-hostile"])
def test_html_is_stored_without_anything_that_runs(name: str) -> None:
    html = letter_of(mail(name)).html.lower()
    for poison in ("script", "onerror", "onload", "javascript:", "iframe", "form", "style", "svg"):
        assert poison not in html


@pytest.mark.parametrize("html", ["<div>" * 100_000, "<b>x</b>" * 60_000, "<!--" * 100_000])
def test_absurd_html_is_dealt_with_quickly_and_leaves_its_words(html: str) -> None:
    assert "Hola" in markup.to_text("Hola " + html)


def test_hard_bounce_blames_the_address_and_names_the_letter() -> None:
    for name in ("bounce-hard", "bounce-hard-by-message-id", "bounce-opensmtpd"):
        (change,) = notices(name)
        assert isinstance(change, StatusChange)
        assert (change.status, change.token) == ("failed", REFERENCE)
        assert (change.code, change.address_fault) == ("5.1.1", "hard_bounce")


@pytest.mark.parametrize("name", ["bounce-full", "bounce-policy", "bounce-expired"])
def test_other_failures_leave_the_address_alone(name: str) -> None:
    (change,) = notices(name)
    assert isinstance(change, StatusChange)
    assert (change.status, change.address_fault) == ("failed", "")


def test_delay_is_no_news_yet() -> None:
    assert notices("bounce-delayed") == []


def test_complaint_ends_the_emails_and_blames_the_address() -> None:
    opt_out, change = notices("complaint")
    assert isinstance(opt_out, OptOutNotice)
    assert isinstance(change, StatusChange)
    assert (opt_out.sender, opt_out.detail) == ("ana@example.com", REFERENCE)
    assert (change.status, change.address_fault) == ("delivered", "complaint")


def test_mail_to_the_unsubscribe_address_is_an_opt_out() -> None:
    (notice,) = notices("unsubscribe-by-mail")
    assert isinstance(notice, OptOutNotice)
    assert notice.detail == REFERENCE


def test_mail_too_large_to_fetch_is_a_note() -> None:
    letter = reading.parse_head(mail("plain").split(b"\n\n")[0], size=80_000_000)
    assert (letter.sender, letter.subject) == ("ana@example.com", "Mi pago")
    assert letter.content["too_large"] == 80_000_000
