from types import SimpleNamespace
from typing import cast

import pytest
from django.http import HttpRequest

from acuerdo.ui import navigation
from acuerdo.ui.navigation import Entry

PLACES = (
    Entry("Estilo", "palette", "ui:gallery", ("look",), badge_key="news"),
    Entry("Otro", "x", "nobody:knows"),
    Entry("Grupo", "folder", children=(Entry("Uno", "x", "organization:appearance", ("a", "b")),)),
)


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "MAIN", PLACES)
    monkeypatch.setattr(navigation, "SETTINGS", ())


def here(path: str = "/estilo/", namespace: str = "ui") -> HttpRequest:
    match = SimpleNamespace(namespace=namespace)
    return cast(HttpRequest, SimpleNamespace(path=path, resolver_match=match))


def test_a_place_without_an_address_is_left_out() -> None:
    shown = navigation.for_page(here(), granted=None, badges={})
    assert [entry.label for entry in shown.main] == ["Estilo", "Grupo"]
    # The list of keys and the command bar read these.
    assert "Otro" not in [entry.label for entry in shown.places]


def test_a_place_needs_any_one_of_its_rights() -> None:
    assert navigation.for_page(here(), granted=frozenset(), badges={}).main == []
    shown = navigation.for_page(here(), granted={"b"}, badges={}).main
    assert [entry.label for entry in shown] == ["Grupo"]


def test_the_place_where_one_is_has_its_mark_and_its_count() -> None:
    place = navigation.for_page(here(), granted=None, badges={"news": 12}).main[0]
    assert place.current
    assert place.badge == 12


def test_a_group_opens_its_first_child_and_is_current_with_it() -> None:
    group = navigation.for_page(here("/ajustes/apariencia/"), granted=None, badges={}).main[-1]
    assert group.url == "/ajustes/apariencia/"
    assert group.current


def test_a_place_of_its_own_takes_the_mark_from_its_app(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Entry("App", "x", "ui:gallery", namespaces=("ui",), besides=("organization:appearance",))
    own = Entry("Propio", "x", "organization:appearance")
    monkeypatch.setattr(navigation, "MAIN", (app, own))
    for path, marked in (
        ("/estilo/lista/", "App"),
        ("/ajustes/apariencia/", "Propio"),
        ("/x/", "App"),
    ):
        shown = navigation.for_page(here(path), granted=None, badges={}).main
        assert [entry.label for entry in shown if entry.current] == [marked]


def test_a_place_under_another_marks_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    above = Entry("Arriba", "x", "ui:gallery", besides=("organization:appearance",))
    monkeypatch.setattr(
        navigation, "_address", {above.url_name: "/a/", above.besides[0]: "/a/b/"}.get
    )
    monkeypatch.setattr(navigation, "MAIN", (above,))
    marks = {
        path: navigation.for_page(here(path), granted=None, badges={}).main[0].current
        for path in ("/a/", "/a/c/", "/a/b/")
    }
    assert marks == {"/a/": True, "/a/c/": True, "/a/b/": False}
