"""What goes wrong with one message of a turn, or while a turn is written down."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.decide import Ask
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.conversations.models import Message, Outgoing
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock, failpoints

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(provider: Provider) -> ChannelAccount:
    return account(url=provider.url)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def test_message_that_cannot_be_packed_fails_alone(
    provider: Provider, line: ChannelAccount
) -> None:
    odd, good = queued(customer()), queued(customer())
    Message.objects.filter(pk=odd.pk).update(template_call={"language": "es"})
    drain()
    assert (status(odd), status(good), len(provider.events())) == ("failed", "sent", 1)
    assert not Outgoing.objects.exists()


def test_message_that_cannot_be_judged_holds_back_no_other(
    provider: Provider, line: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, good = queued(customer()), queued(customer())
    judge = decide.many

    def stumbling(asks: Sequence[Ask], **how: Any) -> list[Verdict]:
        if any(ask.interaction_id == odd.pk for ask in asks):
            raise ZeroDivisionError
        return judge(asks, **how)

    monkeypatch.setattr(decide, "many", stumbling)
    drain()
    drain()
    assert (status(odd), status(good)) == ("scheduled", "sent")
    assert Outgoing.objects.get().due_at > NOW


def test_what_could_not_be_written_down_at_once_is_not_forgotten(
    provider: Provider, line: ChannelAccount
) -> None:
    message = queued(customer())
    with failpoints.armed(outbox__settling="raise@1"):
        drain()
    assert (status(message), len(provider.events())) == ("sent", 1)


def test_wrong_setting_of_the_account_uses_up_no_message(line: ChannelAccount) -> None:
    message = queued(customer())
    line.adapter, line.secrets = "sms_twilio", secrets.seal({})
    line.save(update_fields=["adapter", "secrets"])
    drain()
    line.refresh_from_db()
    assert (status(message), Outgoing.objects.get().tries) == ("scheduled", 0)
    assert line.paced_until is not None
