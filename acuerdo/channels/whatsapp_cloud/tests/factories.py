"""A WhatsApp account and what Meta posts, for tests."""

import json
from pathlib import Path
from typing import Any

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Delivery, Notice
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import NOW
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.primitives import signing

PAYLOADS = Path(__file__).parent / "payloads"
NUMBER = "100200300400500"
BUSINESS = "900800700600500"
SECRETS = {
    "access_token": "EAAG-test",
    "app_secret": "app-secret",
    "verify_token": "a word of ours",
}


def account(url: str = "", **config: object) -> ChannelAccount:
    """Not saved."""
    settings = {"phone_number_id": NUMBER, "business_account_id": BUSINESS, **config}
    return ChannelAccount(
        name="WhatsApp",
        channel="whatsapp",
        adapter="whatsapp_cloud",
        sender="+51900000000",
        key="whatsapp-key",
        config=settings | ({"url": url} if url else {}),
        secrets=secrets.seal(SECRETS),
        created_at=NOW,
    )


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def parsed(name: str) -> list[Notice]:
    return ADAPTER.parse(account(), Delivery(payload(name), "application/json"))


def parse(content: Any) -> list[Notice]:
    return ADAPTER.parse(account(), Delivery(json.dumps(content).encode(), "application/json"))


def signed(body: bytes, secret: str = SECRETS["app_secret"]) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={signing.hmac_sha256(secret, body)}"}
