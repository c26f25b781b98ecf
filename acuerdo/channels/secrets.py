"""Providers' secrets at rest: sealed with a key derived from the installation's own."""

import base64
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal


def seal(values: dict[str, str]) -> str:
    return _box(settings.SECRET_KEY).encrypt(json.dumps(values).encode()).decode() if values else ""


def unseal(sealed: str) -> dict[str, str]:
    """What ``seal`` was given; raises Refusal after a change of the installation's key."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_box(settings.SECRET_KEY).decrypt(sealed.encode()))
    except InvalidToken:
        raise Refusal(
            "sealed_with_another_key",
            _("Las claves del canal se guardaron con otra clave maestra: ingréselas otra vez."),
        ) from None
    return opened


def for_verifying(sealed: str) -> dict[str, str]:
    """As ``unseal``, but nothing where it cannot be opened: and without a secret, no belief."""
    try:
        return unseal(sealed)
    except Refusal:
        return {}


@lru_cache(maxsize=1)
def _box(key: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"acuerdo channel secrets")
    return Fernet(base64.urlsafe_b64encode(derive.derive(key.encode())))
