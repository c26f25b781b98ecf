import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from acuerdo.channels import explanations, secrets
from acuerdo.channels.adapter import (
    Delivery,
    InboundMessage,
    OptOutNotice,
    Outcome,
    Parcel,
    StatusChange,
    Unfetchable,
    Unreadable,
)
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_twilio import signature
from acuerdo.channels.sms_twilio.adapter import ADAPTER
from acuerdo.channels.sms_twilio.codes import ADDRESS_FAULTS, CODES, REVOKED_CODES, WAITING
from acuerdo.channels.tests.fake_http import Asked, HttpProvider
from acuerdo.primitives import clock

PAYLOADS = Path(__file__).parent / "payloads"
SID = "AC0000000000000000000000000000abcd"
MESSAGE = "SM1f0e8ae6ade43cb3c0ce4525424e404f"
KEY = "an-auth-token"
PARCEL = Parcel("our/token", "sms", "+51987654321", "", "Señora Núñez: su cuota vence hoy")
FORM = "application/x-www-form-urlencoded"
MOMENT = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
URL = "https://cobranzas.example/webhooks/k3y/?token=our%2Ftoken"


def account(url: str = "http://127.0.0.1:9", **config: str) -> ChannelAccount:
    return ChannelAccount(
        key="k3y",
        sender="+51900000000",
        config={"account_sid": SID, "base_url": url, **config},
        secrets=secrets.seal({"auth_token": KEY}),
    )


def delivery(name: str, query: str = "") -> Delivery:
    return Delivery((PAYLOADS / name).read_bytes(), FORM, query=query, url=URL)


def test_message_is_posted_as_twilio_wants_it(http_provider: HttpProvider) -> None:
    http_provider.say(201, json.loads((PAYLOADS / "created.json").read_text()))
    result = ADAPTER.send(account(http_provider.url), PARCEL)
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, MESSAGE)
    (asked,) = http_provider.asked
    assert asked.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    callback = sent.pop("StatusCallback")
    assert sent == {"To": PARCEL.recipient, "Body": PARCEL.body, "From": "+51900000000"}
    assert callback == "http://127.0.0.1:8000/webhooks/k3y/?token=our%2Ftoken"


@pytest.mark.parametrize(("minutes", "seconds"), [(30, "1800"), (-5, "1"), (6000, "36000")])
def test_message_dies_when_its_window_closes(
    http_provider: HttpProvider, minutes: int, seconds: str
) -> None:
    http_provider.say(201, {"sid": MESSAGE})
    with clock.travel(MOMENT):
        parcel = replace(PARCEL, not_after=MOMENT + timedelta(minutes=minutes))
        ADAPTER.send(account(http_provider.url), parcel)
    assert parse_qs(http_provider.asked[0].body.decode())["ValidityPeriod"] == [seconds]


def test_messaging_service_replaces_the_number(http_provider: HttpProvider) -> None:
    http_provider.say(201, {"sid": MESSAGE})
    ADAPTER.send(account(http_provider.url, messaging_service="MG1"), PARCEL)
    sent = parse_qs(http_provider.asked[0].body.decode())
    assert sent["MessagingServiceSid"] == ["MG1"]
    assert "From" not in sent


@pytest.mark.parametrize(
    ("status", "code", "outcome", "told", "fault"),
    [
        (400, 21610, Outcome.REFUSED, "21610", "opted_out"),
        (400, 21614, Outcome.REFUSED, "21614", "not_on_channel"),
        (400, 21211, Outcome.REFUSED, "21211", "hard_bounce"),
        (400, 21408, Outcome.REFUSED, "21408", ""),
        (400, 21606, Outcome.NOT_TAKEN, "21606", ""),
        (429, 20429, Outcome.NOT_TAKEN, "20429", ""),
        (401, 20003, Outcome.NOT_TAKEN, "revoked", ""),
        (403, 20005, Outcome.NOT_TAKEN, "revoked", ""),
        (400, None, Outcome.REFUSED, "400", ""),
        (408, None, Outcome.UNCERTAIN, "408", ""),
        (500, 20500, Outcome.UNCERTAIN, "500", ""),
        (503, None, Outcome.UNCERTAIN, "503", ""),
        (302, None, Outcome.UNCERTAIN, "302", ""),
        (201, None, Outcome.UNCERTAIN, "no_answer", ""),
    ],
)
def test_code_decides_the_outcome(
    http_provider: HttpProvider, status: int, code: int | None, outcome: str, told: str, fault: str
) -> None:
    http_provider.say(status, {"code": code, "message": f"no: {KEY}", "status": status})
    result = ADAPTER.send(account(http_provider.url), PARCEL)
    assert (result.outcome, result.code, result.address_fault) == (outcome, told, fault)
    assert KEY not in result.detail
    assert len(http_provider.asked) == 1


def test_twilios_own_pace_is_kept(http_provider: HttpProvider) -> None:
    http_provider.say(429, {"code": 20429, "message": "slow down"}, Retry_After="7")
    result = ADAPTER.send(account(http_provider.url), PARCEL)
    assert (result.retry_after, result.waits) == (7, "account")


def test_every_code_that_decides_something_is_explained() -> None:
    for code in {*ADDRESS_FAULTS, *REVOKED_CODES, *WAITING, "revoked", "503"}:
        said = explanations.explain("sms_twilio", code)
        assert said.is_known, code
        assert said.remedy
    assert "BAJA" in str(CODES["21610"][0])


def test_words_of_a_person_are_read() -> None:
    (message,) = ADAPTER.parse(account(), delivery("inbound.form"))
    assert message == InboundMessage(MESSAGE, "+51987654321", "Ya pagué la cuota 👍 ")


def test_stop_that_twilio_answered_itself_is_told_before_the_message() -> None:
    notice, message = ADAPTER.parse(account(), delivery("opt_out.form"))
    assert notice == OptOutNotice("+51987654321", detail="Twilio: STOP")
    assert isinstance(message, InboundMessage)
    assert message.body == "Stop"


def test_files_are_named_and_not_fetched() -> None:
    (message,) = ADAPTER.parse(account(), delivery("media.form"))
    assert isinstance(message, InboundMessage)
    assert (message.kind, message.body) == ("image", "")
    assert [file.content_type for file in message.files] == ["image/jpeg", "application/pdf"]
    assert message.files[1].media_id.endswith("/Media/ME2")


def test_statuses_carry_our_token_and_the_fault() -> None:
    (news,) = ADAPTER.parse(account(), delivery("delivered.form", "token=our%2Ftoken"))
    assert news == StatusChange("delivered", MESSAGE, "our/token")
    (news,) = ADAPTER.parse(account(), delivery("undelivered.form"))
    assert news == StatusChange("failed", MESSAGE, code="30006", address_fault="not_on_channel")


@pytest.mark.parametrize(
    "body",
    [b"MessageStatus=eaten&MessageSid=SM1", b"MessageStatus=sent", b"Body=&From=%2B1", b"a=b"],
)
def test_odd_content_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTER.parse(account(), Delivery(body, FORM))


def signed(name: str, key: str = KEY, changes: dict[str, bytes] | None = None) -> Delivery:
    body = (PAYLOADS / name).read_bytes()
    for old, new in (changes or {}).items():
        body = body.replace(old.encode(), new)
    fields = [(k, v[0]) for k, v in parse_qs(body.decode(), keep_blank_values=True).items()]
    headers = {"X-Twilio-Signature": signature.sign(key, URL, fields)}
    return Delivery(body, FORM, headers, query="token=our%2Ftoken", url=URL)


def test_only_our_own_account_is_believed() -> None:
    assert ADAPTER.verify(account(), signed("delivered.form"))
    assert not ADAPTER.verify(account(), signed("delivered.form", "another"))
    assert not ADAPTER.verify(account(), signed("delivered.form", changes={SID: b"AC9"}))
    assert not ADAPTER.verify(ChannelAccount(config={"account_sid": SID}), signed("inbound.form"))


def listed(*rows: dict[str, object]) -> dict[str, object]:
    known = json.loads((PAYLOADS / "created.json").read_text())
    return {"messages": [known | row for row in rows]}


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([{}], Outcome.ACCEPTED),
        ([{"status": "failed", "error_code": 30006}], Outcome.REFUSED),
        ([], None),
        ([{}, {"sid": "SM2"}], None),
        ([{"date_created": "Tue, 10 Mar 2026 14:00:00 +0000"}], None),
        ([{"direction": "inbound"}], None),
        ([{"from": "+51911111111"}], None),
        ([{}, {"sid": "SM2", "from": "+51911111111"}], Outcome.ACCEPTED),
        ([{"date_created": "yesterday"}], None),
        ([{"sid": None}], None),
    ],
)
def test_look_up_proves_only_what_is_beyond_doubt(
    http_provider: HttpProvider, rows: list[dict[str, object]], outcome: str | None
) -> None:
    http_provider.say(200, listed(*rows))
    line = account(http_provider.url)
    found = ADAPTER.look_up(line, "t", PARCEL.recipient, MOMENT + timedelta(seconds=1))
    assert (found.outcome if found else None) == outcome
    assert "To=%2B51987654321" in http_provider.asked[0].path


def test_file_is_fetched_with_our_key_from_twilio_alone(http_provider: HttpProvider) -> None:
    http_provider.say(200, b"jpeg", Content_Type="image/jpeg")
    file = ADAPTER.fetch_media(
        account(http_provider.url), f"{http_provider.url}/Media/ME1", most_bytes=100
    )
    assert (file.content, file.content_type) == (b"jpeg", "image/jpeg")
    assert http_provider.asked[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("media_id", ["http://169.254.169.254/", "file:///etc/passwd", "", "x"])
def test_file_elsewhere_is_not_fetched(http_provider: HttpProvider, media_id: str) -> None:
    with pytest.raises(Unfetchable) as fault:
        ADAPTER.fetch_media(account(http_provider.url), media_id, most_bytes=100)
    assert fault.value.is_final
    assert not http_provider.asked


@pytest.mark.parametrize(
    ("status", "headers", "is_final"),
    [
        (307, {"Location": "http://127.0.0.1/evil"}, True),
        (307, {"Location": "https://mms.twiliocdn.com.evil.example/"}, True),
        (404, {}, True),
        (500, {}, False),
    ],
)
def test_file_that_cannot_be_had(
    http_provider: HttpProvider, status: int, headers: dict[str, str], *, is_final: bool
) -> None:
    def answer(_asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        return status, b"", headers

    http_provider.by_path = answer
    with pytest.raises(Unfetchable) as fault:
        ADAPTER.fetch_media(account(http_provider.url), f"{http_provider.url}/M", most_bytes=9)
    assert fault.value.is_final is is_final
    assert len(http_provider.asked) == 1


def test_file_without_an_end_is_given_up(http_provider: HttpProvider) -> None:
    http_provider.say(200, b"x" * 5000)
    with pytest.raises(Unfetchable) as fault:
        ADAPTER.fetch_media(account(http_provider.url), f"{http_provider.url}/M", most_bytes=100)
    assert fault.value.is_final
