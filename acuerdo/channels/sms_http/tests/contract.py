import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Delivery, Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_http.adapter import ADAPTER
from acuerdo.channels.sms_http.definition import Signature
from acuerdo.channels.sms_http.signature import digest
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject

EXAMPLES = Path(settings.PACKAGE).parent / "examples"
SIGNED = Signature(kind="hmac", header="X-Signature", prefix="sha256=")


def example(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EXAMPLES / f"sms-gateway-{name}.json").read_text())
    return content


def line(port: int, name: str = "json") -> ChannelAccount:
    gateway = example(name)
    gateway["send"]["url"] = f"http://127.0.0.1:{port}/send"
    return ChannelAccount(
        key="k3y",
        sender="+51900000000",
        config={"gateway": json.dumps(gateway), "api_user": "acme"},
        secrets=secrets.seal({"api_key": SECRET, "webhook_secret": f"{SECRET}-in"}),
    )


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ADAPTER.wire, "timeout", IMPATIENCE)


def deliver(account: ChannelAccount, body: bytes) -> Delivery:
    secret = secrets.unseal(account.secrets).get("webhook_secret", "")
    headers = {"X-Signature": "sha256=" + digest(SIGNED, secret, body)}
    return Delivery(body, "application/json", headers, query="token=t")


RECEIPT = {
    "results": [
        {"id": "9", "reference": "token-1", "status": {"group": "DELIVERED", "code": "0"}},
        {
            "id": "10",
            "status": {"group": "REJECTED", "code": "EC_BLACKLISTED", "description": "opted out"},
        },
    ]
}
MESSAGE = {"inbound": [{"id": "mo-1", "from": "51987654321", "text": "Ya pagué"}]}

SUBJECT = Subject(
    line=line,
    parcel=Parcel("token-1", "sms", "+51987654321", "", "Señora Núñez: {{api_key}}"),
    hasten=hasten,
    accepted=(200, {"messages": [{"id": "m-1", "status": "PENDING"}]}),
    deliver=deliver,
    genuine={
        "receipt": json.dumps(RECEIPT).encode(),
        "message": json.dumps(MESSAGE).encode(),
    },
)
