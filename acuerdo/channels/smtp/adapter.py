"""Outgoing mail by SMTP. Each message keeps its own Message-ID, whatever happens to it.

The gap between the end of DATA and the server's answer is the one place where nobody
knows: RFC 5321 asks for ten minutes of patience there, and silence is uncertain.
"""

import smtplib
import socket
import ssl
from dataclasses import replace
from email.message import EmailMessage

from django.utils.translation import gettext_lazy as _

from acuerdo.channels import secrets
from acuerdo.channels.adapter import (
    REVOKED,
    Delivery,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    Unreadable,
)
from acuerdo.channels.letters import names, reading, reports
from acuerdo.channels.letters.composing import compose
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives.refusals import Refusal

COMMAND_TIMEOUT = 30
DATA_TIMEOUT = 600
GOOD = 200
GO_AHEAD = 354
TEMPORARY = 400
PERMANENT = 500
SECURITY = (("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("Sin cifrar")))


class Smtp:
    label = _("Servidor de correo (SMTP)")
    channels = ("email",)
    needs = (
        Need("host", _("Servidor")),
        Need("port", _("Puerto"), is_required=False),
        Need("security", _("Cifrado"), is_required=False, options=SECURITY),
        Need("username", _("Usuario"), is_required=False),
        Need("password", _("Contraseña"), is_secret=True, is_required=False),
        Need(
            "bounce_domain",
            _("Dominio o buzón de rebotes"),
            is_required=False,
            help=_("Cada correo rebota a una dirección propia: bounces+REF@dominio."),
        ),
        Need(
            "reply_domain",
            _("Dominio o buzón de respuestas"),
            is_required=False,
            help=_("Cada correo se responde a una dirección propia: reply+REF@dominio."),
        ),
        Need(
            "imap_host",
            _("Servidor de entrada (IMAP)"),
            is_required=False,
            help=_("Sin él no se leen respuestas ni rebotes."),
        ),
        Need("imap_port", _("Puerto de entrada"), is_required=False),
        Need(
            "imap_security",
            _("Cifrado de entrada"),
            is_required=False,
            options=SECURITY,
        ),
        Need(
            "imap_username",
            _("Usuario de entrada"),
            is_required=False,
            help=_("Vacío: el mismo de salida."),
        ),
        Need(
            "imap_password",
            _("Contraseña de entrada"),
            is_secret=True,
            is_required=False,
            help=_("Vacía: la misma de salida."),
        ),
        Need(
            "imap_folder",
            _("Carpeta"),
            is_required=False,
            help=_("Vacía: INBOX. Nunca se marca nada como leído."),
        ),
    )
    concurrency = 4
    patience = DATA_TIMEOUT + 4 * COMMAND_TIMEOUT

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        try:
            mail = compose(account, parcel)
        except (ValueError, UnicodeError) as fault:
            return Result(Outcome.REFUSED, code="unwritable", detail=str(fault)[:300])
        try:
            server = _open(account)
        except smtplib.SMTPResponseException as fault:
            if isinstance(fault, smtplib.SMTPAuthenticationError) and fault.smtp_code >= PERMANENT:
                detail = f"{fault.smtp_code}: {_words(fault)}"[:300]
                return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=detail)
            return Result(Outcome.NOT_TAKEN, code=str(fault.smtp_code), detail=_words(fault))
        except (OSError, smtplib.SMTPException) as fault:
            return Result(Outcome.NOT_TAKEN, code="unreachable", detail=type(fault).__name__)
        except (Refusal, LookupError, ValueError) as fault:
            # A setting or a key is wrong: nothing left, and a person can put it right.
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=str(fault))
        try:
            return _deliver(server, account, parcel, mail)
        finally:
            server.close()

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        """Mail servers post no notices."""
        del account, delivery
        return False

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        """The mails that were fetched from the account's mailbox."""
        del account
        if delivery.content_type == reading.LETTER:
            return reading.notices(delivery.body)
        if delivery.content_type == reading.HEAD:
            size = delivery.query.rpartition("/")[2]
            return [reading.parse_head(delivery.body, size=int(size))]
        raise Unreadable(delivery.body.decode(errors="replace")[:250])


ADAPTER = Smtp()


def _open(account: ChannelAccount) -> smtplib.SMTP:
    config = account.config
    security = str(config.get("security") or "none").strip().lower()
    if security not in dict(SECURITY):
        # Never in the clear because of a word that nobody knows.
        raise ValueError(f"security: {security[:20]}")
    host, port = str(config["host"]), int(config.get("port") or (465 if security == "tls" else 25))
    context = ssl.create_default_context()
    if security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=COMMAND_TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(host, port, timeout=COMMAND_TIMEOUT)
    try:
        if security == "starttls":
            server.starttls(context=context)
        password = secrets.unseal(account.secrets).get("password", "")
        if config.get("username"):
            server.login(str(config["username"]), password)
    except Exception:
        server.close()
        raise
    return server


def _deliver(
    server: smtplib.SMTP, account: ChannelAccount, parcel: Parcel, mail: EmailMessage
) -> Result:
    """MAIL, RCPT and DATA by hand, since what a fault means depends on how far we came."""
    try:
        server.ehlo_or_helo_if_needed()
        code, words = server.mail(names.bounce_address(account, parcel))
        if code >= TEMPORARY:
            return _answer(code, words)
        code, words = server.rcpt(names.on_the_wire(parcel.recipient))
        if code >= TEMPORARY:
            return _of_the_address(_answer(code, words))
        code, words = server.docmd("DATA")
        if code != GO_AHEAD:
            return _answer(code, words)
    except (OSError, smtplib.SMTPException) as fault:
        # Nothing of the text was sent yet, so the server cannot have taken it.
        return Result(Outcome.NOT_TAKEN, code="lost", detail=type(fault).__name__)
    except UnicodeError as fault:
        # An address that this server has no way to be told of.
        return Result(Outcome.REFUSED, code="unwritable", detail=str(fault)[:300])
    return _finish(server, mail)


def _of_the_address(result: Result) -> Result:
    """Only what is said to RCPT may mean that there is no such address."""
    if result.outcome != Outcome.REFUSED:
        return result
    return replace(result, address_fault=reports.address_fault(result.detail))


def _finish(server: smtplib.SMTP, mail: EmailMessage) -> Result:
    lines = mail.as_bytes()
    dotted = b"\r\n".join(
        b"." + line if line.startswith(b".") else line for line in lines.split(b"\r\n")
    )
    try:
        assert isinstance(server.sock, socket.socket)  # noqa: S101 - it is open
        server.sock.settimeout(DATA_TIMEOUT)
        server.send(dotted.removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, words = server.getreply()
    except (OSError, smtplib.SMTPException) as fault:
        return Result(Outcome.UNCERTAIN, code="no_answer", detail=type(fault).__name__)
    if GOOD <= code < GO_AHEAD:
        return Result(Outcome.ACCEPTED, provider_id=str(mail["Message-ID"]), code=str(code))
    if code < TEMPORARY:
        # No answer of this protocol: smtplib calls it -1.
        return Result(Outcome.UNCERTAIN, code="no_answer", detail=f"answered {code}")
    return _answer(code, words)


def _answer(code: int, words: bytes) -> Result:
    outcome = Outcome.REFUSED if code >= PERMANENT else Outcome.NOT_TAKEN
    return Result(outcome, code=str(code), detail=words.decode(errors="replace")[:300])


def _words(fault: smtplib.SMTPResponseException) -> str:
    words = fault.smtp_error
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)
