"""The vectors are those that Twilio publishes with its own libraries."""

import pytest

from acuerdo.channels.adapter import Delivery
from acuerdo.channels.sms_twilio import signature

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = (
    b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    b"&Caller=%2B14158675309"
)
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
DOUBLED = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234"
JSON = b'{"property": "value", "boolean": true}'
HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
DOCUMENTED = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030"
    b"&To=%2B18005551212"
)


def delivery(url: str, body: bytes, signed: str) -> Delivery:
    form = "application/x-www-form-urlencoded"
    return Delivery(body, form, {"X-Twilio-Signature": signed}, url=url)


@pytest.mark.parametrize(
    ("url", "body", "signed"),
    [
        (URL, FORM, SIGNED),
        (URL, DOCUMENTED, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (URL, DOUBLED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (f"{URL}&bodySHA256={HASH}", JSON, "a9nBmqA0ju/hNViExpshrM61xv4="),
        ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", FORM, SIGNED),
        (URL, FORM, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace("https", "http"), FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (
            "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
            FORM,
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
    ],
)
def test_published_vectors_verify(url: str, body: bytes, signed: str) -> None:
    assert signature.is_signed(TOKEN, delivery(url, body, signed))
    assert not signature.is_signed("another", delivery(url, body, signed))
    assert not signature.is_signed("", delivery(url, body, signed))


@pytest.mark.parametrize(
    ("url", "body", "signed"),
    [
        (URL, FORM, ""),
        (URL, FORM, SIGNED[:-4]),
        (URL, FORM, "ñandú"),
        (URL, FORM.replace(b"1234", b"1234+"), SIGNED),
        (URL, FORM + b"&Digits=1", SIGNED),
        (URL.replace("foo=1", "foo=2"), FORM, SIGNED),
        (URL.replace("mycompany", "evil"), FORM, SIGNED),
        (f"{URL}&bodySHA256={HASH}", JSON + b" ", "a9nBmqA0ju/hNViExpshrM61xv4="),
        (URL, b"\xff\xfe", SIGNED),
        (URL, b"", SIGNED),
        ("", FORM, SIGNED),
    ],
)
def test_anything_else_does_not(url: str, body: bytes, signed: str) -> None:
    assert not signature.is_signed(TOKEN, delivery(url, body, signed))


def test_fields_are_not_trimmed() -> None:
    body = b"Body=+hola+&From=%2B1"
    good = signature.sign(TOKEN, URL, [("Body", " hola "), ("From", "+1")])
    trimmed = signature.sign(TOKEN, URL, [("Body", "hola"), ("From", "+1")])
    assert signature.is_signed(TOKEN, delivery(URL, body, good))
    assert not signature.is_signed(TOKEN, delivery(URL, body, trimmed))
