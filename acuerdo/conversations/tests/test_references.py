import pytest
from django.test import override_settings

from acuerdo.conversations import references


@pytest.mark.parametrize("number", [1, 35, 36, 123_456_789, 2**63 - 1])
def test_reference_is_read_from_wherever_it_was_written(number: int) -> None:
    name = references.of(number)
    for written in (name, name.upper(), f"<{name}@acme.example>", f"reply+{name}@acme.example"):
        assert references.read(written) == number


@pytest.mark.parametrize("text", ["", "7", "reply+7@x", "zzzzzzzzzzzzz-aaaaaaaaaaaaaaaa", "ñ-á"])
def test_other_texts_are_no_reference(text: str) -> None:
    assert references.read(text) is None


def test_signature_of_another_message_purpose_or_key_is_refused() -> None:
    name = references.of(7)
    assert references.read(references.of(8).replace("8-", "7-")) is None
    assert references.read(name, purpose="unsubscribe") is None
    with override_settings(SECRET_KEY="another"):
        assert references.read(name) is None
