import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account

pytestmark = pytest.mark.django_db


def warned(id_: str) -> list[str]:
    found = run_checks(databases=["default"], include_deployment_checks=True)
    return [str(message.msg) for message in found if message.id == id_]


def test_an_active_account_without_its_settings_is_a_system_check() -> None:
    row = account()
    assert warned("channels.W001") == []
    ChannelAccount.objects.filter(pk=row.pk).update(secrets="")
    assert [row.name in words for words in warned("channels.W001")] == [True]
    ChannelAccount.objects.filter(pk=row.pk).update(is_active=False)
    assert warned("channels.W001") == []


def test_a_database_that_is_still_to_be_migrated_is_not_judged() -> None:
    """Else an upgrade would stop at the very check that comes before it."""
    account()
    ChannelAccount.objects.update(adapter="whatsapp_cloud")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE organization_organization RENAME COLUMN tenant_type TO later")
    assert warned("channels.W001") == []


@override_settings(IS_HTTPS=False, DEMO=False, DEBUG=False)
def test_an_address_that_providers_cannot_reach_is_a_system_check() -> None:
    assert len(warned("channels.W002")) == 1
    with override_settings(IS_HTTPS=True):
        assert warned("channels.W002") == []
