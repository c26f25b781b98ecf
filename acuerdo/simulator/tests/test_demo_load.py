"""The invented debtors, and the people whose password everybody knows, stay in demonstrations."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from acuerdo.organization.models import Role, User

pytestmark = pytest.mark.django_db


@override_settings(DEMO=False)
def test_installation_takes_no_demo_data() -> None:
    with pytest.raises(CommandError):
        call_command("demo_load", customers=1)
    assert not User.objects.exists()


@override_settings(DEMO=True)
def test_demonstration_does_not_settle_in_the_database_of_an_installation() -> None:
    User.objects.create(email="jefa@example.com", name="Jefa", role=Role.ADMINISTRATOR)
    with pytest.raises(CommandError):
        call_command("demo_load", customers=1)
    assert User.objects.count() == 1
