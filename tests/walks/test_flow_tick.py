"""The clock ticks: a step is planned, asked twice, handed over once and reported back."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET
from acuerdo.contact_policy.models import Decision
from acuerdo.conversations.models import Attempt, Message
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.customers.models import Customer
from acuerdo.flows import days
from acuerdo.flows.models import StepRun
from acuerdo.flows.tests.factories import account, flow, step, template
from acuerdo.ledger import promises
from acuerdo.ledger.tests.factories import NOW, TODAY, soles
from acuerdo.primitives import clock, signing
from tests.walks.machinery import drain_all

pytestmark = pytest.mark.django_db(transaction=True)


def tick() -> None:
    with clock.travel(NOW):
        days.follow(at=NOW)


def notice(line: ChannelAccount, news: dict[str, str]) -> None:
    body = json.dumps({"statuses": [news]}).encode()
    signature = f"sha256={signing.hmac_sha256(SECRET, body)}"
    answer = Client().post(
        f"/webhooks/{line.key}/",
        body,
        content_type="application/json",
        headers={"X-Acuerdo-Signature": signature},
    )
    assert answer.status_code == 200


def test_a_step_is_sent_once_and_its_delivery_shown(
    overdue: Customer, paused: Customer, provider: Provider
) -> None:
    line = account(url=provider.url)
    owner = flow()
    step(owner, 10, template=template("sms", "{{nombre}}, debe {{saldo_total}}."))
    step(owner, 40)
    tick()
    tick()
    drain_all(NOW)
    drain_all(NOW + timedelta(minutes=5))
    sent = provider.events()
    assert [each["body"][:5] for each in sent] == ["Olga,"]
    assert Attempt.objects.get().token == sent[0]["token"]
    stages = set(Decision.objects.filter(answer="allow").values_list("stage", flat=True))
    assert "hand_off" in stages
    held = StepRun.objects.get(customer=paused)
    assert (held.status, held.reason) == ("skipped", "paused")
    notice(line, {"id": sent[0]["id"], "status": "delivered"})
    notice(line, {"id": sent[0]["id"], "status": "sent"})
    drain_all(NOW + timedelta(minutes=6))
    assert Message.objects.get().interaction.status == "delivered"


def test_a_promise_made_after_planning_still_silences(
    overdue: Customer, provider: Provider
) -> None:
    account(url=provider.url)
    step(flow(), 10)
    tick()
    promises.register(overdue, amount=soles(50), due_on=TODAY + timedelta(days=3), by=None, at=NOW)
    drain_all(NOW)
    assert provider.events() == []
    run = StepRun.objects.get(customer=overdue)
    assert (run.status, run.reason) == ("skipped", "promise_pending")
