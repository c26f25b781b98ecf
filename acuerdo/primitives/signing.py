"""Signatures over raw bytes and unguessable tokens."""

import hashlib
import hmac
import secrets


def token() -> str:
    """256 bits from the system's generator, safe in a URL."""
    return secrets.token_urlsafe(32)


def hmac_sha256(secret: str, body: bytes) -> str:
    """Hex digest, the form that ``X-Hub-Signature-256: sha256=...`` carries."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Constant-time check; an empty secret verifies nothing."""
    # Compared as bytes: a header may hold any of them, and text beyond ASCII cannot be compared.
    sent = signature.encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(hmac_sha256(secret, body).encode(), sent)
