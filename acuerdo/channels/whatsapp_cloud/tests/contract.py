import pytest

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Delivery, Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.channels.whatsapp_cloud.tests.factories import PAYLOADS, account, signed


def line(port: int) -> ChannelAccount:
    made = account(f"http://127.0.0.1:{port}")
    made.secrets = secrets.seal(
        {"access_token": SECRET, "app_secret": f"{SECRET}-app", "verify_token": f"{SECRET}-verify"}
    )
    return made


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ADAPTER.wire, "timeout", IMPATIENCE)


def deliver(made: ChannelAccount, body: bytes) -> Delivery:
    secret = secrets.unseal(made.secrets).get("app_secret", "")
    return Delivery(body, "application/json", signed(body, secret))


SUBJECT = Subject(
    line=line,
    parcel=Parcel("token-1", "whatsapp", "+51987654321", "", "Hola, Ana"),
    hasten=hasten,
    accepted=(200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}),
    deliver=deliver,
    genuine={
        path.stem: path.read_bytes()
        for path in PAYLOADS.glob("*.json")
        if path.stem != "another_number"
    },
)
