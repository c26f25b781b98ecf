"""Accounts as an administrator sets them up."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from acuerdo.channels import accounts, configuration, readiness, secrets, subscribers
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import NOW
from acuerdo.events.models import Event
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.organization.tests.factories import user
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return user("administrator")


def mailbox(by: User, **values: str) -> ChannelAccount:
    wanted = {"host": "mail.example.com", "password": "muy secreta"} | values
    return configuration.create(
        adapter="smtp", name="Cobranzas", channel="email", sender="cobranzas@example.com",
        per_second=5, values=wanted, by=by, at=NOW,
    )  # fmt: skip


def changed(row: ChannelAccount, *, by: User, **values: str) -> ChannelAccount:
    return configuration.update(
        row, name=row.name, sender=row.sender, per_second=0, values=values, by=by, at=NOW
    )


def test_a_new_account_is_off_and_its_secret_is_sealed(admin: User) -> None:
    row = mailbox(admin)
    assert not row.is_active
    assert "muy secreta" not in row.secrets
    assert secrets.unseal(row.secrets)["password"] == "muy secreta"
    assert "password" not in row.config
    assert "muy secreta" not in str(Event.objects.get(type="channel.changed").data)


def test_an_empty_secret_keeps_the_stored_one(admin: User) -> None:
    row = mailbox(admin)
    values = {"host": "otro.example.com", "password": ""}
    configuration.update(
        row, name="Avisos", sender="a@example.com", per_second=0, values=values, by=admin, at=NOW
    )
    row.refresh_from_db()
    assert (row.name, row.config["host"]) == ("Avisos", "otro.example.com")
    assert secrets.unseal(row.secrets)["password"] == "muy secreta"


def test_an_account_without_what_it_needs_is_not_switched_on(admin: User) -> None:
    row = mailbox(admin, host="")
    with pytest.raises(Refusal) as refused:
        configuration.switch_on(row, by=admin, at=NOW)
    assert "Servidor" in refused.value.sentence
    row.refresh_from_db()
    assert not row.is_active


def test_a_complete_account_is_switched_on_and_off(admin: User) -> None:
    row = mailbox(admin)
    configuration.switch_on(row, by=admin, at=NOW)
    assert ChannelAccount.objects.get().is_active
    configuration.switch_off(row, by=admin, at=NOW)
    assert not ChannelAccount.objects.get().is_active
    told = Event.objects.filter(type="channel.changed").order_by("id")
    assert [event.data["change"] for event in told] == ["created", "switched_on", "switched_off"]


def test_secrets_sealed_with_another_key_are_asked_for_again(admin: User) -> None:
    row = mailbox(admin)
    row.secrets = "gAAAA-not-ours"
    row.save(update_fields=["secrets"])
    assert [fault.code for fault in readiness.faults(row)] == ["sealed_with_another_key"]
    configuration.update(
        row, name=row.name, sender=row.sender, per_second=0, by=admin, at=NOW,
        values={"host": "mail.example.com", "password": "otra"},
    )  # fmt: skip
    row.refresh_from_db()
    assert readiness.faults(row) == []


def test_an_adapter_writes_only_by_its_own_channels(admin: User) -> None:
    with pytest.raises(Refusal):
        configuration.create(
            adapter="smtp", name="X", channel="sms", sender="", per_second=0, values={},
            by=admin, at=NOW,
        )  # fmt: skip


def test_a_setting_that_will_not_do_is_named_by_its_adapter(admin: User) -> None:
    row = configuration.create(
        adapter="sms_http", name="Local", channel="sms", sender="", per_second=0, by=admin, at=NOW,
        values={"gateway": "{no es json", "webhook_secret": "muy secreto"},
    )  # fmt: skip
    (fault,) = readiness.faults(row)
    assert (fault.code, fault.field) == ("wrong_setting", "gateway")
    with pytest.raises(Refusal):
        configuration.switch_on(row, by=admin, at=NOW)


class TestClause:
    """WA9, with the mail adapter standing on WhatsApp: the gate asks for the channel alone."""

    @pytest.fixture
    def line(self, admin: User) -> ChannelAccount:
        row = mailbox(admin)
        ChannelAccount.objects.filter(pk=row.pk).update(channel="whatsapp")
        row.refresh_from_db()
        return row

    def test_an_agency_has_to_answer_for_it_first(self, line: ChannelAccount, admin: User) -> None:
        settings.update(tenant_type="agency")
        with pytest.raises(Refusal) as refused:
            configuration.switch_on(line, by=admin, at=NOW)
        assert refused.value.code == "no_acknowledgement"
        row = configuration.acknowledge(line, by=admin, at=NOW)
        configuration.switch_on(line, by=admin, at=NOW)
        assert (row.by, row.at, row.tenant_type) == (admin, NOW, "agency")
        assert "Meta" in row.clause

    def test_a_buyer_does_not_lean_on_what_an_agency_said(
        self, line: ChannelAccount, admin: User
    ) -> None:
        settings.update(tenant_type="agency")
        configuration.acknowledge(line, by=admin, at=NOW)
        settings.update(tenant_type="buyer")
        with pytest.raises(Refusal):
            configuration.switch_on(line, by=admin, at=NOW)

    def test_a_creditor_needs_none_and_an_untold_kind_is_asked_for(
        self, line: ChannelAccount, admin: User
    ) -> None:
        with pytest.raises(Refusal) as refused:
            configuration.switch_on(line, by=admin, at=NOW)
        assert refused.value.code == "no_tenant_type"
        settings.update(tenant_type="creditor")
        configuration.switch_on(line, by=admin, at=NOW)
        line.refresh_from_db()
        assert line.is_active

    def test_an_account_that_is_active_from_the_start_is_asked_as_well(self) -> None:
        settings.update(tenant_type="agency")
        with pytest.raises(Refusal) as refused:
            accounts.create(name="W", channel="whatsapp", adapter="whatsapp_cloud", at=NOW)
        assert refused.value.code == "no_acknowledgement"
        assert not ChannelAccount.objects.exists()

    def test_another_kind_of_organisation_stops_what_nobody_answers_for(
        self, line: ChannelAccount, admin: User
    ) -> None:
        settings.update(tenant_type="creditor")
        configuration.switch_on(line, by=admin, at=NOW)
        settings.update(tenant_type="agency")
        subscribers.follow_settings(Event.objects.filter(type="settings.updated").latest("id"))
        line.refresh_from_db()
        assert "cláusula" in line.stopped_reason
        with pytest.raises(Refusal):
            accounts.resume(line, by=admin, at=NOW)
        configuration.acknowledge(line, by=admin, at=NOW)
        assert accounts.resume(line, by=admin, at=NOW)


def test_setting_that_was_changed_meanwhile_is_not_written_back(admin: User) -> None:
    row = mailbox(admin)
    seen_before = ChannelAccount.objects.get(pk=row.pk)
    accounts.limit_recipients(row, "1000", told_at=NOW)
    accounts.reconfigure(seen_before, {"host": "otro.example.com"})
    row.refresh_from_db()
    assert (row.config["daily_recipients"], row.config["host"]) == ("1000", "otro.example.com")


def limited_apart(pk: int) -> None:
    try:
        accounts.limit_recipients(ChannelAccount.objects.get(pk=pk), "1000", told_at=NOW)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_limit_told_while_somebody_saves_the_account_loses_neither(admin: User) -> None:
    row = mailbox(admin)
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            ChannelAccount.objects.select_for_update().get(pk=row.pk)
            told = other.submit(limited_apart, row.pk)
            time.sleep(0.5)
            accounts.reconfigure(row, {"host": "otro.example.com"})
        told.result(timeout=20)
    row.refresh_from_db()
    assert (row.config["daily_recipients"], row.config["host"]) == ("1000", "otro.example.com")
