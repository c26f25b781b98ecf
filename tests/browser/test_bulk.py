"""Choosing several conversations in a real browser, doing something to them, and undoing it."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
# A first answer of a busy machine takes longer than the five seconds of the library.
expect.set_options(timeout=20_000)


def ticked(page: Page) -> int:
    return page.locator("#rows [data-pick]:checked").count()


def test_rows_are_chosen_omitted_reported_and_put_back(page: Page) -> None:
    page.goto("/conversaciones/?pending=1")
    rows = page.locator("#rows .row:has([data-pick])")
    rows.first.wait_for()
    said = page.locator("#bulk-said")
    rows.nth(0).locator(".row-link").focus()
    page.keyboard.press("x")
    expect(said).to_have_text("1 elegida")
    rows.nth(2).locator(".row-link").focus()
    page.keyboard.press("Shift+X")
    expect(said).to_have_text("3 elegidas")
    page.get_by_role("button", name="Quitar selección").click()
    assert ticked(page) == 0
    rows.nth(0).locator("[data-pick]").check()
    rows.nth(1).locator("[data-pick]").click(modifiers=["Shift"])
    assert ticked(page) == 2
    page.evaluate("htmx.ajax('GET', document.querySelector('#inbox').dataset.rows, '#inbox')")
    expect(page.locator("#rows [data-pick]:checked")).to_have_count(2)
    page.get_by_role("button", name=re.compile(r"Elegir las \d+ que coinciden")).click()
    expect(said).to_have_text("Elegidas todas las que coinciden")
    assert ticked(page) == rows.count()
    rows.nth(0).locator("[data-pick]").uncheck()
    expect(said).to_contain_text("menos 1")
    spared = rows.nth(0).locator(".row-name").inner_text()

    page.locator("#bulk").get_by_role("button", name="Omitir").click()
    drawer = page.locator("#dialogs dialog")
    drawer.get_by_label("Motivo").fill("Prueba")
    drawer.get_by_role("button", name="Omitir").click()
    expect(drawer.get_by_role("button", name="Deshacer", exact=True)).to_be_visible()
    expect(drawer.locator(".kpi").first).to_contain_text("Hechas")
    page.reload()
    expect(page.locator("#rows .row-name")).to_have_text([spared])

    page.goto("/conversaciones/masivas/")
    page.get_by_role("link", name="Omitir").first.click()
    page.get_by_role("button", name="Deshacer", exact=True).click()
    expect(page.locator(".kpi").first).to_contain_text("Deshechas")
    page.goto("/conversaciones/?pending=1")
    expect(rows.nth(1)).to_be_visible()
