"""Invented debtors of five countries, the same for the same seed.

Document numbers carry right check digits, because the product refuses the others.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum.ar import cuit
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.mx import rfc
from stdnum.pe import ruc

from acuerdo.simulator.words import words

COUNTRIES = ("PE", "CL", "CO", "MX", "AR")
ONE_COMPANY_IN = 14
VOWELS = "AEIOU"
COMPANY_RUT = (76_000_000, 77_999_999)
PERSON_RUT = (8_000_000, 22_999_999)


@dataclass(frozen=True)
class Person:
    country: str
    document_type: str
    document_number: str
    first_name: str
    last_name: str
    is_company: bool
    phone: str
    email: str


def invent(count: int, *, seed: int) -> Iterator[Person]:
    """``count`` people, the countries in turn; no document, phone or e-mail twice."""
    rng = random.Random(seed)  # noqa: S311 - a fixed cast, not a secret
    seen: set[str] = set()
    for number in range(count):
        country = COUNTRIES[number % len(COUNTRIES)]
        person = _person(rng, country, number)
        while person.document_number in seen:
            person = _person(rng, country, number)
        seen.add(person.document_number)
        yield person


def _person(rng: random.Random, country: str, number: int) -> Person:
    is_company = number % ONE_COMPANY_IN == ONE_COMPANY_IN - 1
    first, last = _company(rng) if is_company else _name(rng)
    document_type, document = _document(rng, country, first, last, is_company=is_company)
    mailbox = f"{plain(first.split()[0])}.{plain(last.split()[0]) if last else 'pagos'}{number}"
    return Person(
        country=country,
        document_type=document_type,
        document_number=document,
        first_name=first,
        last_name=last,
        is_company=is_company,
        phone=_phone(country, number, rng),
        email=f"{mailbox}@correo.example",
    )


def _name(rng: random.Random) -> tuple[str, str]:
    first, second = rng.sample(words()["family"], 2)
    return rng.choice(words()["given"]), f"{first} {second}"


def _company(rng: random.Random) -> tuple[str, str]:
    shape = rng.choice(words()["companies"])
    family, noun = rng.choice(words()["family"]), rng.choice(words()["nouns"])
    return shape.format(family=family, noun=noun), ""


def plain(text: str) -> str:
    """Lower case without accents, for addresses."""
    split = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in split if letter.isascii() and letter.isalnum())


def _document(
    rng: random.Random, country: str, first: str, last: str, *, is_company: bool
) -> tuple[str, str]:
    match country:
        case "CL":
            body = str(rng.randint(*(COMPANY_RUT if is_company else PERSON_RUT)))
            found = "RUT", f"{body}-{rut.calc_check_digit(body)}"
        case "CO":
            found = _colombian(rng, is_company=is_company)
        case "MX":
            found = "RFC", _mexican(rng, first, last, is_company=is_company)
        case "PE":
            found = _peruvian(rng, is_company=is_company)
        case _:
            found = _argentine(rng, is_company=is_company)
    return found


def _peruvian(rng: random.Random, *, is_company: bool) -> tuple[str, str]:
    if not is_company:
        return "DNI", str(rng.randint(10_000_000, 79_999_999))
    body = f"20{rng.randint(10_000_000, 69_999_999)}"
    return "RUC", f"{body}{ruc.calc_check_digit(body)}"


def _argentine(rng: random.Random, *, is_company: bool) -> tuple[str, str]:
    if not is_company:
        return "DNI", str(rng.randint(20_000_000, 45_999_999))
    body = f"30{rng.randint(50_000_000, 79_999_999)}"
    return "CUIT", f"{body}{cuit.calc_check_digit(body)}"


def _colombian(rng: random.Random, *, is_company: bool) -> tuple[str, str]:
    if not is_company:
        return "CC", str(rng.randint(1_000_000_000, 1_199_999_999))
    body = str(rng.randint(800_000_000, 901_999_999))
    return "NIT", f"{body}{nit.calc_check_digit(body)}"


def _mexican(rng: random.Random, first: str, last: str, *, is_company: bool) -> str:
    """Letters of the name, a date, two marks and the check digit."""
    birth = f"{rng.randint(55, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    marks = rng.choice("ABCDEFGHJKLMNPQRSTU") + rng.choice("ABCDEFGHJKLMNPQRSTU123456789")
    if is_company:
        letters = "".join(plain(word)[0] for word in f"{first} de cobro".split())[:3].upper()
    else:
        letters = _mexican_letters(first, last)
    body = f"{letters}{birth}{marks}"
    return f"{body}{rfc.calc_check_digit(body)}"


def _mexican_letters(first: str, last: str) -> str:
    paternal, maternal = (plain(word).upper() for word in last.split())
    vowel = next((letter for letter in paternal[1:] if letter in VOWELS), "X")
    return f"{paternal[0]}{vowel}{maternal[0]}{plain(first)[0].upper()}"


def _phone(country: str, number: int, rng: random.Random) -> str:
    """E.164; ``number`` in it keeps every one of them apart."""
    tail = f"{rng.randint(10, 99)}{number:04d}"
    return {
        "PE": f"+51 9{rng.randint(10, 99)}{tail}",
        "CL": f"+56 9{rng.choice('4568')}{rng.randint(0, 9)}{tail}",
        "CO": f"+57 3{rng.choice(['00', '01', '10', '15', '20'])}{tail}{number % 10}",
        "MX": f"+52 55{rng.randint(10, 89)}{tail}",
        "AR": f"+54 911{rng.randint(30, 69)}{tail}",
    }[country].replace(" ", "")
