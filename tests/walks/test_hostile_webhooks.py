"""Bodies of the wrong kind at the webhook's address: turned away, never stored, never a 5xx."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.sms_twilio import signature
from acuerdo.channels.tests.factories import NOW, SECRET, account
from acuerdo.primitives import signing

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
NESTED = b"[" * 10_000 + b"]" * 10_000
Sign = Callable[[ChannelAccount, bytes, str], dict[str, str]]


def hub(line: ChannelAccount, body: bytes, secret: str = SECRET) -> dict[str, str]:
    del line
    return {"X-Acuerdo-Signature": "sha256=" + signing.hmac_sha256(secret, body)}


def twilio_account(sid: str = "AC1", token: str = SECRET) -> ChannelAccount:
    return accounts.create(
        name="SMS",
        channel="sms",
        adapter="sms_twilio",
        sender="+51900000000",
        config={"account_sid": sid},
        secret_values={"auth_token": token},
        at=NOW,
    )


def twilio(line: ChannelAccount, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Signed over whatever the body says it is, as one who has the key could."""
    url = f"http://127.0.0.1:8000/webhooks/{line.key}/"
    fields = [
        tuple(pair.split("=", 1)) for pair in body.decode("latin-1").split("&") if "=" in pair
    ]
    return {"X-Twilio-Signature": signature.sign(secret, url, fields)}  # type: ignore[arg-type]


def post(line: ChannelAccount, body: bytes, kind: str, headers: dict[str, str]) -> int:
    client = Client(raise_request_exception=False)
    path = f"/webhooks/{line.key}/"
    return client.post(path, body, content_type=kind, headers=headers).status_code


HOSTILE = {
    "invalid JSON": (b'{"messages": [', JSON),
    "10 MB": (b'{"messages": ["' + b"x" * 10_000_000 + b'"]}', JSON),
    "10,000 nested arrays": (NESTED, JSON),
    "nested deep inside": (b'{"messages": ' + NESTED + b"}", JSON),
    "UTF-16": ('{"messages": []}'.encode("utf-16"), JSON),
    "Latin-1": ('{"messages": [{"id": "x", "from": "y", "body": "ñ"}]}'.encode("latin-1"), JSON),
    "no object": (b'"hola"', JSON),
    "endless number": (b'{"messages": ' + b"9" * 5000 + b"}", JSON),
    "form for JSON": (b"messages=1", FORM),
    "NUL": (b"\x00", JSON),
    "nothing": (b"", JSON),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_signed_noise_is_turned_away(name: str) -> None:
    body, kind = HOSTILE[name]
    line = account()
    assert 400 <= post(line, body, kind, hub(line, body)) < 500
    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"form for JSON"}))
def test_signed_noise_for_a_form_is_turned_away(name: str) -> None:
    body, kind = HOSTILE[name]
    line = twilio_account()
    assert 400 <= post(line, body, kind, twilio(line, body)) < 500
    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("make", [account, twilio_account])
@pytest.mark.parametrize(
    "headers", [{}, {"X-Acuerdo-Signature": "sha256=", "X-Twilio-Signature": "x"}]
)
def test_unsigned_is_refused(make: Callable[[], ChannelAccount], headers: dict[str, str]) -> None:
    assert post(make(), b"From=%2B1&Body=hola&MessageSid=SM1", FORM, headers) == 403
    assert not WebhookReceipt.objects.exists()


def test_signed_by_another_account_is_refused() -> None:
    line, body = account(), json.dumps({"messages": []}).encode()
    assert post(line, body, JSON, hub(line, body, "the-other-secret")) == 403
    line, body = twilio_account(), b"AccountSid=AC2&Body=hola&From=1&MessageSid=SM1"
    assert post(line, body, FORM, twilio(line, body, "the-other-secret")) == 403
    # Signed with our key, as a sub-account might share it, and still not ours.
    assert post(line, body, FORM, twilio(line, body)) == 403
    assert not WebhookReceipt.objects.exists()


def test_genuine_notice_still_gets_through() -> None:
    line, body = account(), json.dumps({"messages": []}).encode()
    assert post(line, body, JSON, hub(line, body)) == 200
    line, body = twilio_account(), b"AccountSid=AC1&Body=hola&From=1&MessageSid=SM1"
    assert post(line, body, FORM, twilio(line, body)) == 200
    assert WebhookReceipt.objects.count() == 2


def test_nothing_on_the_way_uses_up_the_body_of_a_form_with_files() -> None:
    """Once a form with files was read, no bytes are left to verify."""
    line, body = account(), json.dumps({"messages": []}).encode()
    assert post(line, body, "multipart/form-data; boundary=x", hub(line, body)) == 200
