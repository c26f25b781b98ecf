"""The sign-ins on the first page: of a demonstration, and of nothing else."""

import pytest
from django.test import Client
from pytest_django import Settings

from acuerdo.organization.models import Portfolio
from acuerdo.organization.tests.factories import portfolio
from acuerdo.simulator import cast

pytestmark = pytest.mark.django_db


def portfolio_of_the_demonstration() -> None:
    Portfolio.objects.filter(pk=portfolio().pk).update(code=cast.MARK)


def sign_in_page(client: Client) -> str:
    return client.get("/cuenta/login/").content.decode()


def test_a_demonstration_offers_its_people(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    portfolio_of_the_demonstration()
    page = sign_in_page(client)
    assert page.count('class="line grow demo-login"') == len(cast.LOGINS)
    assert f'name="login" value="{cast.LOGINS[0].email}"' in page
    assert f'form="demo-logins" name="password" value="{cast.PASSWORD}"' in page


@pytest.mark.parametrize("is_demo", [True, False])
def test_an_installation_with_real_data_offers_nobody(
    client: Client, settings: Settings, is_demo: bool
) -> None:
    settings.DEMO = is_demo
    if not is_demo:
        portfolio_of_the_demonstration()
    page = sign_in_page(client)
    assert cast.PASSWORD not in page
    assert "demo-login" not in page
