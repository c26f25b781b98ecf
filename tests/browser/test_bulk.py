"""Choosing several conversations in a real browser, doing something to them, and undoing it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
# A first answer of a busy machine takes longer than the five seconds of the library.
expect.set_options(timeout=20_000)


def waiting(page: Page) -> Locator:
    """The rows that wait, each with its box."""
    page.goto("/conversaciones/?pending=1")
    rows = page.locator("#rows .row:has([data-pick])")
    rows.first.wait_for()
    return rows


def press(row: Locator, key: str) -> None:
    row.locator(".row-link").focus()
    row.page.keyboard.press(key)


def test_one_a_range_and_what_a_swap_keeps(page: Page) -> None:
    rows, said = waiting(page), page.locator("#bulk-said")
    press(rows.nth(0), "x")
    expect(said).to_have_text("1 elegida")
    press(rows.nth(2), "Shift+X")
    expect(said).to_have_text("3 elegidas")
    page.get_by_role("button", name="Quitar selección").click()
    expect(page.locator("#bulk")).to_be_hidden()
    rows.nth(0).locator("[data-pick]").check()
    rows.nth(1).locator("[data-pick]").click(modifiers=["Shift"])
    page.evaluate("htmx.ajax('GET', document.querySelector('#inbox').dataset.rows, '#inbox')")
    page.wait_for_timeout(1500)
    expect(page.locator("#rows [data-pick]:checked")).to_have_count(2)
    page.locator("#inbox-chips .chip-filter").first.click()
    expect(page.locator("#rows [data-pick]:checked")).to_have_count(0)


def test_all_that_match_but_one_are_omitted_reported_and_put_back(page: Page) -> None:
    rows = waiting(page)
    spared = rows.nth(0).locator(".row-name").inner_text()
    rows.nth(1).locator("[data-pick]").check()
    page.get_by_role("button", name=re.compile(r"Elegir las \d+ que coinciden")).click()
    rows.nth(0).locator("[data-pick]").uncheck()
    expect(page.locator("#bulk-said")).to_contain_text("menos 1")
    page.locator("#bulk").get_by_role("button", name="Omitir").click()
    drawer = page.locator("#dialogs dialog")
    drawer.get_by_label("Motivo").fill("Prueba")
    drawer.get_by_role("button", name="Omitir").click()
    expect(drawer.get_by_text("Hechas")).to_be_visible()
    expect(page.locator("#toasts:popover-open [data-toast]").first).to_be_visible()
    page.goto("/conversaciones/?pending=1")
    expect(page.locator("#rows .row-name")).to_have_text([spared])
    page.goto("/conversaciones/masivas/")
    page.get_by_role("link", name="Omitir").first.click()
    page.get_by_role("main").get_by_role("button", name="Deshacer").click()
    expect(page.locator(".kpi").first).to_contain_text("Deshechas")
    waiting(page)
    expect(rows.nth(1)).to_be_visible()
