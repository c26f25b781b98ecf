import pytest
from pytest_django import DjangoAssertNumQueries

from acuerdo.organization import access, reading, settings
from acuerdo.organization.models import Role
from acuerdo.organization.tests.factories import user

pytestmark = pytest.mark.django_db


def test_a_page_asks_for_settings_and_reach_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    supervisor = user(Role.SUPERVISOR)
    settings.current()
    with django_assert_num_queries(2), reading.kept():
        assert access.scope(supervisor) == access.scope(supervisor)
        assert settings.current().pk == 1


def test_nothing_is_remembered_after_the_page() -> None:
    settings.current()
    with reading.kept():
        assert settings.current().name == "Acuerdo"
    settings.update(name="Otra")
    assert settings.current().name == "Otra"
    with reading.kept():
        assert settings.current().name == "Otra"
