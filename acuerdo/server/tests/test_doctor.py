from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.organization import settings as organization
from acuerdo.primitives import clock
from acuerdo.server import doctor

pytestmark = pytest.mark.django_db


def test_a_sound_database_has_nothing_bad_to_say() -> None:
    found = {each.subject: each.state for each in doctor.examine()}
    assert found["database"] == found["migrations"] == found["clock"] == found["queue"] == "ok"
    assert "bad" not in found.values()


def test_a_pause_is_told_with_the_way_out() -> None:
    organization.pause_sending("Restaurado", at=clock.now())
    found = doctor.sending()
    assert found.state == "warn"
    assert "Restaurado" in found.words
    assert "release-sending" in found.remedy


def test_a_silent_worker_is_noticed_and_a_living_one_too() -> None:
    assert doctor.worker().state == "warn"
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert doctor.worker().state == "ok"


def test_a_clock_that_was_moved_is_bad_outside_a_demonstration() -> None:
    clock.set_offset(timedelta(days=1))
    try:
        assert doctor.clock_skew().state == "bad"
    finally:
        clock.set_offset(timedelta(0))


def test_a_broken_check_is_itself_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> doctor.Finding:
        raise OSError("unreadable")

    broken.__name__ = "disk"
    monkeypatch.setattr(doctor, "disk", broken)
    found = [each for each in doctor.examine() if each.subject == "disk"]
    assert [(each.state, each.words) for each in found] == [("bad", "OSError: unreadable")]


def test_connections_come_from_a_pool() -> None:
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 0
    pool = getattr(connection, "pool", None)
    assert pool is not None
    connection.ensure_connection()
    assert pool.get_stats()["pool_size"] >= 1


@pytest.mark.django_db
def test_channels_are_named_with_what_keeps_them_from_sending() -> None:
    assert doctor.channels().state == "warn"
    line = account()
    assert doctor.channels().state == "ok"
    accounts.stop(line, reason="El token fue revocado")
    assert "El token fue revocado" in doctor.channels().words
    ChannelAccount.objects.update(secrets="", stopped_reason="")
    found = doctor.channels()
    assert found.state == "bad"
    assert "Falta" in found.words
    assert found.remedy
