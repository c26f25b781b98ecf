"""Every text has its English, and an English reader meets no Spanish on the pages."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from acuerdo.contact_policy import rules
from acuerdo.ledger.tests.factories import NOW
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives import clock
from tests.addresses import Address, addresses, arguments, world
from tools import translate

PLACEHOLDER = re.compile(r"%%|%\(\w+\)[sd]|%[sdn]")
SPANISH = re.compile(
    r"[áéíóúñ¿¡]|\b(el|los|las|del|una|para|con|sin|por|que|desde|hasta|cada|hay|todas?|se)\b",
    re.IGNORECASE,
)
CURRENCY = re.compile(r"[A-Z]{3} · ")
READ_ALOUD = ("aria-label", "title", "placeholder", "alt")
# Named by themselves: a language, time zones, and the columns of files, which are what they are.
KEPT = (
    "Español",
    # What the debtor of the little world claims, as it was written down.
    "· Errores de facturación: Cobro doble",
    "Errores de facturación: Cobro doble",
    "America/El Salvador",
    "America/Los Angeles",
    "El Salvador",
    # Countries whose English names bear accents.
    "Réunion",
    "St. Barthélemy",
    "São Tomé & Príncipe",
    "Número de documento",
    "Código de deuda",
    "Fecha de emisión",
)
PACKS = [pack for code in ("AR", "CL", "CO", "MX", "PE") if (pack := rules.pack_for(code))]
LAWS = [basis.ref for pack in PACKS for basis in pack.basis.values()]


class Words(HTMLParser):
    """What a page says, scripts apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        self.found += [value for name, value in attributes if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.silent:
            self.found.append(" ".join(data.split()))


def test_every_text_has_its_english() -> None:
    assert list(translate.missing()) == [], "run bin/translate --missing"


def test_the_catalogue_holds_what_is_said_and_no_more() -> None:
    assert translate.unused() == [], "run bin/translate"


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = (translate.FOLDER / "django.mo").read_bytes()
    assert compiled == translate.mo_bytes(translate.catalogue()), "run bin/translate"


def test_a_translation_keeps_the_places_for_values() -> None:
    for message in translate.catalogue():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        source = message.id if isinstance(message.id, str) else message.id[-1]
        for text in texts if message.id else ():
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), source


@pytest.mark.django_db
@pytest.mark.urls("tests.demo_urls")
@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
def test_an_english_reader_meets_no_spanish(
    client: Client, administrator: User, book: Portfolio, settings: Settings
) -> None:
    settings.DEMO = True
    User.objects.filter(pk=administrator.pk).update(language="en")
    client.force_login(administrator)
    left = {}
    with clock.travel(NOW):
        things = world(book, by=administrator)
        for address in shown():
            answer = client.get(reverse(address.name, kwargs=arguments(address, things)))
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                left |= dict.fromkeys(spanish_of(answer.content.decode()), address.name)
    assert not left, "\n".join(f"{place}: {text}" for text, place in left.items())


def shown() -> list[Address]:
    """The gallery of components shows sample data in Spanish, to those who build."""
    return [address for address in addresses() if not address.name.startswith("ui:gallery")]


def spanish_of(page: str) -> list[str]:
    said = [text for text in Words(page).found if text not in KEPT and not CURRENCY.match(text)]
    # A law is called what it is called.
    for law in LAWS:
        said = [text.replace(law, "") for text in said]
    return [text for text in said if SPANISH.search(text)]
