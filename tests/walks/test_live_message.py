"""An inbound message, from the provider's request to the open page: real processes throughout."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET, account
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tests.factories import customer, phone_of, portfolio, user
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization.models import Role, User
from acuerdo.primitives import signing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def environment(transactional_db: None) -> dict[str, str]:
    """The processes work on the test's own database."""
    chosen = connection.get_connection_params()
    return os.environ | {
        "DATABASE_URL": "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**chosen),
        "DJANGO_SETTINGS_MODULE": "acuerdo.config.settings",
        "ACUERDO_SECRET_KEY": settings.SECRET_KEY,
    }


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "run_worker"]
    with subprocess.Popen(command, env=environment) as process:
        yield process
        process.kill()


@pytest.fixture
def live(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--port", port,
        "--workers-kill-timeout", "2", "--log-level", "warning", "acuerdo.config.asgi:application",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx.get(f"{url}/health", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
        process.terminate()


class Page:
    """An open stream, read in a thread of its own."""

    def __init__(self, url: str, who: User | None, **headers: str) -> None:
        self.facts: queue.Queue[dict[str, Any]] = queue.Queue()
        self.status, self.place = 0, ""
        self.is_open = threading.Event()
        self._cookie = f"{settings.SESSION_COOKIE_NAME}={signed_in(who)}" if who else ""
        self._headers = headers
        self._thread = threading.Thread(target=self._read, args=(url,), daemon=True)
        self._thread.start()
        self.is_open.wait(20)

    def _read(self, url: str) -> None:
        headers = {"Cookie": self._cookie, **self._headers}
        with (
            suppress(httpx.TransportError),
            httpx.stream("GET", url, headers=headers, timeout=90, trust_env=False) as answer,
        ):
            self.status = answer.status_code
            self.headers = answer.headers
            for line in answer.iter_lines():
                self.is_open.set()
                if line.startswith("id: "):
                    self.place = line[4:]
                if line.startswith("data: "):
                    self.facts.put(json.loads(line[6:]))

    def next(self, type_: str = "message.received", seconds: float = 60) -> dict[str, Any]:
        """The next fact of that type; those of the worker's own day are passed over."""
        while True:
            fact = self.facts.get(timeout=seconds)
            if fact["type"] == type_:
                return fact

    def heard_of_customers(self) -> list[dict[str, Any]]:
        facts = [self.facts.get() for _ in range(self.facts.qsize())]
        return [fact for fact in facts if fact.get("customer")]


def signed_in(who: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def write(line: ChannelAccount, owner: Customer, id_: str) -> None:
    message = {"id": id_, "from": phone_of(owner).value, "body": "Ya pagué"}
    body = json.dumps({"messages": [message]}).encode()
    signature = f"sha256={signing.hmac_sha256(SECRET, body)}"
    answer = Client().post(
        f"/webhooks/{line.key}/",
        body,
        content_type="application/json",
        headers={"X-Acuerdo-Signature": signature},
    )
    assert answer.status_code == 200


def test_message_reaches_the_open_page_within_a_second(
    worker: subprocess.Popen[bytes], live: str
) -> None:
    book = portfolio()
    line, owner = account(), customer(book=book)
    page = Page(live, user(Role.SUPERVISOR, book))
    stranger = Page(live, user(Role.SUPERVISOR, portfolio("otra")))
    write(line, owner, "warm-up")
    page.next()
    waits = []
    for number in range(3):
        start = time.monotonic()
        write(line, owner, f"m{number}")
        fact = page.next()
        waits.append(time.monotonic() - start)
        assert fact["customer"] == owner.pk
        assert "Ya pagué" not in json.dumps(fact)
    assert min(waits) < 1, waits
    assert stranger.heard_of_customers() == []


def test_who_was_away_hears_what_was_missed(live: str) -> None:
    book = portfolio()
    owner = customer(book=book)
    who = user(Role.SUPERVISOR, book)
    data = {"portfolio_id": book.pk, "adviser_id": None}
    first = log.record("note.written", customer_id=owner.pk, **data)
    second = log.record("note.written", customer_id=owner.pk, **data)
    log.record("note.written", customer_id=owner.pk, portfolio_id=book.pk + 1, adviser_id=None)
    assert Page(f"{live}/?after={first.pk}", who).next("note.written")["id"] == second.pk
    assert (
        Page(live, who, **{"Last-Event-ID": str(first.pk)}).next("note.written")["id"] == second.pk
    )
    assert Page(f"{live}/?after=999999999", who).next("reset")


def test_stream_is_for_people_who_signed_in_on_our_own_page(live: str) -> None:
    assert httpx.get(live, trust_env=False).status_code == 401
    foreign = httpx.get(live, headers={"Origin": "https://evil.example"}, trust_env=False)
    assert foreign.status_code == 403
    ours = Page(live, user(Role.ADMINISTRATOR), Origin=settings.BASE_URL)
    assert ours.status == 200
    assert ours.headers["access-control-allow-origin"] == settings.BASE_URL
    assert ours.headers["access-control-allow-credentials"] == "true"
    assert ours.headers["x-accel-buffering"] == "no"
    assert ours.headers["content-type"] == "text/event-stream"


def test_worker_files_messages_and_leaves_when_told(worker: subprocess.Popen[bytes]) -> None:
    line, owner = account(), customer()
    write(line, owner, "m1")
    deadline = time.monotonic() + 60
    while not Conversation.objects.filter(pk=owner.pk).exists():
        assert time.monotonic() < deadline, "the worker did not file the message"
        time.sleep(0.1)
    start = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert time.monotonic() - start < 6
