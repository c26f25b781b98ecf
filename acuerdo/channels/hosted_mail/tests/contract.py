import json

import pytest

from acuerdo.channels import exchange, secrets
from acuerdo.channels.adapter import Delivery, Parcel
from acuerdo.channels.hosted_mail.adapter import ADAPTER
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject


def line(port: int, service: str = "postmark", **config: str) -> ChannelAccount:
    sealed = {
        "api_key": SECRET,
        "secret_key": f"{SECRET}-two",
        "webhook_secret": f"acuerdo:{SECRET}-in",
        "signing_key": f"{SECRET}-sign",
    }
    return ChannelAccount(
        sender="Cobranzas <cobranzas@acme.example>",
        config={"service": service, "api_url": f"http://127.0.0.1:{port}/", **config},
        secrets=secrets.seal(sealed),
    )


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ADAPTER, "timeout", IMPATIENCE)


def deliver(account: ChannelAccount, body: bytes) -> Delivery:
    user, _colon, password = (
        secrets.unseal(account.secrets).get("webhook_secret", ":").partition(":")
    )
    headers = {"Authorization": f"Basic {exchange.basic(user, password)}"}
    return Delivery(body, "application/json", headers)


DELIVERED = {
    "RecordType": "Delivery",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Recipient": "ana@example.com",
    "DeliveredAt": "2026-03-10T15:01:00Z",
    "Details": "250 OK",
    "Metadata": {"token": "token-1"},
}
BOUNCED = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Email": "ana@example.com",
    "BouncedAt": "2026-03-10T15:01:00Z",
    "Details": "550 5.1.1 no such user",
    "Description": "The server was unable to deliver your message.",
    "Metadata": {"token": "token-1"},
}
COMPLAINT = BOUNCED | {"RecordType": "SpamComplaint", "Type": "SpamComplaint"}
SENT = {
    "To": "ana@example.com",
    "SubmittedAt": "2026-03-10T15:00:00Z",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "ErrorCode": 0,
    "Message": "OK",
}

SUBJECT = Subject(
    line=line,
    parcel=Parcel(
        "token-1", "email", "ana@example.com", "Aviso", "Hola, Ana:\nsu cuota vence hoy",
        unsubscribe_url="https://cobranzas.example/baja/x/",
    ),
    hasten=hasten,
    accepted=(200, SENT),
    deliver=deliver,
    genuine={
        "delivered": json.dumps(DELIVERED).encode(),
        "bounced": json.dumps(BOUNCED).encode(),
        "complaint": json.dumps(COMPLAINT).encode(),
    },
    # Most of these services show a password, and sign nothing.
    covers_body=False,
)  # fmt: skip
