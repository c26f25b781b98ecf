"""Mail to the team: what the environment says of it, and whether the doctor finds a login that works."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from acuerdo.channels.tests.conftest import free_port
from acuerdo.server import doctor

ASK = (
    "from acuerdo.config import settings as s;"
    "print(s.EMAIL_PORT, s.EMAIL_USE_SSL, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD)"
)


def told(**variables: str) -> str:
    named = {f"ACUERDO_EMAIL_{name}": value for name, value in variables.items()}
    process = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "ACUERDO_SECRET_KEY": "key", **named},
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout.strip() or process.stderr


def test_the_environment_names_the_login_and_its_cover() -> None:
    login = {"USER": "team", "PASSWORD": "secret"}
    assert told() == "25 False False"
    assert told(SECURITY="starttls", PORT="587", **login) == "587 False True team secret"
    assert told(SECURITY="tls", **login) == "465 True False team secret"
    assert "ACUERDO_EMAIL_SECURITY is tls, starttls or none" in told(SECURITY="ssl")


@pytest.fixture
def mail_port() -> Iterator[int]:
    """Of a server that takes the password «right» of anybody."""

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        return AuthResult(success=login.password == b"right", handled=False)

    server = Controller(
        object(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=authenticate,
        auth_require_tls=False,
    )
    server.start()
    yield server.port
    server.stop()


@pytest.mark.parametrize(
    ("password", "state", "words"),
    [
        ("right", "ok", "takes the login"),
        ("wrong", "warn", "refuses the login"),
        ("", "warn", "ACUERDO_EMAIL_PASSWORD is not set"),
    ],
)
def test_the_doctor_tries_the_login(
    settings: Any, mail_port: int, password: str, state: str, words: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "team", password
    found = doctor.mail()
    assert (found.state, words in found.words) == (state, True)
