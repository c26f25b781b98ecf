"""The look and language of a person, from any browser, and of a browser nobody signed in from."""

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.organization.models import User
from acuerdo.organization.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def choose(client: Client, **chosen: str) -> str:
    address = reverse("organization:appearance")
    return str(client.post(address, {"next": "/estilo/"} | chosen)["Location"])


def test_a_chosen_look_follows_the_person_to_another_browser(
    client: Client, supervisor: User
) -> None:
    client.force_login(supervisor)
    assert choose(client, theme="dark", density="huge") == "/estilo/"
    supervisor.refresh_from_db()
    assert (supervisor.theme, supervisor.density) == ("dark", "comfortable")
    other = Client()
    other.force_login(supervisor)
    assert 'data-theme="dark"' in other.get("/clientes/").content.decode()


def test_a_person_reads_its_own_language(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    page = client.get("/ajustes/equipos/", headers={"Accept-Language": "en"}).content.decode()
    assert "Equipos" in page
    choose(client, language="en")
    answer = client.get("/ajustes/equipos/")
    assert 'lang="en"' in (page := answer.content.decode())
    assert "Teams" in page
    assert "Equipos" not in page
    assert answer["Content-Language"] == "en"


def test_the_sign_in_page_has_the_language_of_the_browsers_last_choice(client: Client) -> None:
    assert "Recuperar contraseña" in client.get("/cuenta/login/").content.decode()
    choose(client, language="en")
    assert "Recover password" in client.get("/cuenta/login/").content.decode()
    choose(client, language="xx")
    assert "Recover password" in client.get("/cuenta/login/").content.decode()


def test_a_choice_never_leads_to_another_site(client: Client) -> None:
    assert choose(client, theme="dark", next="https://example.com/") == "/"


def sign_in(client: Client, user: User) -> str:
    form = {"login": user.email, "password": PASSWORD}
    return client.post("/cuenta/login/", form, follow=True).content.decode()


def test_a_language_chosen_before_signing_in_is_kept(client: Client, supervisor: User) -> None:
    choose(client, language="en")
    assert 'lang="en"' in sign_in(client, supervisor)
    supervisor.refresh_from_db()
    assert supervisor.language == "en"


def test_the_language_of_the_last_person_is_not_given_to_the_next(
    client: Client, supervisor: User, administrator: User
) -> None:
    choose(client, language="en")
    sign_in(client, supervisor)
    client.post("/cuenta/logout/")
    sign_in(client, administrator)
    administrator.refresh_from_db()
    assert administrator.language != "en"


def test_signing_in_leaves_no_notice_over_the_work(client: Client, supervisor: User) -> None:
    page = sign_in(client, supervisor)
    assert "data-user" in page
    assert "data-toast " not in page
    assert "iniciado sesi" not in page
