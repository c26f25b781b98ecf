import json
from typing import Any

import pytest

from acuerdo.channels.sms_http import definition
from acuerdo.channels.sms_http.tests.contract import example
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize("name", ["json", "form"])
def test_examples_are_whole_definitions(name: str) -> None:
    gateway = definition.read(json.dumps(example(name)))
    assert gateway.receipts
    assert gateway.inbound
    assert gateway.signature


def changed(path: str, value: Any) -> dict[str, Any]:
    content = example("json")
    target: Any = content
    *parents, last = path.split(".")
    for step in parents:
        target = target[step]
    target[last] = value
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no es JSON válido: revise la línea 1"),
        ("[" * 10_000, "no es JSON válido"),
        ([], "«la definición»"),
        ({}, "Falta «send»"),
        (changed("answer", {}), "Falta «answer.id»"),
        (changed("send.metodo", "x"), "ningún dato llamado «send.metodo»"),
        (changed("send.method", "DELETE"), "«send.method» debe ser uno de: 'POST', 'PUT' or 'GET'"),
        (changed("send.url", "api.example/send"), "https://"),
        (changed("send.url", "file:///etc/passwd"), "https://"),
        (changed("send.url", "https://[oops/"), "https://"),
        (changed("send.url", "https://x.example/{{text}}"), "«send.url» no puede llevar {{text}}"),
        (changed("send.headers", {"X-To": "{{to}}"}), "no puede llevar {{to}}"),
        (changed("send.headers", {"X-A": "a\r\nX-B: b"}), "tiene signos que no se pueden enviar"),
        (changed("send.body", {"to": "{{to}}"}), "Falta {{text}}"),
        (changed("send.body", {"to": "{{to}}", "t": "{{texto}}"}), "no puede llevar {{texto}}"),
        (changed("send.format", "form"), "lista simple de campos"),
        (changed("receipts.values", {"OK": "arrived"}), "debe ser uno de"),
        (changed("signature", {"kind": "hmac"}), "signature.header"),
        (changed("signature", {"kind": "none"}), "'hmac', 'token' or 'basic'"),
    ],
)
def test_what_is_wrong_is_said(content: Any, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        definition.read(content if isinstance(content, str) else json.dumps(content))
    assert words in refusal.value.sentence
    assert refusal.value.field == "need_gateway"
