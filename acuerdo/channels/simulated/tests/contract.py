import json

import pytest

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Delivery, Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.simulated.adapter import ADAPTER, SIGNATURE
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject
from acuerdo.primitives import signing


def line(port: int) -> ChannelAccount:
    return ChannelAccount(
        key="k3y",
        sender="+51900000000",
        config={"url": f"http://127.0.0.1:{port}"},
        secrets=secrets.seal({"secret": SECRET}),
    )


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ADAPTER.wire, "timeout", IMPATIENCE)


def deliver(account: ChannelAccount, body: bytes) -> Delivery:
    secret = secrets.unseal(account.secrets).get("secret", "")
    signed = {SIGNATURE: "sha256=" + signing.hmac_sha256(secret, body)}
    return Delivery(body, "application/json", signed)


SUBJECT = Subject(
    line=line,
    parcel=Parcel("token-1", "whatsapp", "+51987654321", "", "Hola, Ana"),
    hasten=hasten,
    accepted=(200, {"id": "sim-1"}),
    deliver=deliver,
    genuine={
        "message": json.dumps(
            {"messages": [{"id": "a", "from": "+51987654321", "body": "Hola", "name": "Ana"}]}
        ).encode(),
        "status": json.dumps(
            {"statuses": [{"id": "a", "token": "t", "status": "delivered", "code": "1"}]}
        ).encode(),
    },
)
