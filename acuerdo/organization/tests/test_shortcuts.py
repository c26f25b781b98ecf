"""A person's own keys: changed one by one, never two alike, off and back again."""

import re
from pathlib import Path

import pytest
from django.test import Client

from acuerdo.organization import shortcuts
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.organization.tests.factories import user
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import keys

pytestmark = pytest.mark.django_db
PRODUCT = Path(__file__).resolve().parents[2]


@pytest.fixture
def person() -> User:
    return user(Role.ADVISER)


def test_a_changed_key_is_kept_and_comes_back(person: User) -> None:
    shortcuts.change(person, "r", " T ", at=NOW)
    shortcuts.change(person, "g", "v", at=NOW)
    person.refresh_from_db()
    own = shortcuts.of(person)
    assert (own.of("r"), own.of("g l"), own.of("l")) == ("t", "v l", "l")
    shortcuts.change(person, "r", "r", at=NOW)
    assert shortcuts.of(person).chosen == {"g": "v"}
    shortcuts.reset(person, at=NOW)
    person.refresh_from_db()
    assert shortcuts.of(person).chosen == {}


def test_two_things_never_have_one_key(person: User) -> None:
    with pytest.raises(Refusal, match="«Nota interna»"):
        shortcuts.change(person, "r", "n", at=NOW)
    shortcuts.change(person, "n", "", at=NOW)
    shortcuts.change(person, "r", "n", at=NOW)
    with pytest.raises(Refusal, match="«Registrar resultado»"):
        shortcuts.change(person, "n", "n", at=NOW)
    assert shortcuts.of(person).of("n") == ""


@pytest.mark.parametrize("pressed", ["7", "ab", "@", "[", "\x00", "\n ñ x", "´´"])
def test_what_cannot_be_typed_alone_is_no_key(person: User, pressed: str) -> None:
    with pytest.raises(Refusal, match="unfit_key"):
        shortcuts.change(person, "r", pressed, at=NOW)


def test_every_key_of_the_screens_can_be_changed() -> None:
    pattern = re.compile(r"""data-key="([^"{ ]+)["]|key_cap ['"]([^'" ]+)['"]""")
    used: set[str] = set()
    for page in PRODUCT.glob("*/templates/**/*.html"):
        if "gallery" not in str(page):
            used |= {one or two for one, two in pattern.findall(page.read_text())}
    assert len(used) > 10
    assert used <= set(keys.ALL)


def test_the_page_changes_a_key_and_names_a_conflict(client: Client, person: User) -> None:
    client.force_login(person)
    page = client.get("/ajustes/atajos/")
    assert "Registrar resultado" in page.content.decode()
    there = {"named": "r", "pressed": "T"}
    client.post("/ajustes/atajos/tecla/", there)
    html = client.get("/ajustes/atajos/").content.decode()
    assert 'data-own-keys="{&quot;r&quot;: &quot;t&quot;}"' in html
    taken = client.post("/ajustes/atajos/tecla/", {"named": "n", "pressed": "t"})
    assert taken.status_code == 409
    assert "ya es de «Registrar resultado»" in taken.content.decode()
    client.post("/ajustes/atajos/tecla/", {**there, "original": "1"})
    person.refresh_from_db()
    assert person.own_keys == {}


def test_single_keys_go_off_and_their_caps_with_them(client: Client, person: User) -> None:
    client.force_login(person)
    client.post("/ajustes/atajos/uso/", {"both": "1", "enter": "1"})
    html = client.get("/conversaciones/?q=").content.decode()
    assert 'data-keys="off" data-enter="send"' in html
    assert '<kbd class="key">J</kbd>' not in html
    # The switch of the list of «?» knows nothing of Enter.
    client.post("/ajustes/atajos/uso/", {"on": "1"})
    html = client.get("/conversaciones/?q=").content.decode()
    assert 'data-keys="on" data-enter="send"' in html
    assert '<kbd class="key">J</kbd>' in html
