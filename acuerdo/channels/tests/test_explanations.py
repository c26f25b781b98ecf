from acuerdo.channels.explanations import explain


def test_the_adapters_own_table_speaks_before_ours() -> None:
    assert "buzón" in explain("smtp", "550").sentence
    assert explain("smtp", "550").remedy


def test_a_class_of_codes_may_share_its_words() -> None:
    assert explain("smtp", "451") == explain("smtp", "4xx")


def test_our_own_codes_are_known_to_every_adapter() -> None:
    assert explain("simulated", "no_answer").is_known
    assert explain("an_adapter_that_is_gone", "unreachable").is_known


def test_an_unknown_code_is_shown_as_it_came() -> None:
    told = explain("smtp", "XQ9")
    assert "XQ9" in told.sentence
    assert told.remedy
    assert not told.is_known
