import pytest

from acuerdo.channels.adapter import Outcome
from acuerdo.channels.explanations import explain
from acuerdo.channels.whatsapp_cloud import codes

EVERY = {*codes.CODES, *codes.STOPPING, *codes.SLOWING, *codes.UNCLEAR}


@pytest.mark.parametrize("code", sorted(EVERY))
def test_every_code_is_explained_with_what_to_do(code: str) -> None:
    told = explain("whatsapp_cloud", code)
    assert told.is_known
    assert told.remedy


def test_what_we_do_not_know_is_never_taken_for_refused() -> None:
    assert {codes.outcome(code) for code in ("", "42", "999999", "x", "²")} == {Outcome.UNCERTAIN}


def test_number_is_at_fault_only_where_the_provider_says_so() -> None:
    assert codes.address_fault("131026", "Recipient is not a valid WhatsApp user")
    assert not codes.address_fault("131026", "Message Undeliverable.")
    assert not codes.address_fault("131049", "not a WhatsApp user")
