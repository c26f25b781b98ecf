from pathlib import Path

import pytest
from pytest_django import Settings

from acuerdo.channels import accounts, secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.customers.tests.factories import NOW
from acuerdo.organization import settings as organization
from acuerdo.simulator import lines, switchboard

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened() -> dict[str, ChannelAccount]:
    organization.update(tenant_type="creditor")
    return lines.open_all(at=NOW)


def test_each_channel_is_written_by_its_real_adapter(opened: dict[str, ChannelAccount]) -> None:
    adapters = {channel: account.adapter for channel, account in opened.items()}
    assert adapters == {
        "whatsapp": "whatsapp_cloud",
        "sms": "sms_twilio",
        "email": "hosted_mail",
        "call": "simulated",
    }
    assert all(lines.is_simulated(account) for account in opened.values())


def test_a_simulator_at_another_port_is_found_again(
    opened: dict[str, ChannelAccount], settings: Settings
) -> None:
    settings.PROVIDER_URL = "http://127.0.0.1:9999"
    lines.point_all()
    sms, mail = opened["sms"], opened["email"]
    sms.refresh_from_db()
    mail.refresh_from_db()
    assert sms.config["base_url"] == "http://127.0.0.1:9999"
    assert mail.config["api_url"] == "http://127.0.0.1:9999/v3"
    assert sms.config["account_sid"]


def test_a_line_that_somebody_made_real_is_left_alone(opened: dict[str, ChannelAccount]) -> None:
    line = opened["whatsapp"]
    accounts.reconfigure(line, {"url": "https://graph.facebook.com"})
    lines.point_all()
    line.refresh_from_db()
    assert line.config["url"] == "https://graph.facebook.com"
    assert not lines.is_simulated(line)


def test_a_real_line_without_an_address_is_no_line_of_the_simulator() -> None:
    organization.update(tenant_type="creditor")
    line = accounts.create(name="Real", channel="sms", adapter="sms_twilio", at=NOW)
    assert not lines.is_simulated(line)


def test_the_provider_knows_the_lines_before_it_starts_and_after(
    opened: dict[str, ChannelAccount], tmp_path: Path
) -> None:
    path = tmp_path / "provider.jsonl"
    for _start in range(2):
        lines.write_down(path)
    board = switchboard.reopened(path, secret="", auto=False)
    line = opened["whatsapp"]
    known = board.accounts[lines.callback(line)]
    assert known.secret == secrets.unseal(line.secrets)["app_secret"]
    assert board.manners_of(known.callback).until == "opened"
    assert len(board.accounts) == len(opened)
    board.log.close()
