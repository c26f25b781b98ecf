"""Llamadas in a real browser: what a person does while the list renews itself is not undone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

NEWS = "document.body.dispatchEvent(new CustomEvent('live:change', { detail: { type: 'call.scheduled' } }))"


def test_news_undo_neither_an_open_menu_nor_a_filter_under_way(page: Page) -> None:
    page.goto("/llamadas/?q=")
    menu = page.locator("#tray .sort-menu")
    menu.locator("summary").click()
    page.mouse.move(900, 5)
    page.evaluate(NEWS)
    expect(page.locator("#tray-news")).to_be_visible()
    expect(menu).to_have_attribute("open", "")
    page.goto("/llamadas/?q=")
    held: dict[bool, Route] = {}
    page.route(
        re.compile(r"/llamadas/\?"),
        lambda route: held.update({"late=1" in route.request.url: route}),
    )
    page.evaluate(NEWS)
    _until(page, held, is_late=False)
    page.locator("#inbox-chips").get_by_text("Atrasadas").click()
    _until(page, held, is_late=True)
    held[False].continue_()
    page.wait_for_timeout(500)
    held[True].continue_()
    expect(page.get_by_role("link", name="Quitar filtro Atrasadas")).to_be_visible()


def _until(page: Page, held: dict[bool, Route], *, is_late: bool) -> None:
    while is_late not in held:
        page.wait_for_timeout(50)
