import json
import logging

import pytest

from acuerdo.primitives.tracebacks import Discreet

SECRET = "Carmen debe 4111"


def broken() -> None:
    try:
        json.loads("{" + SECRET)
    except ValueError as fault:
        raise RuntimeError(SECRET) from fault


def written(caplog: pytest.LogCaptureFixture) -> str:
    try:
        broken()
    except RuntimeError:
        logging.getLogger(__name__).exception("row %s", 7)
    return Discreet().format(caplog.records[0])


def test_fault_is_logged_by_type_and_place_and_never_in_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = written(caplog)
    assert SECRET not in text
    assert text.startswith("row 7\n")
    assert text.index("json.decoder.JSONDecodeError") < text.index("builtins.RuntimeError")
    assert "in broken" in text


def test_every_line_of_the_log_goes_through_it() -> None:
    ours = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    assert [type(each.formatter) for each in ours] == [Discreet]
