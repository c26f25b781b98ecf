"""New keys of an account where a second person is asked for."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from acuerdo.channels import secret_proposals, secrets
from acuerdo.channels.models import ChannelAccount, SecretProposal
from acuerdo.channels.tests.factories import NOW
from acuerdo.channels.tests.test_configuration import changed, mailbox
from acuerdo.events.models import Event
from acuerdo.organization.models import User
from acuerdo.organization.tests.factories import user
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return user("administrator")


@pytest.fixture
def row(admin: User, settings: Any) -> ChannelAccount:
    made = mailbox(admin)
    settings.SECOND_PERSON = True
    return made


def password(row: ChannelAccount) -> str:
    row.refresh_from_db()
    return secrets.unseal(row.secrets)["password"]


def test_new_key_waits_sealed_until_another_administrator_confirms_it(
    row: ChannelAccount, admin: User
) -> None:
    changed(row, by=admin, host="otro.example.com", password="la nueva")
    assert password(row) == "muy secreta"
    assert row.config["host"] == "otro.example.com"
    proposal = secret_proposals.waiting(row)
    assert proposal
    assert proposal.names == ["password"]
    assert "la nueva" not in proposal.sealed
    secret_proposals.confirm(proposal, by=user("administrator"), at=NOW)
    assert password(row) == "la nueva"
    proposal.refresh_from_db()
    assert (proposal.sealed, proposal.outcome) == ("", "confirmed")
    assert "la nueva" not in str(list(Event.objects.values_list("data", flat=True)))


def test_keys_of_a_new_account_wait_as_well(admin: User, settings: Any) -> None:
    settings.SECOND_PERSON = True
    row = mailbox(admin)
    assert secrets.unseal(row.secrets) == {}
    proposal = secret_proposals.waiting(row)
    assert proposal
    secret_proposals.confirm(proposal, by=user("administrator"), at=NOW)
    assert password(row) == "muy secreta"


def test_nobody_confirms_their_own(row: ChannelAccount, admin: User) -> None:
    changed(row, by=admin, password="la nueva")
    proposal = secret_proposals.waiting(row)
    assert proposal
    with pytest.raises(Refusal) as refused:
        secret_proposals.confirm(proposal, by=admin, at=NOW)
    assert refused.value.code == "own_proposal"
    assert password(row) == "muy secreta"
    assert secret_proposals.waiting(row) == proposal


def test_another_key_replaces_the_one_that_waits(row: ChannelAccount, admin: User) -> None:
    changed(row, by=admin, password="primera")
    first = secret_proposals.waiting(row)
    changed(row, by=admin, password="segunda")
    assert first
    with pytest.raises(Refusal):
        secret_proposals.confirm(first, by=user("administrator"), at=NOW)
    assert SecretProposal.objects.filter(settled_at=None).count() == 1


def test_where_nobody_asks_for_it_a_key_counts_at_once(
    row: ChannelAccount, admin: User, settings: Any
) -> None:
    settings.SECOND_PERSON = False
    changed(row, by=admin, password="la nueva")
    assert password(row) == "la nueva"
    assert not SecretProposal.objects.exists()


def test_page_lets_the_other_one_confirm_and_both_discard(
    row: ChannelAccount, admin: User, client: Client
) -> None:
    changed(row, by=admin, password="la nueva")
    proposal = SecretProposal.objects.get()
    page, confirm = reverse("channels:account", args=[row.pk]), "/clave/confirmacion/"
    client.force_login(admin)
    shown = client.get(page).content.decode()
    assert confirm not in shown
    assert "/clave/descarte/" in shown
    address = reverse("channels:secret_confirmation", args=[row.pk])
    assert client.post(address, {"propuesta": proposal.pk}).status_code == 302
    assert password(row) == "muy secreta"
    client.force_login(user("administrator"))
    assert confirm in client.get(page).content.decode()
    client.post(address, {"propuesta": proposal.pk})
    assert password(row) == "la nueva"


def test_discarded_key_is_forgotten(row: ChannelAccount, admin: User, client: Client) -> None:
    changed(row, by=admin, password="la nueva")
    client.force_login(admin)
    address = reverse("channels:secret_dismissal", args=[row.pk])
    client.post(address, {"propuesta": SecretProposal.objects.get().pk})
    assert (password(row), SecretProposal.objects.get().sealed) == ("muy secreta", "")


def confirmed_apart(pk: int, by: int) -> str:
    proposal, other = SecretProposal.objects.get(pk=pk), User.objects.get(pk=by)
    try:
        secret_proposals.confirm(proposal, by=other, at=NOW)
    except Refusal as refusal:
        return refusal.code
    finally:
        connections.close_all()
    return ""


@pytest.mark.django_db(transaction=True)
def test_confirmed_while_it_is_discarded_is_discarded(row: ChannelAccount, admin: User) -> None:
    changed(row, by=admin, password="la nueva")
    proposal, second = SecretProposal.objects.get(), user("administrator")
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            secret_proposals.discard(proposal, by=admin, at=NOW)
            late = other.submit(confirmed_apart, proposal.pk, second.pk)
            time.sleep(0.5)
        assert late.result(timeout=20) == "stale_state"
    assert password(row) == "muy secreta"
