import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from acuerdo.channels import explanations, secrets
from acuerdo.channels.adapter import (
    Delivery,
    File,
    InboundMessage,
    Malformed,
    OptOutNotice,
    Outcome,
    StatusChange,
    Unreadable,
)
from acuerdo.channels.hosted_mail.adapter import ADAPTER
from acuerdo.channels.hosted_mail.providers import PROVIDERS
from acuerdo.channels.hosted_mail.tests.contract import (
    BOUNCED,
    COMPLAINT,
    DELIVERED,
    SENT,
    SUBJECT,
    deliver,
    line,
)
from acuerdo.channels.tests.contract import SECRET
from acuerdo.channels.tests.fake_http import HttpProvider

ID = SENT["MessageID"]
LETTER = (
    "From: Ana <ana@example.com>\r\nTo: reply@acme.example\r\nSubject: Re: Aviso\r\n"
    "Message-ID: <abc@example.com>\r\nIn-Reply-To: <token-1@acme.example>\r\n\r\nYa pagué ayer.\r\n"
)


def test_letter_is_posted_with_its_own_names(http_provider: HttpProvider) -> None:
    http_provider.say(200, SENT)
    file = File("estado.pdf", "application/pdf", b"%PDF")
    result = ADAPTER.send(line(http_provider.port), replace(SUBJECT.parcel, files=(file,)))
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, ID)
    (asked,) = http_provider.asked
    assert (asked.path, asked.headers["X-Postmark-Server-Token"]) == ("/email", SECRET)
    sent = json.loads(asked.body)
    assert (sent["To"], sent["Subject"]) == ("ana@example.com", "Aviso")
    assert "su cuota vence hoy" in sent["TextBody"]
    assert "<p" in sent["HtmlBody"]
    assert sent["Metadata"] == {"token": "token-1"}
    assert sent["Attachments"][0]["Name"] == "estado.pdf"
    headers = {one["Name"]: one["Value"] for one in sent["Headers"]}
    assert headers["Message-ID"] == "<token-1@acme.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["X-PM-KeepID"] == "true"


ACCEPTED: dict[str, tuple[int, Any]] = {
    "brevo": (201, {"messageId": "<b-1@smtp>"}),
    "mailgun": (200, {"id": "<m-1@acme.example>", "message": "Queued. Thank you."}),
    "mailjet": (
        200,
        {"Messages": [{"Status": "success", "To": [{"Email": "ana@example.com", "MessageID": 9}]}]},
    ),
    "postmark": (200, SENT),
    "sendgrid": (202, b""),
    "sparkpost": (
        200,
        {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "7"}},
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("service", sorted(PROVIDERS))
def test_every_service_takes_a_letter_once(service: str, http_provider: HttpProvider) -> None:
    http_provider.say(*ACCEPTED[service])
    result = ADAPTER.send(line(http_provider.port, service), SUBJECT.parcel)
    assert result.outcome == Outcome.ACCEPTED, result
    assert result.provider_id
    assert len(http_provider.asked) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("service", sorted(PROVIDERS))
@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        (401, Outcome.NOT_TAKEN, "revoked"),
        (429, Outcome.NOT_TAKEN, "429"),
        (400, Outcome.REFUSED, "400"),
        (408, Outcome.UNCERTAIN, "408"),
        (500, Outcome.UNCERTAIN, "500"),
        (302, Outcome.UNCERTAIN, "no_answer"),
    ],
)
def test_every_service_fails_alike(
    service: str, status: int, outcome: str, code: str, http_provider: HttpProvider
) -> None:
    http_provider.say(status, {"message": f"no {SECRET}"}, Location=f"{http_provider.url}/other")
    result = ADAPTER.send(line(http_provider.port, service), SUBJECT.parcel)
    assert (result.outcome, result.code) == (outcome, code)
    assert SECRET not in result.detail
    assert len(http_provider.asked) == 1
    assert explanations.explain("hosted_mail", code).is_known


@pytest.mark.parametrize(
    ("code", "words", "told", "fault"),
    [
        (300, "Invalid 'To' address: 'ana@example.com'.", "invalid", "hard_bounce"),
        (406, "You tried to send to recipient(s) that have been marked as inactive.\nFound inactive addresses: ana@example.com.\nInactive recipients are ones that have generated a hard bounce.", "rejected", ""),
    ],
)  # fmt: skip
def test_address_that_the_service_will_not_write_to(
    code: int, words: str, told: str, fault: str, http_provider: HttpProvider
) -> None:
    http_provider.say(422, {"ErrorCode": code, "Message": words})
    result = ADAPTER.send(line(http_provider.port), SUBJECT.parcel)
    assert (result.outcome, result.code, result.address_fault) == (Outcome.REFUSED, told, fault)


def parsed(content: object, query: str = "", service: str = "postmark") -> list[object]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = "application/json" if not isinstance(content, bytes) else FORM
    return [*ADAPTER.parse(line(9, service), Delivery(body, kind, query=query))]


FORM = "application/x-www-form-urlencoded"


def test_notices_are_read_in_our_words() -> None:
    (delivered,) = parsed(DELIVERED)
    (bounced,) = parsed(BOUNCED)
    wish, complaint = parsed(COMPLAINT)
    assert isinstance(delivered, StatusChange)
    assert (delivered.status, delivered.token, delivered.provider_id) == (
        "delivered",
        "token-1",
        ID,
    )
    assert delivered.at
    assert isinstance(bounced, StatusChange)
    assert (bounced.status, bounced.code, bounced.address_fault) == (
        "failed",
        "bounced",
        "hard_bounce",
    )
    assert bounced.detail.startswith("550 5.1.1")
    assert isinstance(wish, OptOutNotice)
    assert wish.sender == "ana@example.com"
    assert isinstance(complaint, StatusChange)
    assert (complaint.status, complaint.address_fault) == ("delivered", "complaint")


def test_full_box_and_delay_blame_no_address() -> None:
    (soft,) = parsed(BOUNCED | {"Type": "SoftBounce"})
    assert isinstance(soft, StatusChange)
    assert (soft.status, soft.address_fault) == ("failed", "")
    assert parsed(BOUNCED | {"Type": "Transient"}) == []


def test_letter_of_a_person_comes_in_by_the_address_for_it() -> None:
    (message,) = parsed({"RawEmail": LETTER}, "kind=inbound")
    assert isinstance(message, InboundMessage)
    assert (message.sender, message.name, message.body) == (
        "ana@example.com",
        "Ana",
        "Ya pagué ayer.",
    )
    assert message.answers == ("<token-1@acme.example>",)
    with pytest.raises(Unreadable):
        parsed({"RawEmail": LETTER, "FromFull": {"Email": "ana@example.com"}})
    with pytest.raises(Unreadable):
        parsed(DELIVERED, "kind=inbound")


def test_letter_by_mailgun_is_signed_and_read() -> None:
    account = line(9, "mailgun")
    stamp = {"timestamp": "1773154860", "token": "t" * 50}
    key = f"{SECRET}-sign".encode()
    signed = hmac.new(key, (stamp["timestamp"] + stamp["token"]).encode(), hashlib.sha256)
    fields = stamp | {"signature": signed.hexdigest(), "recipient": "reply@acme.example"}
    body = urlencode(fields | {"body-mime": LETTER}).encode()
    delivery = replace(deliver(account, body), content_type=FORM, query="kind=inbound")
    assert ADAPTER.verify(account, delivery)
    assert not ADAPTER.verify(account, replace(delivery, body=body.replace(b"token=t", b"token=u")))
    assert not ADAPTER.verify(account, replace(delivery, headers={}))
    (message,) = ADAPTER.parse(account, replace(delivery, headers={}))
    assert isinstance(message, InboundMessage)
    assert message.body == "Ya pagué ayer."


@pytest.mark.parametrize("missing", ["webhook_secret", "signing_key"])
def test_mailgun_without_its_keys_is_not_believed(missing: str) -> None:
    account = line(9, "mailgun")
    told = secrets.unseal(account.secrets)
    account.secrets = secrets.seal(told | {missing: ""})
    assert not ADAPTER.verify(account, deliver(line(9), b"{}"))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[" * 9999, "application/json"),
        ("{}".encode("utf-16"), "application/json"),
        (b"hola", "text/plain"),
        (b"", FORM),
        (b"--x", "multipart/form-data"),
    ],
)
def test_noise_is_malformed(body: bytes, kind: str) -> None:
    with pytest.raises(Malformed):
        ADAPTER.parse(line(9), Delivery(body, kind))


@pytest.mark.parametrize("config", [{"service": ""}, {"service": "carrier-pigeon"}])
def test_account_without_a_service_sends_nothing(config: dict[str, str]) -> None:
    result = ADAPTER.send(line(9, **config), SUBJECT.parcel)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "misconfigured")
