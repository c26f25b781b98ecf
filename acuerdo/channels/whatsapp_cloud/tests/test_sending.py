from typing import Any

import pytest

from acuerdo.channels.adapter import File, Outcome, Parcel, TemplateCall, Waits
from acuerdo.channels.tests.conftest import free_port
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.channels.whatsapp_cloud.tests.factories import NUMBER, account
from acuerdo.channels.whatsapp_cloud.tests.graph_server import Graph

TEXT = Parcel("token-1", "whatsapp", "+51 987 654 321", "", "Hola, Ana")
PDF = File("recibo.pdf", "application/pdf", b"%PDF-1.4 real bytes")


def sent(graph: Graph, parcel: Parcel) -> Any:
    assert ADAPTER.send(account(graph.url), parcel).outcome == Outcome.ACCEPTED
    return graph.content()


def test_text_goes_out_with_our_token(graph: Graph) -> None:
    result = ADAPTER.send(account(graph.url, version="v24.0"), TEXT)
    (asked,) = graph.asked
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, "wamid.NEW1")
    assert asked.path == f"/v24.0/{NUMBER}/messages"
    assert asked.headers["Authorization"] == "Bearer EAAG-test"
    assert graph.content() == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "51987654321",
        "biz_opaque_callback_data": "token-1",
        "type": "text",
        "text": {"body": "Hola, Ana", "preview_url": False},
    }


def test_person_without_a_number_is_named_by_the_scoped_id(graph: Graph) -> None:
    asked = sent(graph, Parcel("t", "whatsapp", "bsuid:PE.555", "", "Hola", quotes="wamid.X"))
    assert asked["recipient"] == "PE.555"
    assert "to" not in asked
    assert asked["context"] == {"message_id": "wamid.X"}


def test_template_carries_its_variables_part_by_part(graph: Graph) -> None:
    call = TemplateCall("aviso", "es_PE", ("Ana",), ("S/ 150\n el 1", "x"), ("", "pago/abc"))
    asked = sent(graph, Parcel("t", "whatsapp", "+51987654321", "", "Hola", template=call))
    header, body, button = asked["template"]["components"]
    assert asked["template"]["language"] == {"code": "es_PE"}
    assert header == {"type": "header", "parameters": [{"type": "text", "text": "Ana"}]}
    assert [each["text"] for each in body["parameters"]] == ["S/ 150 el 1", "x"]
    assert (button["index"], button["sub_type"]) == ("1", "url")
    assert button["parameters"] == [{"type": "text", "text": "pago/abc"}]


def test_named_variables_and_a_linked_header(graph: Graph) -> None:
    call = TemplateCall(
        "aviso", "es", ("https://x/a.pdf",), ("Ana",),
        header_kind="document", body_names=("nombre",),
    )  # fmt: skip
    asked = sent(graph, Parcel("t", "whatsapp", "+51987654321", "", "", template=call))
    header, body = asked["template"]["components"]
    assert header["parameters"][0]["document"] == {"link": "https://x/a.pdf"}
    assert body["parameters"] == [{"type": "text", "text": "Ana", "parameter_name": "nombre"}]


def test_file_is_uploaded_first(graph: Graph) -> None:
    graph.answer("/media", {"id": "m-1"})
    asked = sent(graph, Parcel("t", "whatsapp", "+51987654321", "", "Su recibo", files=(PDF,)))
    assert [one.path.rpartition("/")[2] for one in graph.asked] == ["media", "messages"]
    assert PDF.content in graph.asked[0].body
    assert asked["document"] == {"id": "m-1", "caption": "Su recibo", "filename": "recibo.pdf"}


def test_upload_that_fails_reached_nobody(graph: Graph) -> None:
    parcel = Parcel("t", "whatsapp", "+51987654321", "", "", files=(PDF,))
    graph.error(131000, status=500, path="/media")
    assert ADAPTER.send(account(graph.url), parcel).outcome == Outcome.NOT_TAKEN
    graph.error(131053, path="/media")
    assert ADAPTER.send(account(graph.url), parcel).outcome == Outcome.REFUSED
    graph.hang_up()
    assert ADAPTER.send(account(graph.url), parcel).outcome == Outcome.NOT_TAKEN
    assert not [one for one in graph.asked if one.path.endswith("/messages")]


@pytest.mark.parametrize(
    ("parcel", "code"),
    [
        (Parcel("t", "whatsapp", "+51987654321", "", "x" * 4097), "too_long"),
        (Parcel("t", "whatsapp", "+51987654321", "", "", files=(PDF, PDF)), "too_many_files"),
        (Parcel("t", "whatsapp", "+51987654321", "", "", files=(File("a", "x/y", b""),)), "bad_file"),
        (Parcel("t", "whatsapp", "+51987654321", "", " "), "131008"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_not_asked(graph: Graph, parcel: Parcel, code: str) -> None:
    result = ADAPTER.send(account(graph.url), parcel)
    assert (result.outcome, result.code, graph.asked) == (Outcome.REFUSED, code, [])


@pytest.mark.parametrize(
    ("code", "status", "outcome", "named", "waits"),
    [
        (130429, 400, Outcome.NOT_TAKEN, "130429", Waits.ACCOUNT),
        (131056, 400, Outcome.NOT_TAKEN, "131056", Waits.RECIPIENT),
        (613, 400, Outcome.NOT_TAKEN, "613", Waits.ACCOUNT),
        (80007, 400, Outcome.NOT_TAKEN, "80007", Waits.ACCOUNT),
        (190, 401, Outcome.NOT_TAKEN, "revoked", Waits.MESSAGE),
        (0, 401, Outcome.NOT_TAKEN, "revoked", Waits.MESSAGE),
        (204, 403, Outcome.NOT_TAKEN, "revoked", Waits.MESSAGE),
        (131042, 400, Outcome.NOT_TAKEN, "revoked", Waits.MESSAGE),
        (131047, 400, Outcome.REFUSED, "131047", Waits.MESSAGE),
        (131026, 400, Outcome.REFUSED, "131026", Waits.MESSAGE),
        (131049, 400, Outcome.REFUSED, "131049", Waits.MESSAGE),
        (132001, 404, Outcome.REFUSED, "132001", Waits.MESSAGE),
        (131000, 500, Outcome.UNCERTAIN, "131000", Waits.MESSAGE),
        (987654, 400, Outcome.UNCERTAIN, "987654", Waits.MESSAGE),
    ],
)
def test_code_decides_the_outcome(
    graph: Graph, code: int, status: int, outcome: Outcome, named: str, waits: Waits
) -> None:
    graph.error(code, status=status, error_data={"details": "why"})
    result = ADAPTER.send(account(graph.url), TEXT)
    assert (result.outcome, result.code, result.waits) == (outcome, named, waits)
    assert result.detail == f"{code}: why"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, b"slow down", Outcome.NOT_TAKEN),
        (401, b"", Outcome.NOT_TAKEN),
        (500, b"<html>", Outcome.UNCERTAIN),
        (302, b"", Outcome.UNCERTAIN),
        (200, b"not json", Outcome.UNCERTAIN),
        (200, b'{"messages": []}', Outcome.UNCERTAIN),
        (200, b'{"messages": [{"id": 7}]}', Outcome.UNCERTAIN),
        (200, b"[" * 20_000, Outcome.UNCERTAIN),
    ],
)
def test_odd_answers(graph: Graph, status: int, body: bytes, outcome: Outcome) -> None:
    graph.answer("/messages", body, status=status, Location=f"{graph.url}/elsewhere")
    assert ADAPTER.send(account(graph.url), TEXT).outcome == outcome
    assert len(graph.asked) == 1


def test_provider_says_when_to_come_back(graph: Graph) -> None:
    graph.answer("/messages", b"", status=429, Retry_After="30")
    result = ADAPTER.send(account(graph.url), TEXT)
    assert (result.code, result.retry_after, result.waits) == ("429", 30, Waits.ACCOUNT)


def test_answer_cut_off_is_uncertain_and_not_repeated(graph: Graph) -> None:
    graph.hang_up()
    assert ADAPTER.send(account(graph.url), TEXT).outcome == Outcome.UNCERTAIN
    assert len(graph.asked) == 1


def test_nobody_there_took_nothing() -> None:
    result = ADAPTER.send(account(f"http://127.0.0.1:{free_port()}"), TEXT)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "unreachable")


def test_account_without_its_data_sends_nothing(graph: Graph) -> None:
    result = ADAPTER.send(account(graph.url, phone_number_id="../me"), TEXT)
    assert (result.outcome, result.code) == (Outcome.NOT_TAKEN, "misconfigured")
    assert result.detail == "phone_number_id"
    assert graph.asked == []
