"""Salud de los canales: figures that are their rows, and why nothing leaves."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from acuerdo.channels import accounts
from acuerdo.channels.adapter import Outcome, Result
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.sending import health, silence
from acuerdo.conversations.tests.factories import NOW, answered, customer, portfolio, queued, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.organization import settings
from acuerdo.organization.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def admin() -> User:
    return user("administrator")


@pytest.fixture
def worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


def report(who: User) -> health.Report:
    (found,) = health.reports(who, at=NOW)
    return found


def codes(who: User, *, at: timedelta = timedelta(0)) -> list[str]:
    moment = NOW + at
    return [cause.code for cause in silence.causes(health.reports(who, at=moment), at=moment)]


def fail(line: ChannelAccount, code: str) -> None:
    answered(line, Result(Outcome.REFUSED, code=code))


def test_every_counter_opens_as_many_rows(line: ChannelAccount, admin: User) -> None:
    for _each in range(3):
        queued(customer())
    fail(line, "refused")
    queued(customer())
    queued(customer(), due_at=NOW + timedelta(hours=1))
    browser = Browser(admin, at=NOW)
    page = browser.get("/envios/salud/").content.decode()
    found = re.findall(r'href="(/envios/por-resolver/[^"]+)"[^>]*>(\d+)<', page)
    assert sorted(int(count) for _href, count in found) == [1, 1, 3]
    for href, count in found:
        rows = browser.get(href.replace("&amp;", "&")).context["rows"]
        assert len(rows) == int(count), href


def test_a_supervisor_counts_only_what_he_may_open(line: ChannelAccount) -> None:
    boss = user("supervisor", portfolio())
    queued(customer())
    queued(customer(book=portfolio("other")))
    assert str(report(boss).due) == "1"


def test_last_hand_over_and_failures_of_the_day(line: ChannelAccount, admin: User) -> None:
    queued(customer())
    fail(line, "refused")
    told = report(admin)
    assert told.handed_over_at == NOW
    assert [(row.code, row.count) for row in told.failures] == [("refused", 1)]
    assert told.failures[0].why.remedy == "Escriba al cliente por otro canal."


@pytest.mark.usefixtures("worker")
def test_nothing_holds_and_nothing_is_due(line: ChannelAccount, admin: User) -> None:
    assert codes(admin) == ["empty"]
    queued(customer(), due_at=NOW + timedelta(hours=1))
    assert codes(admin) == ["nothing_due"]


def test_a_pause_and_a_dead_worker_come_first(line: ChannelAccount, admin: User) -> None:
    settings.pause_sending("restaurado de una copia", at=NOW)
    assert codes(admin)[:2] == ["paused", "no_worker"]


@pytest.mark.usefixtures("worker")
def test_a_stopped_account_is_named_with_its_reason(line: ChannelAccount, admin: User) -> None:
    accounts.stop(line, reason="El token fue revocado")
    causes = silence.causes(health.reports(admin, at=NOW), at=NOW)
    assert causes[0].code == "stopped"
    assert "El token fue revocado" in causes[0].sentence


@pytest.mark.usefixtures("worker")
def test_an_account_switched_off_with_a_queue_is_named(line: ChannelAccount, admin: User) -> None:
    queued(customer())
    ChannelAccount.objects.update(is_active=False)
    assert codes(admin)[:2] == ["no_account", "inactive"]


@pytest.mark.usefixtures("worker")
def test_a_setting_that_is_missing_is_named(line: ChannelAccount, admin: User) -> None:
    ChannelAccount.objects.update(secrets="")
    assert codes(admin)[0] == "missing_setting"


@pytest.mark.usefixtures("worker")
def test_a_provider_that_asked_for_a_pause_is_named(line: ChannelAccount, admin: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_channelaccount SET paced_until = clock_timestamp() + interval '5 min'"
        )
    assert codes(admin)[0] == "back_off"
    assert report(admin).waits_until


@pytest.mark.usefixtures("worker")
def test_closed_hours_are_named_with_when_they_open(line: ChannelAccount, admin: User) -> None:
    night = timedelta(hours=15)
    causes = silence.causes(health.reports(admin, at=NOW + night), at=NOW + night)
    assert causes[0].code == "closed"
    assert "Se abre" in causes[0].remedy


@pytest.mark.usefixtures("worker")
def test_an_old_queue_without_a_cause_is_told(line: ChannelAccount, admin: User) -> None:
    queued(customer())
    assert codes(admin, at=timedelta(minutes=5)) == ["late"]
    assert Outgoing.objects.exists()


def test_the_brakes_belong_to_administrators(line: ChannelAccount, admin: User) -> None:
    boss = user("supervisor", portfolio())
    for place in (f"{line.pk}/detencion/", f"{line.pk}/reanudacion/", "pausa/"):
        assert Browser(boss).post(f"/envios/salud/{place}").status_code == 403
    Browser(admin).post(f"/envios/salud/{line.pk}/detencion/", motivo="Factura impaga")
    line.refresh_from_db()
    assert line.stopped_reason == "Factura impaga"
    Browser(admin).post(f"/envios/salud/{line.pk}/reanudacion/")
    line.refresh_from_db()
    assert not line.stopped_reason


def test_what_a_restore_paused_is_released_from_the_page(line: ChannelAccount, admin: User) -> None:
    settings.pause_sending("restaurado de una copia", at=NOW)
    page = Browser(admin).get("/envios/salud/").content.decode()
    assert "Todos los envíos están en pausa: restaurado de una copia" in page
    answer = Browser(admin).post("/ajustes/organizacion/envios/", next="/envios/salud/")
    assert answer.headers["Location"] == "/envios/salud/"
    assert settings.current().sending_paused_at is None


def test_what_the_provider_holds_back_is_said(line: ChannelAccount, admin: User) -> None:
    queued(customer())
    Outgoing.objects.update(held_reason="quality_red")
    found = {cause.code: cause for cause in silence.causes([report(admin)], at=NOW)}
    assert "1" in found["held"].sentence
