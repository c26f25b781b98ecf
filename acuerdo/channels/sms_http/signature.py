"""Whether a request comes from the gateway, by the kind of proof that its definition names."""

import base64
import binascii
import hashlib
import hmac

from acuerdo.channels.adapter import Delivery
from acuerdo.channels.sms_http.definition import Signature

BASIC = "Basic "


def is_signed(signature: Signature | None, secret: str, delivery: Delivery) -> bool:
    """Constant-time; without a kind of proof or a secret nothing is."""
    if signature is None or not secret:
        return False
    if signature.kind == "basic":
        return _is_basic(signature.user, secret, delivery.headers.get("Authorization", ""))
    told = delivery.headers.get(signature.header, "")
    if signature.prefix and not told.startswith(signature.prefix):
        return False
    wanted = secret if signature.kind == "token" else digest(signature, secret, delivery.body)
    return _same(wanted, told.removeprefix(signature.prefix))


def digest(signature: Signature, secret: str, body: bytes) -> str:
    made = hmac.new(secret.encode(), body, getattr(hashlib, signature.algorithm)).digest()
    return made.hex() if signature.encoding == "hex" else base64.b64encode(made).decode()


def _is_basic(user: str, secret: str, told: str) -> bool:
    if not told.startswith(BASIC):
        return False
    try:
        sent = base64.b64decode(told.removeprefix(BASIC), validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(f"{user}:{secret}".encode(), sent)


def _same(wanted: str, told: str) -> bool:
    return hmac.compare_digest(wanted.encode(), told.encode("utf-8", "replace"))
