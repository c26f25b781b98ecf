import pytest

from acuerdo.primitives import phone
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize(
    ("country", "spellings"),
    [
        ("BR", ["+55 11 98765-4321", "+55 11 8765-4321", "5511987654321", "(11) 98765-4321"]),
        ("BR", ["21 99876 5432", "+552198765432", "0055 21 99876-5432"]),
        ("MX", ["+52 1 55 1234 5678", "+52 55 1234 5678", "044 55 1234 5678", "55 1234 5678"]),
        ("MX", ["5215512345678", "525512345678", "01 55 1234 5678", "1 55 1234 5678"]),
        ("AR", ["+54 9 11 2345-6789", "+54 11 2345-6789", "011 15-2345-6789", "11 2345 6789"]),
        ("AR", ["+54 9 351 512-3456", "0351 15 512-3456", "+54 351 15 512-3456"]),
        ("PE", ["987 654 321", "+51987654321", "0051 987654321", "51 987-654-321"]),
        ("CL", ["9 8765 4321", "+56 9 8765 4321", "56987654321"]),
    ],
)
def test_every_spelling_of_a_number_has_one_key(country: str, spellings: list[str]) -> None:
    keys = {phone.key(phone.parse(text, country=country)) for text in spellings}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("reported", "stored"),
    [
        ("551187654321", "+5511987654321"),
        ("5511987654321", "+5511987654321"),
        ("5215512345678", "+525512345678"),
        ("5491123456789", "+541123456789"),
        ("54111523456789", "+5491123456789"),
        ("51987654321", "+51987654321"),
    ],
)
def test_what_a_provider_reports_matches_what_is_stored(reported: str, stored: str) -> None:
    assert phone.key(reported) == phone.key(stored)


@pytest.mark.parametrize(
    ("raw", "country", "dialled"),
    [
        ("+52 1 55 1234 5678", "MX", "+525512345678"),
        ("11 8765-4321", "BR", "+5511987654321"),
        ("11 3456-7890", "BR", "+551134567890"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("+54 9 11 2345 6789", "AR", "+5491123456789"),
        ("+51 987654321", "CL", "+51987654321"),
    ],
)
def test_a_number_is_dialled_the_modern_way(raw: str, country: str, dialled: str) -> None:
    assert phone.parse(raw, country=country) == dialled


def test_neighbouring_numbers_keep_their_own_keys() -> None:
    numbers = ["+551134567890", "+5511934567890", "+525512345678", "+525512345679", "+541123456789"]
    assert len({phone.key(number) for number in numbers}) == len(numbers)
    assert phone.key("+5511987654321") != phone.key("+5511987654322")


@pytest.mark.parametrize("raw", ["1", "", "no tiene", "12345", "+51 98765432100000"])
def test_what_is_no_number_is_refused_by_name(raw: str) -> None:
    with pytest.raises(Refusal) as refused:
        phone.parse(raw, country="PE")
    assert refused.value.code == "bad_phone"
    assert raw in refused.value.sentence
