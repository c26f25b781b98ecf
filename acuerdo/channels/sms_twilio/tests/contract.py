from pathlib import Path

import pytest

from acuerdo.channels import reading, secrets
from acuerdo.channels.adapter import Delivery, Malformed, Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_twilio import signature
from acuerdo.channels.sms_twilio.adapter import ADAPTER
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject

PAYLOADS = Path(__file__).parent / "payloads"
SID = "AC0000000000000000000000000000abcd"
URL = "https://cobranzas.example/webhooks/k3y/?token=t"


def line(port: int) -> ChannelAccount:
    return ChannelAccount(
        key="k3y",
        sender="+51900000000",
        config={"account_sid": SID, "base_url": f"http://127.0.0.1:{port}"},
        secrets=secrets.seal({"auth_token": SECRET}),
    )


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ADAPTER.wire, "timeout", IMPATIENCE)


def deliver(account: ChannelAccount, body: bytes) -> Delivery:
    token = secrets.unseal(account.secrets).get("auth_token", "")
    try:
        fields = reading.form(body)
    except Malformed:
        fields = []
    signed = {signature.HEADER: signature.sign(token, URL, fields)}
    return Delivery(body, reading.FORM, signed, query="token=t", url=URL)


SUBJECT = Subject(
    line=line,
    parcel=Parcel("token-1", "sms", "+51987654321", "", "Hola, Ana"),
    hasten=hasten,
    accepted=(201, {"sid": "SM1", "status": "queued"}),
    deliver=deliver,
    genuine={path.name: path.read_bytes() for path in PAYLOADS.glob("*.form")},
    content_type=reading.FORM,
)
