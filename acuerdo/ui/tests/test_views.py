import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from acuerdo.ui import errors
from acuerdo.ui.gallery import SCENES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_of_the_gallery_is_drawn_without_inline_style(
    client: Client, settings: Settings, scene: str
) -> None:
    settings.DEMO = True
    html = client.get(f"/estilo/{scene}/").content.decode()
    assert "</html>" in html
    assert "style=" not in html
    assert " onclick" not in html


def test_the_gallery_is_not_served_in_production(client: Client) -> None:
    assert client.get("/estilo/").status_code == 404


@pytest.mark.parametrize("status", errors.STATUSES)
def test_an_error_is_a_part_inside_a_pane_and_a_page_outside(status: int) -> None:
    page = errors.error(RequestFactory().get("/x/"), status)
    part = errors.error(RequestFactory().get("/x/", HTTP_HX_REQUEST="true"), status)
    assert page.status_code == part.status_code == status
    assert b"<html" in page.content
    assert b"<html" not in part.content
    assert b"<h2>" in part.content


def test_the_sign_in_page_is_ours_and_in_spanish(client: Client) -> None:
    html = client.get("/cuenta/login/").content.decode()
    assert "Mantener la sesión en este equipo" in html
    assert "entrance" in html


def test_a_wrong_password_is_told_in_spanish(client: Client) -> None:
    form = {"login": "nadie@example.test", "password": "x"}
    answer = client.post("/cuenta/login/", form, headers={"Accept-Language": "en-US"})
    html = answer.content.decode()
    assert 'lang="es"' in html
    assert "contraseña" in html.split('role="alert"')[1].split("</div>")[0]
