import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from acuerdo.channels.adapter import (
    MESSAGE_KINDS,
    AccountNotice,
    Delivery,
    InboundMessage,
    Malformed,
    OptOutNotice,
    StatusChange,
    Unreadable,
)
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.channels.whatsapp_cloud.tests.factories import (
    PAYLOADS,
    account,
    parse,
    parsed,
    payload,
)


def message(name: str) -> InboundMessage:
    (notice,) = parsed(name)
    assert isinstance(notice, InboundMessage)
    return notice


def test_text_with_number_and_scoped_id() -> None:
    got = message("text")
    assert (got.sender, got.sender_id) == ("51987654321", "bsuid:PE.5550001112223334")
    assert (got.body, got.name, got.kind) == ("¿Puedo pagar el viernes? 🙏", "Ana Quispe", "text")
    assert got.at == datetime(2026, 3, 10, 15, 0, 1, tzinfo=UTC)


def test_person_who_hides_the_number() -> None:
    got = message("without_number")
    assert (got.sender, got.sender_id, got.name) == ("bsuid:PE.5550001112223334", "", "Ana")
    assert got.content == {"username": "ana.q"}


@pytest.mark.parametrize(
    ("name", "kind", "body", "filename", "media_id"),
    [
        ("image", "image", "Mi comprobante", "image", "1700000000000001"),
        ("voice", "audio", "", "audio", "1700000000000002"),
        ("video", "video", "", "video", "1700000000000003"),
        ("document", "document", "Recibo de marzo", "recibo.pdf", "1700000000000004"),
        ("sticker", "sticker", "", "sticker", "1700000000000005"),
    ],
)
def test_files_are_named_to_be_fetched(
    name: str, kind: str, body: str, filename: str, media_id: str
) -> None:
    got = message(name)
    (file,) = got.files
    assert (got.kind, got.body) == (kind, body)
    assert (file.filename, file.media_id, file.content) == (filename, media_id, None)


@pytest.mark.parametrize(
    ("name", "kind", "body", "content"),
    [
        ("location", "location", "Plaza Mayor, Jirón de la Unión, Lima, -12.0464, -77.0428",
            {"latitude": -12.0464}),
        ("contacts", "contacts", "Luis Quispe +51 911 222 333 luis@example.com", {}),
        ("button_reply", "interactive", "Quiero pagar", {"id": "pagar"}),
        ("list_reply", "interactive", "Tres cuotas", {"description": "S/ 50 al mes"}),
        ("form_reply", "interactive", "fecha: 2026-03-20\nmonto: 50",
            {"answers_given": {"fecha": "2026-03-20", "monto": "50"}}),
        ("template_button", "interactive", "Ya pagué", {"id": "ya-pague"}),
        ("reaction", "reaction", "👍", {"emoji": "👍"}),
        ("reaction_removed", "reaction", "Quitó su reacción.", {}),
        ("number_change", "system", "Cambió su número de WhatsApp a +51955566677.",
            {"new_number": "51955566677", "event": "user_changed_number"}),
        ("unsupported", "unsupported", "Mensaje de un tipo que no se puede mostrar (unsupported).",
            {"detail": "Message type is currently not supported."}),
        ("order", "unsupported", "Mensaje de un tipo que no se puede mostrar (order).",
            {"type": "order"}),
    ],
)  # fmt: skip
def test_kinds(name: str, kind: str, body: str, content: dict[str, Any]) -> None:
    got = message(name)
    assert (got.kind, got.body) == (kind, body)
    assert content.items() <= got.content.items()
    assert got.kind in MESSAGE_KINDS
    assert got.is_automatic == (name == "number_change")


def test_quotes_and_reactions_name_the_message_they_are_about() -> None:
    assert message("text_quoting").answers == ("wamid.OURS0001",)
    assert message("template_button").answers == ("wamid.OURS0003",)
    assert message("reaction").answers == ("wamid.OURS0004",)


def test_statuses_carry_our_token_and_their_time() -> None:
    got = parsed("statuses")
    assert all(isinstance(one, StatusChange) for one in got)
    told = [one for one in got if isinstance(one, StatusChange)]
    assert [one.status for one in told] == ["sent", "delivered", "opened", "failed"]
    assert {(one.token, one.provider_id) for one in told} == {("token-1", "wamid.OURS0001")}
    assert told[0].at == datetime(2026, 3, 10, 15, 1, 40, tzinfo=UTC)
    charges = [(one.charged_as, one.is_billable) for one in told]
    assert charges == [("utility", True), ("utility", True), ("", None), ("", None)]
    assert (told[3].code, told[3].address_fault) == ("131026", "not_on_channel")


def test_undeliverable_alone_does_not_condemn_the_number() -> None:
    (told,) = parsed("status_undeliverable")
    assert isinstance(told, StatusChange)
    assert (told.status, told.code, told.address_fault) == ("failed", "131026", "")


def test_person_who_stopped_marketing() -> None:
    at = datetime(2026, 3, 10, 15, 3, 20, tzinfo=UTC)
    words = "User requested to stop marketing messages"
    assert parsed("preference_stop") == [OptOutNotice("51987654321", at, detail=words)]
    _status, stopped = parsed("status_marketing_stopped")
    assert isinstance(stopped, OptOutNotice)
    assert stopped.sender == "51987654321"


@pytest.mark.parametrize(
    ("name", "kind", "value", "about", "language"),
    [
        ("template_paused", "template", "PAUSED", "aviso_cuota", "es_PE"),
        ("template_rejected", "template", "REJECTED", "oferta", "es"),
        ("template_category", "template", "category:MARKETING", "aviso_cuota", "es_PE"),
        ("template_quality", "quality", "RED", "aviso_cuota", "es_PE"),
        ("account_disabled", "stopped", "DISABLE", "", ""),
    ],
)
def test_news_of_the_account(name: str, kind: str, value: str, about: str, language: str) -> None:
    (told,) = parsed(name)
    assert isinstance(told, AccountNotice)
    assert (told.kind, told.value, told.name, told.language) == (kind, value, about, language)


def test_news_of_the_account_are_of_the_moment_of_their_entry() -> None:
    (told,) = parsed("account_disabled")
    assert isinstance(told, AccountNotice)
    assert told.at == datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def test_flagged_number_tells_its_quality_and_limit() -> None:
    assert parsed("number_flagged") == [
        AccountNotice("quality", "RED"),
        AccountNotice("limit", "1000", detail="FLAGGED"),
    ]


def test_many_entries_changes_and_messages_in_one_post() -> None:
    one, other = json.loads(payload("text")), json.loads(payload("statuses"))
    both = {"object": one["object"], "entry": [*one["entry"], *other["entry"]]}
    assert len(parse(both)) == 5


def test_another_number_is_not_ours() -> None:
    with pytest.raises(Unreadable, match="another number: 999"):
        parsed("another_number")


def test_another_number_does_not_take_ours_with_it() -> None:
    one, other = json.loads(payload("text")), json.loads(payload("another_number"))
    told = parse({"object": one["object"], "entry": [*other["entry"], *one["entry"]]})
    assert [type(notice) for notice in told] == [InboundMessage, AccountNotice]


POISON: list[Any] = [
    None, 7, "x", [], {}, {"id": 3}, {"id": "w", "type": "text"}, {"from": "5", "type": "text"},
    {"id": "w", "from": "51987654321", "type": "image", "image": None},
    {"id": "w", "from": "51987654321", "type": "location", "location": {"latitude": "x"}},
    {"id": "w", "from": "51987654321", "type": "interactive", "interactive": {"type": "nfm_reply",
        "nfm_reply": {"response_json": "{"}}},
    {"id": "w", "from": "51987654321", "type": "text", "text": {"body": "a\x00\ud800"},
        "timestamp": "9" * 40},
    {"id": "w", "from": "51987654321", "type": ["text"], "errors": [7]},
]  # fmt: skip


@pytest.mark.parametrize("poison", POISON)
def test_one_bad_message_among_many_loses_none(poison: object) -> None:
    post = json.loads(payload("text"))
    value = post["entry"][0]["changes"][0]["value"]
    good = value["messages"][0]
    value["messages"] = [copy.deepcopy(good) | {"id": f"w{n}"} for n in range(999)]
    value["messages"].insert(500, poison)
    told = parse(post)
    assert len(told) == 1000
    assert all(isinstance(one, InboundMessage) and one.provider_id and one.body for one in told)
    assert all(isinstance(one, InboundMessage) and "\x00" not in one.body for one in told)
    assert parse(post)[500] == told[500]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 50_000, b"\xff"])
def test_noise_is_not_even_kept(body: bytes) -> None:
    with pytest.raises(Malformed):
        ADAPTER.parse(account(), Delivery(body, "application/json"))


@pytest.mark.parametrize("body", [b"{}", b'{"entry": 1}', b'{"object": "page", "entry": []}'])
def test_what_is_not_of_whatsapp_is_set_aside(body: bytes) -> None:
    with pytest.raises(Unreadable) as fault:
        ADAPTER.parse(account(), Delivery(body, "application/json"))
    assert not isinstance(fault.value, Malformed)


def test_every_payload_is_read() -> None:
    """A new fixture is at least looked at."""
    for path in PAYLOADS.glob("*.json"):
        if path.stem != "another_number":
            assert parsed(path.stem), path.stem
