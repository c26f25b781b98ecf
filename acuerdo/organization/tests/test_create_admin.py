import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from acuerdo.organization.models import User
from acuerdo.organization.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def link_of(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("create_admin", "Ada@Example.com", "--name", "Ada")
    found = re.search(r"https?://[^/]+(/\S+)", capsys.readouterr().out)
    assert found
    return found[1]


def test_the_first_administrator_chooses_a_password_and_signs_in(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    page = client.get(link_of(capsys), follow=True)
    action = page.redirect_chain[-1][0]
    client.post(action, {"password1": PASSWORD, "password2": PASSWORD})
    form = {"login": "ada@example.com", "password": PASSWORD}
    assert client.post("/cuenta/login/", form).status_code == 302
    assert client.get("/ajustes/usuarios/").status_code == 200


def test_asked_again_it_gives_another_link_to_the_same_person(
    capsys: pytest.CaptureFixture[str],
) -> None:
    link_of(capsys)
    link_of(capsys)
    assert User.objects.count() == 1


def test_somebody_who_works_here_already_is_refused(adviser: User) -> None:
    with pytest.raises(CommandError, match="Ya hay un usuario"):
        call_command("create_admin", adviser.email)
