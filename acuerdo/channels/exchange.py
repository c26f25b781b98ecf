"""One HTTP exchange with a provider, and what a fault in the middle of it proves.

No retries, no redirects, no proxy from the environment, and no more of an answer than
anybody could need: a request is written once, and whoever calls decides from what came back.
"""

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from acuerdo.channels.adapter import Outcome, Result
from acuerdo.primitives import clock

MOST_BYTES = 256 * 1024
LONGEST_WAIT = 3600
SHORTEST_SECRET = 5
# Before the request was written, the provider cannot have taken it.
NEVER_OPENED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# What our own side gets wrong before a byte leaves.
UNWRITABLE = (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError)


@dataclass(frozen=True, slots=True)
class Answer:
    """``retry_after`` is in seconds, as the provider told it."""

    status: int
    body: bytes
    retry_after: int | None = None
    location: str = ""
    content_type: str = ""

    @property
    def is_success(self) -> bool:
        return httpx.codes.is_success(self.status)

    def json(self) -> dict[str, Any]:
        """The answer as an object; empty when it is anything else."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(slots=True)
class Wire:
    """Connections to one kind of provider; safe to share between threads."""

    timeout: float
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            transport=httpx.HTTPTransport(retries=0),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        most_bytes: int = MOST_BYTES,
        hidden: Iterable[str] = (),
        **request: Any,
    ) -> Answer | Result:
        """The provider's answer, or the outcome that the lack of one proves.

        Some providers repeat a request in what they complain about: what is ``hidden``, and
        what went into ``Authorization``, is taken out of the answer.
        """
        try:
            with self.client.stream(method, url, timeout=self.timeout, **request) as answer:
                told = self._read(answer, most_bytes)
                return told if isinstance(told, Result) else _without(told, answer, hidden)
        except NEVER_OPENED as fault:
            return Result(Outcome.NOT_TAKEN, code="unreachable", detail=type(fault).__name__)
        except UNWRITABLE as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=type(fault).__name__)
        except httpx.HTTPError as fault:
            return Result(Outcome.UNCERTAIN, code="no_answer", detail=type(fault).__name__)

    def _read(self, answer: httpx.Response, most_bytes: int) -> Answer | Result:
        """A provider that drips its answer keeps us no longer than one that is silent."""
        deadline = time.monotonic() + self.timeout
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > most_bytes or time.monotonic() > deadline:
                detail = f"HTTP {answer.status_code}, endless"
                return Result(Outcome.UNCERTAIN, code="no_answer", detail=detail)
        headers = answer.headers
        return Answer(
            answer.status_code,
            body,
            retry_after(headers.get("Retry-After", "")),
            headers.get("Location", ""),
            headers.get("Content-Type", ""),
        )


def retry_after(value: str) -> int | None:
    """Seconds or a date, as RFC 9110 allows; nothing longer than an hour is believed."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment - clock.now()).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(int(seconds), 0), LONGEST_WAIT)


def _without(told: Answer, answer: httpx.Response, hidden: Iterable[str]) -> Answer:
    _scheme, _space, credential = answer.request.headers.get("Authorization", "").partition(" ")
    body = told.body
    for secret in (credential, *hidden):
        # A shorter one would be found by chance, in the very id that we are told.
        if len(secret) > SHORTEST_SECRET:
            body = body.replace(secret.encode(), b"...")
    return replace(told, body=body)


def basic(user: str, password: str) -> str:
    """What follows ``Basic`` in a header: it is as secret as the password."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()
