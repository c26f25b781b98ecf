"""News of an account that are read late, or in another order than they were told."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from acuerdo.channels import accounts, configuration, receipts
from acuerdo.channels.adapter import AccountNotice, Delivery
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account as simulated
from acuerdo.channels.whatsapp_cloud.tests.factories import payload
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import inbound, provider_news
from acuerdo.conversations.tests.factories import NOW, user
from acuerdo.conversations.tests.test_inbound import sent_message
from acuerdo.conversations.tests.whatsapp import account, provider_template
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def hear(
    line: ChannelAccount, kind: str, value: str, *, at: datetime, name: str = "", language: str = ""
) -> ChannelAccount:
    provider_news.heed(line, AccountNotice(kind, value, name, language), at=at)
    line.refresh_from_db()
    return line


def test_old_notice_does_not_stop_an_account_that_somebody_resumed_since() -> None:
    line = simulated()
    assert hear(line, "stopped", "DISABLE", at=NOW).stopped_reason
    assert accounts.resume(line, at=NOW + HOUR)
    assert not hear(line, "stopped", "DISABLE", at=NOW).stopped_reason
    assert hear(line, "stopped", "DISABLE", at=NOW + 2 * HOUR).stopped_reason


@pytest.mark.parametrize("notice", [("quality", "RED"), ("limit", "250")])
def test_old_notice_does_not_hold_an_account_that_was_switched_on_since(
    notice: tuple[str, str],
) -> None:
    line = simulated()
    for switch in (configuration.switch_off, configuration.switch_on):
        switch(line, by=user("administrator"), at=NOW + HOUR)
    before = hear(line, *notice, at=NOW)
    assert (before.quality, before.config.get("daily_recipients")) == ("", None)
    after = hear(line, *notice, at=NOW + 2 * HOUR)
    assert notice[1] in (after.quality, after.config.get("daily_recipients"))


def test_settings_typed_since_are_not_undone_and_another_name_changes_nothing() -> None:
    line, admin = account(daily_recipients="250"), user("administrator")
    configuration.switch_off(line, by=admin, at=NOW - HOUR)
    told: dict[str, Any] = {"sender": line.sender, "per_second": 0, "by": admin}
    configuration.update(line, name="Otro", values={}, at=NOW + HOUR, **told)
    assert hear(line, "limit", "500", at=NOW).config["daily_recipients"] == "500"
    values = {"daily_recipients": "1000"}
    configuration.update(line, name="Otro", values=values, at=NOW + HOUR, **told)
    assert hear(line, "limit", "250", at=NOW).config["daily_recipients"] == "1000"


def test_of_two_the_one_that_was_told_last_counts() -> None:
    line = account()
    hear(line, "quality", "GREEN", at=NOW + HOUR)
    assert hear(line, "quality", "RED", at=NOW).quality == "GREEN"
    hear(line, "limit", "1000", at=NOW + HOUR)
    assert hear(line, "limit", "250", at=NOW).config["daily_recipients"] == "1000"


def test_old_notice_does_not_stop_a_template_of_a_newer_list() -> None:
    line = account()
    kept = provider_template(line)
    hear(line, "template", "PAUSED", at=NOW - HOUR, name=kept.name, language=kept.language)
    kept.refresh_from_db()
    assert kept.status == "APPROVED"


def test_moment_that_lies_in_the_future_is_that_of_the_notice_itself() -> None:
    line = account()
    message = sent_message(line)
    Message.objects.filter(pk=message.pk).update(account=line)
    content = json.loads(payload("statuses"))
    content["entry"][0]["changes"][0]["value"]["statuses"] = [
        {"id": "sim-1", "status": "delivered", "timestamp": "4000000000"}
    ]
    delivery = Delivery(json.dumps(content).encode(), "application/json")
    receipts.keep(line, delivery, event_key="late", at=NOW + HOUR)
    with clock.travel(NOW + 9 * HOUR):
        inbound.drain()
    message.interaction.refresh_from_db()
    assert message.interaction.delivered_at == NOW + HOUR
