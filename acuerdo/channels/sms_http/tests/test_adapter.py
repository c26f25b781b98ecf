import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from acuerdo.channels import exchange, explanations, readiness, secrets
from acuerdo.channels.adapter import Delivery, InboundMessage, Outcome, StatusChange, Unreadable
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_http import signature
from acuerdo.channels.sms_http.adapter import ADAPTER
from acuerdo.channels.sms_http.definition import Signature
from acuerdo.channels.sms_http.payloads import find
from acuerdo.channels.sms_http.tests.contract import MESSAGE, RECEIPT, SUBJECT, deliver, line
from acuerdo.channels.tests.contract import SECRET
from acuerdo.channels.tests.fake_http import HttpProvider

FORM = "application/x-www-form-urlencoded"
CALLBACK = "http://127.0.0.1:8000/webhooks/k3y/?token=token-1"


def test_json_gateway_gets_what_its_definition_says(http_provider: HttpProvider) -> None:
    http_provider.say(200, SUBJECT.accepted[1])
    assert ADAPTER.send(line(http_provider.port), SUBJECT.parcel).provider_id == "m-1"
    (asked,) = http_provider.asked
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    (message,) = json.loads(asked.body)["messages"]
    assert message == {
        "sender": "51900000000",
        "recipients": [{"to": "51987654321", "reference": "token-1"}],
        "text": "Señora Núñez: {{api_key}}",
        "notify_url": CALLBACK,
    }


def test_form_gateway_gets_fields(http_provider: HttpProvider) -> None:
    http_provider.say(200, {"resultado": 0, "id": 77})
    result = ADAPTER.send(line(http_provider.port, "form"), SUBJECT.parcel)
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, "77")
    fields = {
        key: value[0] for key, value in parse_qs(http_provider.asked[0].body.decode()).items()
    }
    assert fields["usuario"] == "acme"
    assert fields["clave"] == SECRET
    assert fields["urlaviso"] == CALLBACK
    assert fields["mensaje"] == SUBJECT.parcel.body


@pytest.mark.parametrize(
    ("status", "message", "outcome", "code", "fault"),
    [
        (200, {"status": "REJECTED", "error": {"code": "EC_X"}}, "refused", "EC_X", ""),
        (
            400,
            {"error": {"code": "EC_INVALID_DESTINATION"}},
            "refused",
            "EC_INVALID_DESTINATION",
            "hard_bounce",
        ),
        (
            200,
            {"status": "NO", "error": {"code": "EC_BLACKLISTED"}},
            "refused",
            "EC_BLACKLISTED",
            "opted_out",
        ),
        (200, {"status": "NO", "error": {"code": "EC_THROTTLED"}}, "not_taken", "EC_THROTTLED", ""),
        (403, {}, "not_taken", "revoked", ""),
        (200, {"error": {"code": "EC_KEY_DISABLED"}}, "not_taken", "revoked", ""),
        (402, {}, "not_taken", "402", ""),
        (200, {"id": "m-1"}, "uncertain", "200", ""),
        (200, {"status": "PENDING"}, "uncertain", "200", ""),
        (409, {}, "uncertain", "409", ""),
        (404, {}, "refused", "404", ""),
    ],
)
def test_answer_is_mapped_by_the_definition(
    http_provider: HttpProvider,
    status: int,
    message: dict[str, object],
    outcome: str,
    code: str,
    fault: str,
) -> None:
    http_provider.say(status, {"messages": [message]})
    result = ADAPTER.send(line(http_provider.port), SUBJECT.parcel)
    assert (result.outcome, result.code, result.address_fault) == (outcome, code, fault)
    assert len(http_provider.asked) == 1


def read(content: object, query: str = "") -> list[object]:
    body = json.dumps(content).encode()
    return [*ADAPTER.parse(line(9), Delivery(body, "application/json", query=query))]


def test_receipts_and_messages_are_read_by_their_paths() -> None:
    assert read(RECEIPT, "token=ours") == [
        StatusChange("delivered", "9", "token-1"),
        StatusChange("failed", "10", "ours", None, "EC_BLACKLISTED", "opted out", "opted_out"),
    ]
    assert read(MESSAGE) == [InboundMessage("mo-1", "51987654321", "Ya pagué")]


def test_form_notices_are_read() -> None:
    body = b"idexterno=t-1&id=77&estado=NO+ENTREGADO&motivo=apagado"
    assert ADAPTER.parse(line(9, "form"), Delivery(body, FORM)) == [
        StatusChange("failed", "77", "t-1", code="apagado")
    ]
    body = b"idmo=5&origen=51987654321&texto=%C2%BFCu%C3%A1nto+debo%3F"
    assert ADAPTER.parse(line(9, "form"), Delivery(body, FORM)) == [
        InboundMessage("5", "51987654321", "¿Cuánto debo?")
    ]


@pytest.mark.parametrize(
    "content", [{}, {"results": "x"}, {"results": [{"status": {"group": "?"}}]}]
)
def test_notice_of_another_shape_is_unreadable(content: object) -> None:
    with pytest.raises(Unreadable):
        read(content)


TOKEN = Signature(kind="token", header="X-Api-Token")
BASIC = Signature(kind="basic", user="acuerdo")
BASE64 = Signature(kind="hmac", header="X-S", algorithm="sha1", encoding="base64")


def token(secret: str, _body: bytes) -> dict[str, str]:
    return {"X-Api-Token": secret}


def basic(secret: str, _body: bytes) -> dict[str, str]:
    return {"Authorization": f"Basic {exchange.basic('acuerdo', secret)}"}


def hashed(secret: str, body: bytes) -> dict[str, str]:
    return {"X-S": signature.digest(BASE64, secret, body)}


@pytest.mark.parametrize(("kind", "prove"), [(TOKEN, token), (BASIC, basic), (BASE64, hashed)])
def test_each_kind_of_proof(kind: Signature, prove: Callable[[str, bytes], dict[str, str]]) -> None:
    delivery = Delivery(b"{}", "application/json", prove("s3", b"{}"))
    assert signature.is_signed(kind, "s3", delivery)
    assert not signature.is_signed(kind, "s4", delivery)
    assert not signature.is_signed(kind, "", Delivery(b"{}", "", prove("", b"{}")))
    assert not signature.is_signed(None, "s3", delivery)
    assert not signature.is_signed(kind, "s3", replace(delivery, headers={}))


def test_gateway_without_a_kind_of_proof_is_never_believed() -> None:
    account = line(9)
    gateway = json.loads(account.config["gateway"])
    del gateway["signature"]
    account.config["gateway"] = json.dumps(gateway)
    assert not ADAPTER.verify(account, deliver(account, b"{}"))


def test_key_that_no_header_can_hold_sends_nothing() -> None:
    account = line(9)
    account.secrets = secrets.seal({"api_key": "a\r\nX-Evil: 1"})
    result = ADAPTER.send(account, SUBJECT.parcel)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "misconfigured")


@pytest.mark.django_db
def test_wrong_definition_keeps_the_account_from_working() -> None:
    account = ChannelAccount(name="SMS", channel="sms", adapter="sms_http")
    account.config = {"gateway": '{"send": {}}'}
    (fault,) = readiness.faults(account)
    assert (fault.code, fault.field) == ("wrong_setting", "gateway")
    assert "send.url" in fault.sentence


def test_paths_never_stumble() -> None:
    content = {"a": [{"b": 1}], "a.0": 2, "x": None}
    assert find(content, "a.0.b") == 1
    assert find(content, "a.0") == 2
    for path in ("a.9.b", "a.b", "x.y", "a.0.b.c", "", "a.-1", "a.²"):
        assert find(content, path) is None


def test_common_answers_are_explained() -> None:
    for code in ("revoked", "402", "404", "503"):
        assert explanations.explain("sms_http", code).is_known
