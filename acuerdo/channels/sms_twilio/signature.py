"""How Twilio signs: HMAC-SHA1 over the public address and the sorted fields of the form.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from acuerdo.channels import reading
from acuerdo.channels.adapter import Delivery, Malformed

HEADER = "X-Twilio-Signature"
BODY_HASH = "bodySHA256"
PORTS = {"https": 443, "http": 80}


def is_signed(token: str, delivery: Delivery) -> bool:
    """Constant-time; an empty token verifies nothing."""
    sent = delivery.headers.get(HEADER, "").encode("utf-8", "replace")
    if not token or not sent:
        return False
    try:
        fields = _fields(delivery)
    except Malformed:
        return False
    # Whether the port is named in what was signed depends on the kind of the event.
    return any(
        hmac.compare_digest(sign(token, url, fields).encode(), sent)
        for url in _spellings(delivery.url)
    )


def sign(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """A field sent twice with the same value counts once; nothing is trimmed."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _fields(delivery: Delivery) -> list[tuple[str, str]]:
    """A body that is no form is covered by its hash in the address; then no field is signed."""
    told = parse_qs(urlsplit(delivery.url).query).get(BODY_HASH, [])
    if not told:
        return reading.form(delivery.body)
    actual = hashlib.sha256(delivery.body).hexdigest()
    if actual not in {one.lower() for one in told}:
        raise Malformed("the hash in the address is of another body")
    return []


def _spellings(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parts.hostname
    if not host:
        return [url]
    try:
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return [url]
    shown = f"[{host}]" if ":" in host else host
    spelled = [url.replace(parts.netloc, name, 1) for name in (shown, f"{shown}:{port}")]
    return list(dict.fromkeys([url, *spelled]))
