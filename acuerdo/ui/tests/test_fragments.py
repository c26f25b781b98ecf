from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.test import RequestFactory

from acuerdo.ui import fragments

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, False),
        (HTMX, True),
        (HTMX | {"HX-Boosted": "true"}, False),
        (HTMX | {"HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_a_plain_htmx_request_wants_a_part(headers: dict[str, str], wanted: bool) -> None:
    assert fragments.wanted(RequestFactory().get("/", headers=headers)) is wanted


def test_the_same_address_answers_page_and_part() -> None:
    answer = partial(fragments.respond, page="ui/_brand.html", fragment="ui/_days_chip.html")
    page = answer(RequestFactory().get("/"))
    part = answer(RequestFactory().get("/", headers=HTMX), context={"band": "m2"})
    assert b"<svg" in page.content
    assert b"days-m2" in part.content
    assert "HX-Request" in part["Vary"]


def test_an_answer_joins_parts_and_a_notice() -> None:
    request = RequestFactory().post("/", headers=HTMX)
    notice = fragments.toast("Guardado <b>", undo_url="/deshacer/")
    answer = fragments.answer(request, ("ui/_days_chip.html", {"band": "m1"}), notice, status=422)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "days-m1" in html
    assert 'hx-swap-oob="beforeend:#toasts"' in html
    assert "Guardado &lt;b&gt;" in html
    assert 'hx-post="/deshacer/"' in html


def test_out_of_band_refuses_swaps_that_would_leave_the_wrapper() -> None:
    assert "innerHTML:#panel" in fragments.out_of_band("x", target="#panel")
    with pytest.raises(ValueError, match="outerHTML"):
        fragments.out_of_band("x", target="#panel", swap="outerHTML")


def test_out_of_band_escapes_what_is_not_marked_as_html() -> None:
    assert "&lt;script&gt;" in fragments.out_of_band("<script>", target="#x")


def test_redirect_leads_the_whole_page_away() -> None:
    plain = fragments.redirect(RequestFactory().get("/"), "/clientes/")
    htmx = fragments.redirect(RequestFactory().get("/", headers=HTMX), "/clientes/")
    assert (plain.status_code, plain["Location"]) == (302, "/clientes/")
    assert (htmx.status_code, htmx["HX-Redirect"]) == (204, "/clientes/")


def test_an_element_is_named_after_its_row() -> None:
    assert fragments.dom_id(Session(pk="a"), "panel") == "panel_session_a"
    assert fragments.dom_id(Session(pk="a")) == "session_a"
