from acuerdo.flows import timeline


def test_an_excerpt_never_cuts_a_placeholder() -> None:
    pieces = timeline._excerpt("x" * (timeline.EXCERPT - 5) + " {{saldo_total}} y más")
    assert pieces == [("x" * (timeline.EXCERPT - 5) + "…", False)]


def test_a_short_text_is_shown_whole() -> None:
    assert timeline._excerpt("Hola, {{nombre}}.") == [
        ("Hola, ", False),
        ("nombre", True),
        (".", False),
    ]
