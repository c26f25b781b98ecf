"""A real mail server on loopback, with the faults that mail servers have."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from acuerdo.channels.tests import fake_http
from acuerdo.channels.tests.fake_http import HttpProvider


class Postman:
    """Takes mail; ``answers`` replaces what it says after RCPT and after DATA."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.rcpt = "250 OK"
        self.data: str | None = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(envelope)
        if self.data is None:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 nobody hears it"
        return self.data


class MailServer:
    def __init__(self, port: int, postman: Postman) -> None:
        self.postman = postman
        self.port = port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield MailServer(controller.port, postman)
    controller.stop()


@pytest.fixture
def http_provider() -> Iterator[HttpProvider]:
    with fake_http.running() as provider:
        yield provider
