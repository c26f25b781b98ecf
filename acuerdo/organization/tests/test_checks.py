"""Mail to the team that is set by halves is told before somebody waits for a letter."""

from typing import Any

import pytest

from acuerdo.organization import checks


@pytest.mark.parametrize(
    ("user", "password", "starttls", "host", "told"),
    [
        ("", "", False, "mail.example", []),
        ("team", "", True, "mail.example", ["organization.W001"]),
        ("", "secret", True, "mail.example", ["organization.W001"]),
        ("team", "secret", False, "mail.example", ["organization.W002"]),
        ("team", "secret", False, "localhost", []),
        ("team", "secret", True, "mail.example", []),
    ],
)
def test_half_a_login_and_a_bare_password_are_told(
    settings: Any, user: str, password: str, starttls: bool, host: str, told: list[str]
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = host, starttls
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = user, password
    found = checks.team_mail_is_set_whole()
    assert [each.id for each in found] == told
