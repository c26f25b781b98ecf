"""Beside a conversation in a real browser: everything is done there, and nothing half typed is lost."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import checks
from tests.browser.hands import simulated_day, somebody_who_wrote

pytestmark = pytest.mark.browser

HALF = "Buenas tardes, le cuento que"
SHOWN = """(day) => { const said = getComputedStyle(day, '::after');
  return said.visibility === 'visible' && said.opacity === '1' && said.content; }"""
# The record of a look refreshes the drawer, and brings the mask again.
PRESS_AND_WAIT = """(button) => new Promise((done) => {
  const come = ({ detail }) => detail.elt.id === "card-body" && done();
  document.addEventListener("htmx:afterRequest", come); button.click(); })"""


def opened(page: Page) -> Page:
    """A conversation with somebody who owes, and an answer begun."""
    page.goto(f"/conversaciones/{somebody_who_wrote(page)}/?q=")
    page.locator("#panel h3 a").wait_for()
    page.locator("#reply").fill(HALF)
    return page


def closed(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_account_opens_and_a_plan_is_made_over_a_half_typed_answer(page: Page) -> None:
    soon = simulated_day(page) + timedelta(days=3)
    opened(page)
    page.locator("#thread-head .name a").click()
    expect(page.locator("#card-drawer")).to_contain_text("Contactos")
    page.locator("#card-drawer").get_by_label("Mostrar documento").evaluate(PRESS_AND_WAIT)
    expect(page.locator("#card-drawer .document-value")).not_to_contain_text("•")
    assert checks.accessibility(page) == []
    closed(page)
    page.locator("#panel").get_by_text("Ver todo").click()
    expect(page.locator("#account-drawer")).to_contain_text("Ajustes")
    page.locator("#account-drawer").get_by_text("Nuevo compromiso").click()
    plan = page.locator("#account-over dialog")
    plan.locator("[name=due_on]").fill(soon.isoformat())
    plan.locator("[name=parts]").select_option("2")
    expect(plan.locator("[name=amount_2]")).to_be_visible()
    assert checks.accessibility(page) == []
    plan.locator("[data-submit]").click()
    expect(page.locator("#account-body")).to_contain_text("Parte 2 de 2")
    # The live notice may redraw the account before the answer takes the form away.
    expect(plan).to_have_count(0)
    expect(page.locator("#account-drawer")).to_be_visible()
    closed(page)
    expect(page.locator("#panel")).to_contain_text("2 de 2")
    expect(page.locator("#reply")).to_have_value(HALF)


def test_the_composition_registers_a_payment_to_verify_with_its_receipt(page: Page) -> None:
    opened(page)
    page.locator("#panel h3 a").click()
    drawer = page.locator("#composition-drawer")
    expect(drawer.locator(".debts li").first).to_be_visible()
    drawer.get_by_text("Pago a verificar").click()
    form = drawer.locator("dialog")
    form.locator("[name=amount]").fill("0")
    receipt = FilePayload(name="yape.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n")
    form.locator("[name=receipt]").set_input_files(files=[receipt])
    form.get_by_role("button", name="Guardar").click()
    # What is refused keeps the file; the word about a value goes with the value.
    expect(form.locator(".error")).to_contain_text("mayor que cero")
    assert form.locator("[name=receipt]").evaluate("(field) => field.files[0].name") == "yape.png"
    form.locator("[name=amount]").fill("10")
    expect(form.locator(".error")).to_have_count(0)
    form.get_by_role("button", name="Guardar").click()
    expect(form).to_have_count(0)
    expect(drawer).to_be_visible()
    closed(page)
    expect(page.locator("#panel")).to_contain_text("Constancia")
    expect(page.locator("#reply")).to_have_value(HALF)


def test_a_closed_day_says_why_and_an_open_one_is_agreed_on(page: Page) -> None:
    opened(page)
    page.locator("#thread-head [data-key=p]").click()
    drawer = page.locator("#dialogs dialog")
    shut = drawer.locator(".month-day.is-closed").first
    # The drawer takes the focus when it opens: only after that is it the person's.
    expect(shut).to_be_visible()
    for reach in (shut.focus, shut.hover):
        reach()
        assert shut.evaluate(SHOWN) == f'"{shut.get_attribute("data-tip")}"'
        drawer.locator("[name=due_on]").focus()
    assert checks.accessibility(page) == []
    month = drawer.locator(".month-head")
    shown = month.inner_text()
    drawer.get_by_label("Mes siguiente").click()
    expect(month).not_to_have_text(shown)
    day = drawer.locator("button.month-day").first
    on = str(day.get_attribute("data-insert"))
    day.click()
    expect(drawer.locator("[name=due_on]")).to_have_value(on)
    expect(drawer.locator("#schedule-hours")).to_contain_text(re.compile("de \\d\\d:\\d\\d a"))
    drawer.get_by_role("button", name="Agendar").click()
    expect(page.locator("#toasts")).to_contain_text("Llamada agendada")
    expect(page.locator("#reply")).to_have_value(HALF)
