"""A debtor writes: stored raw, told apart, shown in bold, answered, handed over."""

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import SECRET
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.customers.models import Customer
from acuerdo.flows.tests.factories import account
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.tests.factories import NOW
from acuerdo.organization.models import User
from tests.walks.machinery import drain_all

pytestmark = pytest.mark.django_db(transaction=True)


def write(provider: Provider, server: LiveServer, line: ChannelAccount, **said: str) -> None:
    """As the debtor, through the provider, which signs and posts its notice by itself."""
    told = {"callback": f"{server.url}/webhooks/{line.key}/", "secret": SECRET, **said}
    before = WebhookReceipt.objects.count()
    httpx.post(f"{provider.url}/inbound", json=told, trust_env=False).raise_for_status()
    for _turn in range(200):
        if WebhookReceipt.objects.count() > before:
            return
        httpx.get(f"{provider.url}/health", trust_env=False)
    raise AssertionError("the notice did not arrive")


def test_a_reply_is_bold_until_it_is_answered(
    provider: Provider, live_server: LiveServer, overdue: Customer, adviser: User
) -> None:
    line = account("whatsapp", url=provider.url)
    write(provider, live_server, line, **{"from": "+51987654321", "body": "¿Cuánto debo?"})
    assert not Message.objects.exists()
    drain_all()
    row = Conversation.objects.get(customer=overdue)
    assert (row.preview, row.unanswered) == ("¿Cuánto debo?", 1)
    assert row.pending_since is not None
    outbox.queue_message(
        overdue, channel="whatsapp", body="Son 300 soles.", origin="manual", by=adviser, at=NOW
    )
    drain_all(NOW)
    row.refresh_from_db()
    assert row.pending_since is None
    assert [each["body"] for each in provider.events()] == ["Son 300 soles."]


def test_the_same_message_told_twice_is_one(
    provider: Provider, live_server: LiveServer, overdue: Customer
) -> None:
    line = account("whatsapp", url=provider.url)
    for _time in range(2):
        write(provider, live_server, line, **{"from": "+51987654321", "body": "Hola", "id": "m-1"})
    drain_all()
    assert Interaction.objects.filter(status="received").count() == 1


def test_a_stranger_waits_among_the_unknown(
    provider: Provider, live_server: LiveServer, overdue: Customer
) -> None:
    line = account("whatsapp", url=provider.url)
    write(provider, live_server, line, **{"from": "+51911222333", "body": "Número equivocado"})
    drain_all()
    assert UnknownSender.objects.get().body == "Número equivocado"
    assert not Conversation.objects.filter(pending_since__isnull=False).exists()
