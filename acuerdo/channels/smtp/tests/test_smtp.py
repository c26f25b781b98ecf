import smtplib
import socket
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from acuerdo.channels.adapter import Outcome, Parcel
from acuerdo.channels.letters.composing import compose
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.smtp import adapter as smtp
from acuerdo.channels.tests.conftest import MailServer

PARCEL = Parcel("token-1", "email", "ana@example.com", "Aviso de pago", "Hola, Ana:\n.\nTu cuota")


def account(port: int) -> ChannelAccount:
    return ChannelAccount(
        sender="Cobranzas <cobranzas@acme.example>",
        config={"host": "127.0.0.1", "port": port},
    )


def read(server: MailServer) -> EmailMessage:
    (envelope,) = server.postman.mails
    content = envelope.content
    assert isinstance(content, bytes)
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_mail_arrives_as_written_with_an_id_of_its_own(mail_server: MailServer) -> None:
    result = smtp.ADAPTER.send(account(mail_server.port), PARCEL)
    mail = read(mail_server)
    assert result.outcome == Outcome.ACCEPTED
    assert result.provider_id == mail["Message-ID"] == "<token-1@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["To"], mail["Subject"]) == ("ana@example.com", "Aviso de pago")
    assert text_of(mail).split() == PARCEL.body.split()
    assert mail_server.postman.mails[0].mail_from == "cobranzas@acme.example"


def test_text_with_accents_survives(mail_server: MailServer) -> None:
    parcel = Parcel(
        "t", "email", "ana@example.com", "Vencimiento mañana", "Señora Núñez: S/ 10 · €"
    )
    smtp.ADAPTER.send(account(mail_server.port), parcel)
    mail = read(mail_server)
    assert (mail["Subject"], text_of(mail).strip()) == (parcel.subject, parcel.body)


@pytest.mark.parametrize(
    ("rcpt", "data", "outcome"),
    [
        ("550 5.1.1 no such user", "250 OK", Outcome.REFUSED),
        ("451 4.7.1 greylisted", "250 OK", Outcome.NOT_TAKEN),
        ("250 OK", "554 5.7.1 spam", Outcome.REFUSED),
        ("250 OK", "452 4.3.1 full", Outcome.NOT_TAKEN),
        ("250 OK", None, Outcome.UNCERTAIN),
        ("250 OK", "hello? who is there", Outcome.UNCERTAIN),
    ],
)
def test_answer_decides_the_outcome(
    mail_server: MailServer, rcpt: str, data: str | None, outcome: Outcome
) -> None:
    mail_server.postman.rcpt, mail_server.postman.data = rcpt, data
    result = smtp.ADAPTER.send(account(mail_server.port), PARCEL)
    assert result.outcome == outcome
    assert result.code


@pytest.mark.parametrize(
    ("rcpt", "fault"), [("550 5.1.1 no such user", "hard_bounce"), ("550 5.7.1 blocked", "")]
)
def test_only_a_missing_mailbox_is_the_fault_of_the_address(
    mail_server: MailServer, rcpt: str, fault: str
) -> None:
    mail_server.postman.rcpt = rcpt
    assert smtp.ADAPTER.send(account(mail_server.port), PARCEL).address_fault == fault


def test_server_that_is_not_there_took_nothing() -> None:
    result = smtp.ADAPTER.send(account(9), PARCEL)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "unreachable")


def test_answer_that_never_comes_is_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The double that RFC 1047 warns of: the mail is in, the answer is lost."""
    monkeypatch.setattr(smtp, "DATA_TIMEOUT", 0.3)
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    thread = threading.Thread(target=swallow, args=(listener, seen))
    thread.start()
    result = smtp.ADAPTER.send(account(listener.getsockname()[1]), PARCEL)
    thread.join(5)
    listener.close()
    assert result.outcome == Outcome.UNCERTAIN
    assert b"Tu cuota" in b"".join(seen)


def swallow(listener: socket.socket, seen: list[bytes]) -> None:
    wire, _peer = listener.accept()
    with wire, wire.makefile("rb") as lines:
        wire.sendall(b"220 here\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                wire.sendall(b"354 go on\r\n")
                break
            wire.sendall(b"250 OK\r\n")
        seen.extend(lines)


def test_letter_leaves_with_its_own_bounce_address(mail_server: MailServer) -> None:
    one = account(mail_server.port)
    one.config["bounce_domain"] = "rebotes.acme.example"
    parcel = Parcel("t", "email", "ana@example.com", "a", "b", reference="1-aaaaaaaaaaaaaaaa")
    smtp.ADAPTER.send(one, parcel)
    (envelope,) = mail_server.postman.mails
    assert envelope.mail_from == "bounces+1-aaaaaaaaaaaaaaaa@rebotes.acme.example"


def test_line_break_in_an_address_cannot_add_a_header() -> None:
    parcel = Parcel("t", "email", "ana@example.com\r\nBcc: x@example.com", "Hola", "Hola")
    assert smtp.ADAPTER.send(account(9), parcel).outcome == Outcome.REFUSED


def test_subject_stays_on_one_line() -> None:
    mail = compose(account(9), Parcel("t", "email", "a@example.com", "a\r\nBcc: x", "b"))
    assert mail["Subject"] == "a Bcc: x"


def test_wrong_password_stops_the_account(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def login(_server: smtplib.SMTP, _user: str, _password: str) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials")

    monkeypatch.setattr(smtplib.SMTP, "login", login)
    one = account(mail_server.port)
    one.config["username"] = "cobranzas"
    result = smtp.ADAPTER.send(one, PARCEL)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "revoked")


def test_unknown_word_for_the_encryption_sends_nothing_in_the_clear(
    mail_server: MailServer,
) -> None:
    one = account(mail_server.port)
    one.config["security"] = "ssl"
    result = smtp.ADAPTER.send(one, PARCEL)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "misconfigured")
    assert not mail_server.postman.mails
