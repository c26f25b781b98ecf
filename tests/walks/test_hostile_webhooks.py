"""Bodies of the wrong kind at the webhook's address: turned away, never stored, never a 5xx.

One contract for every adapter that is posted to. What is rightly signed and odd only inside
is kept, and a person sees it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from acuerdo.channels import connectors, receipts, secrets
from acuerdo.channels.adapter import Delivery
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests import contract
from acuerdo.channels.tests.contract import subject
from acuerdo.channels.tests.factories import NOW
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import inbound
from acuerdo.organization.models import Organization
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
POSTING = pytest.mark.parametrize("name", contract.posting())

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=x"
NESTED = b"[" * 10_000 + b"]" * 10_000
HOSTILE = {
    "invalid JSON": (b'{"messages": [', JSON),
    "10 MB": (b'{"messages": ["' + b"x" * 10_000_000 + b'"]}', JSON),
    "10,000 nested arrays": (NESTED, JSON),
    "nested deep inside": (b'{"messages": ' + NESTED + b"}", JSON),
    "UTF-16": ('{"messages": []}'.encode("utf-16"), JSON),
    "Latin-1": ('{"messages": [{"id": "x", "from": "y", "body": "ñ"}]}'.encode("latin-1"), JSON),
    "endless number": (b'{"messages": ' + b"9" * 5000 + b"}", JSON),
    "JSON that says it is XML": (b'{"messages": [', "text/xml"),
    "multipart without an end": (b'--x\r\nContent-Disposition: form-data; name="a', MULTIPART),
    "multipart without a boundary": (b"--x--", "multipart/form-data"),
    "NUL": (b"\x00", JSON),
    "nothing": (b"", JSON),
    "nothing of a form": (b"", FORM),
}
# Right in its wire format, and nothing that any provider promised.
ODD = {
    "JSON that says it is a form": (b'{"messages": [', FORM),
    "form of no charset": (b"Body=\xff\xfe&From=%ff%fe", FORM),
    "form cut in a name": (b"&&==%zz", FORM),
    "NULs in a form": (b"\x00\x00=\x00", FORM),
    "no object": (b'"hola"', JSON),
    "empty object": (b"{}", JSON),
    "list of nothing": (b"[null, 5, {}]", JSON),
    "lists for everything": (b'{"messages": 5, "statuses": {}, "entry": [[]], "results": ""}', JSON),
    "form of strangers": (b"a=1&a=2&b=%00", FORM),
    "multipart of strangers": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--', MULTIPART),
}  # fmt: skip
# Of so many fields the contract takes these, evenly.
MOST = 150
WRONG = (None, True, -1, 10**30, "", "\x00", "\ud800", "x" * 70_000, [], [[]], {}, {"a": [1]})
WRONG_TEXTS = ("", "\x00", "-1", "9" * 400, "x" * 70_000, "ñ☃", "null")


@pytest.fixture(autouse=True)
def public_address(settings: LazySettings) -> None:
    """The one that the contract's Twilio signs."""
    settings.BASE_URL = "https://cobranzas.example"
    Organization.objects.get_or_create(pk=1)


def line_of(name: str, *, key: str = "k3y", spoil: str = "") -> ChannelAccount:
    """A working account of ``name``; with ``spoil``, somebody else's, with secrets of their own."""
    line = subject(name).line(9)
    line.name, line.adapter, line.key = name, name, key
    line.channel = connectors.named(name).main_channel
    line.created_at = NOW
    if spoil:
        told = secrets.unseal(line.secrets)
        line.secrets = secrets.seal({each: f"{value}{spoil}" for each, value in told.items()})
    line.save()
    return line


def signed(line: ChannelAccount, body: bytes, kind: str = "") -> Delivery:
    """As whoever holds the keys of ``line`` could post it."""
    wrap = subject(line.adapter).deliver
    assert wrap is not None
    delivery = wrap(line, body)
    return replace(delivery, content_type=kind or delivery.content_type)


def post(delivery: Delivery) -> int:
    client = Client(raise_request_exception=False)
    path = f"/webhooks/k3y/?{delivery.query}".rstrip("?")
    answer = client.post(
        path, delivery.body, content_type=delivery.content_type, headers=dict(delivery.headers)
    )
    return answer.status_code


def handle_everything() -> None:
    """Until each receipt is done with: handled, or set aside for a person."""
    for turn in range(2):
        with clock.travel(NOW + timedelta(days=3000, hours=turn)):
            while inbound.drain():
                pass
        # What comes again has one try left.
        WebhookReceipt.objects.update(tries=receipts.TRIES - 1)
    assert not WebhookReceipt.objects.filter(handled_at=None, set_aside_reason="").exists()


@POSTING
@pytest.mark.parametrize("what", HOSTILE)
def test_signed_noise_is_turned_away(name: str, what: str) -> None:
    line = line_of(name)
    assert 400 <= post(signed(line, *HOSTILE[what])) < 500
    assert not WebhookReceipt.objects.exists()


@POSTING
@pytest.mark.parametrize("what", ODD)
def test_signed_oddity_is_turned_away_or_set_aside(name: str, what: str) -> None:
    line = line_of(name)
    status = post(signed(line, *ODD[what]))
    assert status == 200 or 400 <= status < 500
    assert WebhookReceipt.objects.count() == (status == 200)
    handle_everything()
    assert not Message.objects.exists()


@POSTING
@pytest.mark.parametrize("what", HOSTILE | ODD)
def test_unsigned_is_refused_and_not_stored(name: str, what: str) -> None:
    line_of(name)
    body, kind = (HOSTILE | ODD)[what]
    for headers in ({}, {"Authorization": "Basic x", "X-Hub-Signature-256": "sha256="}):
        assert post(Delivery(body, kind, headers, query="token=t")) in {403, 413}
    assert not WebhookReceipt.objects.exists()


@POSTING
def test_genuine_body_unsigned_or_signed_by_another_account_is_refused(name: str) -> None:
    line, other = line_of(name), line_of(name, key="other", spoil="-other")
    for body in subject(name).genuine.values():
        assert post(replace(signed(line, body), headers={})) == 403
        assert post(signed(other, body)) == 403
    assert not WebhookReceipt.objects.exists()
    # And with no secret at all, as in an account that was never finished.
    ChannelAccount.objects.filter(pk=line.pk).update(secrets="")
    assert {post(signed(line, body)) for body in subject(name).genuine.values()} == {403}
    assert not WebhookReceipt.objects.exists()


@POSTING
def test_genuine_body_gets_through(name: str) -> None:
    line = line_of(name)
    for body in subject(name).genuine.values():
        assert post(signed(line, body)) == 200
    assert WebhookReceipt.objects.count() == len(subject(name).genuine)
    handle_everything()


@POSTING
def test_wrong_types_inside_a_genuine_body_spoil_nothing(name: str) -> None:
    """The fields of the bodies that the provider posts, with what they may not be."""
    line = line_of(name)
    genuine = subject(name).genuine.values()
    bodies = [each for body in genuine for each in (*wrong_json(body), *wrong_form(body))]
    seen = {post(signed(line, body)) for body in bodies[:: 1 + len(bodies) // MOST]}
    assert seen
    assert seen <= {200, 400, 403, 413}
    handle_everything()


def wrong_json(body: bytes) -> Iterator[bytes]:
    if body[:1] not in {b"{", b"["}:
        return
    for place, path in enumerate(sorted(places(json.loads(body)), key=str)):
        # Every place meets every kind of value over the bodies of a provider, not in each.
        for wrong in (WRONG[place % len(WRONG)], WRONG[(place * 5 + 3) % len(WRONG)]):
            content = json.loads(body)
            target = content
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = wrong
            yield json.dumps(content).encode()


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    rows: Any = ()
    if isinstance(value, dict):
        rows = value.items()
    elif isinstance(value, list):
        rows = enumerate(value)
    for key, inner in rows:
        yield (*before, key)
        yield from places(inner, (*before, key))


def wrong_form(body: bytes) -> Iterator[bytes]:
    if body[:1] in {b"{", b"["}:
        return
    pairs = [pair.partition("=") for pair in body.decode().strip().split("&")]
    for place in range(len(pairs)):
        for wrong in (WRONG_TEXTS[place % 7], WRONG_TEXTS[(place * 3 + 2) % 7]):
            told = [*pairs]
            told[place] = (pairs[place][0], "=", "".join(f"%{each:02X}" for each in wrong.encode()))
            yield "&".join("".join(each) for each in told).encode()


def test_nothing_on_the_way_uses_up_the_body_of_a_form_with_files() -> None:
    """Once a form with files was read, no bytes are left to verify."""
    line = line_of("simulated")
    assert post(signed(line, b'{"messages": []}', MULTIPART)) == 200
