"""The figures are those of the providers' published calculators and of 3GPP TS 23.038."""

import pytest

from acuerdo.channels import segments
from acuerdo.channels.segments import Encoding, Segments, count

# The default alphabet of TS 23.038, table 6.2.1, row by row.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "left"),
    [
        ("", Encoding.GSM7, 0, 0, 160),
        ("a" * 160, Encoding.GSM7, 160, 1, 0),
        ("a" * 161, Encoding.GSM7, 161, 2, 145),
        ("a" * 306, Encoding.GSM7, 306, 2, 0),
        ("a" * 307, Encoding.GSM7, 307, 3, 152),
        ("á" * 70, Encoding.UCS2, 70, 1, 0),
        ("á" * 71, Encoding.UCS2, 71, 2, 63),
        ("á" * 134, Encoding.UCS2, 134, 2, 0),
        ("á" * 135, Encoding.UCS2, 135, 3, 66),
    ],
)
def test_limits_of_each_alphabet(
    text: str, encoding: Encoding, units: int, parts: int, left: int
) -> None:
    assert count(text) == Segments(encoding, units, parts, left)


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("{" + "2" * 158, Encoding.GSM7, 1),
        ("{" + "2" * 159, Encoding.GSM7, 2),
        ("😜" + "2" * 68, Encoding.UCS2, 1),
        ("😜" + "2" * 69, Encoding.UCS2, 2),
    ],
)
def test_signs_of_two_units_count_twice(text: str, encoding: Encoding, parts: int) -> None:
    found = count(text)
    assert (found.encoding, found.segments) == (encoding, parts)


def test_whole_default_alphabet_is_one_septet_each() -> None:
    assert len(ALPHABET) == 127  # the 128th is the escape itself
    assert count(ALPHABET) == Segments(Encoding.GSM7, 127, 1, 33)


def test_extension_table_costs_two_septets_each() -> None:
    assert count("\f^{}\\[~]|€").units == 20


def test_escape_and_surrogate_pairs_are_not_cut_in_half() -> None:
    # 152 septets, then a sign of two: it moves to the next part whole.
    assert count("a" * 152 + "€" + "a" * 152).segments == 3
    assert count("á" * 66 + "😜" + "á" * 66).segments == 3


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Señor Núñez: su crédito venció", ["ú", "ó"]),
        ("Pague mañana S/ 10 ¿Sí?", ["í"]),
        ("Ñandú", ["ú"]),
        ("Hola Ana, su cuota vence hoy", []),
        ("“Hola”", ["“", "”"]),
    ],
)
def test_signs_outside_the_alphabet_are_named(text: str, odd: list[str]) -> None:
    assert segments.strangers(text) == odd
    assert (count(text).encoding is Encoding.UCS2) is bool(odd)
