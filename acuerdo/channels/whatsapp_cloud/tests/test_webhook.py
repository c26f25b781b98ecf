import pytest
from django.test import Client

from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.channels.whatsapp_cloud.tests.factories import SECRETS, account, payload, signed

ADDRESS = "/webhooks/whatsapp-key/"
ASKED = {"hub.mode": "subscribe", "hub.verify_token": "a word of ours", "hub.challenge": "1158"}


def post(client: Client, body: bytes, headers: dict[str, str]) -> int:
    answer = client.post(ADDRESS, body, content_type="application/json", headers=headers)
    return int(answer.status_code)


@pytest.fixture
def line(db: None) -> ChannelAccount:
    row = account()
    row.save()
    return row


def test_challenge_is_answered_with_its_own_word(client: Client, line: ChannelAccount) -> None:
    answer = client.get(ADDRESS, ASKED)
    assert (answer.status_code, answer.content) == (200, b"1158")
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [{"hub.verify_token": "guess"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}],
)
def test_challenge_of_a_stranger_is_refused(
    client: Client, line: ChannelAccount, changed: dict[str, str]
) -> None:
    assert client.get(ADDRESS, ASKED | changed).status_code == 403
    assert client.get("/webhooks/no-such-key/", ASKED).status_code == 404


def test_signature_is_over_the_very_bytes(client: Client, line: ChannelAccount) -> None:
    body = payload("text")
    assert post(client, body, signed(body)) == 200
    assert bytes(WebhookReceipt.objects.get().body) == body


@pytest.mark.parametrize("headers", [
    {},
    {"X-Hub-Signature-256": "sha256="},
    {"X-Hub-Signature-256": signed(payload("text"))["X-Hub-Signature-256"][:-1]},
    {"X-Hub-Signature-256": signed(payload("text"))["X-Hub-Signature-256"].removeprefix("sha256=")},
    signed(payload("text"), "another secret"),
    signed(payload("image")),
])  # fmt: skip
def test_wrong_signature_stores_nothing(
    client: Client, line: ChannelAccount, headers: dict[str, str]
) -> None:
    assert post(client, payload("text"), headers) == 403
    assert not WebhookReceipt.objects.exists()


def test_account_without_a_secret_refuses_everything(client: Client, line: ChannelAccount) -> None:
    ChannelAccount.objects.update(secrets="")
    assert post(client, payload("text"), signed(payload("text"), "")) == 403
    assert client.get(ADDRESS, ASKED | {"hub.verify_token": ""}).status_code == 403


def test_known_vector() -> None:
    """HMAC-SHA256 of RFC 4231, test case 2, as the header carries it."""
    assert signed(b"what do ya want for nothing?", "Jefe") == {
        "X-Hub-Signature-256": "sha256="
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    }


def test_secrets_are_not_in_the_row(line: ChannelAccount) -> None:
    assert not any(value in line.secrets for value in SECRETS.values())
    assert {need.name for need in ADAPTER.needs if need.is_secret} == set(SECRETS)
