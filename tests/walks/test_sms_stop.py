"""STOP by Twilio's own wire: heard once, answered by one side only."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_twilio import signature
from acuerdo.channels.tests.factories import NOW, SECRET
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.tests.factories import customer, phone_of
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db


def twilio() -> ChannelAccount:
    return accounts.create(
        name="SMS", channel="sms", adapter="sms_twilio", sender="+51900000000",
        config={"account_sid": "AC1"}, secret_values={"auth_token": SECRET}, at=NOW,
    )  # fmt: skip


def write(line: ChannelAccount, **fields: str) -> None:
    path = f"/webhooks/{line.key}/"
    signed = signature.sign(SECRET, f"http://127.0.0.1:8000{path}", fields.items())
    form = "application/x-www-form-urlencoded"
    headers = {signature.HEADER: signed}
    answer = Client().post(path, urlencode(fields), content_type=form, headers=headers)
    assert answer.status_code == 200
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()


@pytest.mark.parametrize(("wish", "answers"), [({}, 1), ({"OptOutType": "STOP"}, 0)])
def test_person_hears_from_one_side_only(wish: dict[str, str], answers: int) -> None:
    line, owner = twilio(), customer()
    number = phone_of(owner).value
    for sid in ("SM1", "SM2"):
        write(line, From=number, Body="Stop", MessageSid=sid, AccountSid="AC1", **wish)
    assert OptOut.objects.filter(customer=owner, channel="sms", lifted_at=None).count() == 1
    assert Message.objects.filter(interaction__source="opt_out_ack").count() == answers
    assert Message.objects.filter(body="Stop").count() == 2
