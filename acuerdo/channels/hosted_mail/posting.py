"""One post to a mail service through the library, and what became of it.

The library may neither repeat a request, nor follow a redirect, nor ask a proxy.
"""

import ssl
from email.message import EmailMessage
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from acuerdo.channels import exchange
from acuerdo.channels.adapter import REVOKED, File, Outcome, Result, Waits, plain

TOO_MANY, TIMED_OUT = 429, 408
REVOKING = frozenset({401, 403})
# The library writes these itself, from what it is told beside the headers.
OWN = {"from", "to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}


def letter(mail: EmailMessage, files: tuple[File, ...], token: str) -> EmailMultiAlternatives:
    """``mail`` as Django writes one; the token comes back with each notice."""
    headers = {name: str(value) for name, value in mail.items() if name.lower() not in OWN}
    html = mail.get_body(("html",))
    made = EmailMultiAlternatives(
        subject=str(mail["Subject"]),
        body=mail.get_body(("plain",)).get_content(),  # type: ignore[union-attr]
        from_email=str(mail["From"]),
        to=[str(mail["To"])],
        headers=headers,
    )
    if html is not None:
        made.attach_alternative(html.get_content(), "text/html")
    for file in files:
        made.attach(file.filename, file.content, file.content_type)
    made.metadata = {"token": token}  # type: ignore[attr-defined]
    return made


def post(backend: Any, message: EmailMultiAlternatives, *, hidden: tuple[str, ...]) -> Result:
    try:
        session = backend.create_session()
        session.trust_env = False
        session.max_redirects = 0
        backend.session = session
        with session:
            backend.send_messages([message])
    except (AnymailInvalidAddress, AnymailSerializationError, AnymailUnsupportedFeature) as fault:
        detail = _words(str(fault), hidden)
        return Result(Outcome.REFUSED, code="unwritable", detail=detail)
    except ImproperlyConfigured as fault:
        return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=_words(str(fault), hidden))
    except AnymailRecipientsRefused:
        return _refused(message)
    except AnymailAPIError as fault:
        return _fault(fault, hidden)
    except Exception as fault:
        # The library stumbled over an answer of another shape: nobody knows what it meant.
        return Result(Outcome.UNCERTAIN, code="no_answer", detail=type(fault).__name__)
    return _accepted(message)


def _accepted(message: EmailMultiAlternatives) -> Result:
    told = message.anymail_status.message_id  # type: ignore[attr-defined]
    if isinstance(told, str) and told:
        return Result(Outcome.ACCEPTED, provider_id=told)
    return Result(Outcome.UNCERTAIN, code="no_answer", detail="no message id")


def _refused(message: EmailMultiAlternatives) -> Result:
    """The service will not write to this address: it is none, or stands on its own list."""
    status = message.anymail_status.status or set()  # type: ignore[attr-defined]
    if "invalid" in status:
        return Result(Outcome.REFUSED, code="invalid", address_fault="hard_bounce")
    return Result(Outcome.REFUSED, code="rejected")


def _fault(fault: AnymailAPIError, hidden: tuple[str, ...]) -> Result:
    answer = fault.response
    if answer is None:
        return _without_answer(fault.__cause__)
    status = int(answer.status_code)
    detail = _words(answer.text[:2000], hidden)
    if status in REVOKING:
        return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=f"{status}: {detail}"[:300])
    if status == TOO_MANY:
        wait = exchange.retry_after(answer.headers.get("Retry-After", ""))
        return Result(Outcome.NOT_TAKEN, "", str(status), detail, wait, Waits.ACCOUNT)
    if 400 <= status < 500 and status != TIMED_OUT:
        return Result(Outcome.REFUSED, code=str(status), detail=detail)
    return Result(Outcome.UNCERTAIN, code=str(status), detail=detail)


def _without_answer(cause: BaseException | None) -> Result:
    name = type(cause).__name__
    if _never_opened(cause):
        return Result(Outcome.NOT_TAKEN, code="unreachable", detail=name)
    return Result(Outcome.UNCERTAIN, code="no_answer", detail=name)


def _never_opened(cause: BaseException | None) -> bool:
    """No connection, or one whose certificate we did not accept: nothing was written to it."""
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    if isinstance(cause, requests.exceptions.MissingSchema | requests.exceptions.InvalidSchema):
        return True
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    if isinstance(reason, TlsError):
        return any(isinstance(part, ssl.SSLCertVerificationError) for part in reason.args)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _words(text: str, hidden: tuple[str, ...]) -> str:
    for secret in hidden:
        if len(secret) > exchange.SHORTEST_SECRET:
            text = text.replace(secret, "...")
    return plain(" ".join(text.split()))
