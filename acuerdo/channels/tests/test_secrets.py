import pytest
from django.test import override_settings

from acuerdo.channels import secrets
from acuerdo.primitives.refusals import Refusal


def test_sealed_values_come_back_and_are_not_readable() -> None:
    sealed = secrets.seal({"token": "abc123"})
    assert "abc123" not in sealed
    assert secrets.unseal(sealed) == {"token": "abc123"}
    assert secrets.unseal("") == {}


def test_another_master_key_opens_nothing() -> None:
    sealed = secrets.seal({"token": "abc123"})
    with override_settings(SECRET_KEY="another"), pytest.raises(Refusal) as refusal:
        secrets.unseal(sealed)
    assert refusal.value.code == "sealed_with_another_key"
