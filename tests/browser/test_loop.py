"""The main job, end to end, as a person does it: a file in, a reply, a promise, a breach."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

NAME = "Bertha Arenales"
CUSTOMERS = """Tipo de documento,Número de documento,Nombre,Apellido,País,Cartera,Asesor ID,Celular 1
DNI,71234567,Bertha,Arenales,PE,consumo-peru,A-01,987000111
"""
DEBTS = """Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento
DNI,71234567,LAZO-1,PEN,250.00,{due:%d/%m/%Y}
"""
# The step of the shipped strategy that asks for a call comes fifteen days after the due date.
CALL_STEP = 15


@pytest.mark.timeout(300)
def test_the_whole_loop(context: BrowserContext, tmp_path: Path) -> None:
    admin = sign_in(context.new_page(), "admin@sierraazul.example")
    today = simulated_day(admin)
    due = today - timedelta(days=CALL_STEP - 1)
    bring_in(admin, "customers", CUSTOMERS, tmp_path)
    bring_in(admin, "debts", DEBTS.format(due=due), tmp_path)
    advance_to_the_call(admin)
    inbox = context.new_page()
    inbox.goto("/conversaciones/")
    write_as_the_debtor(admin, "Hola, quiero pagar la próxima semana")
    row = inbox.locator("#rows .row", has_text=NAME)
    expect(row.locator(".row-link.is-pending")).to_be_visible(timeout=10_000)
    answer(inbox, "Claro que sí. ¿Qué día le queda bien?")
    expect(row.locator(".row-link.is-pending")).to_have_count(0)
    expect(row).to_be_visible()
    promise(admin, simulated_day(admin) + timedelta(days=1))
    flow_is_silent(admin)
    breach(admin)


def simulated_day(page: Page) -> date:
    """The day that forms offer as today: the demonstration's own clock."""
    page.goto("/simulador/")
    stamp = page.locator("[data-now]").get_attribute("data-now")
    assert stamp, "the simulator does not say its date"
    return date.fromisoformat(stamp[:10])


def bring_in(page: Page, sheet: str, text: str, folder: Path) -> None:
    file = folder / f"{sheet}.csv"
    file.write_text(text, encoding="utf-8")
    page.goto("/archivos/importaciones/nueva/")
    page.select_option("select[name=sheet]", sheet)
    page.set_input_files("input[name=upload]", file)
    page.get_by_role("button", name="Revisar archivo").click()
    page.get_by_role("button", name="Confirmar importación").click(timeout=30_000)
    expect(page.get_by_text("Terminada").first).to_be_visible(timeout=30_000)


def advance(page: Page) -> None:
    page.goto("/simulador/")
    page.get_by_role("button", name="Avanzar un día").click(timeout=60_000)
    page.wait_for_load_state()


def advance_to_the_call(page: Page) -> None:
    """One day and the morning of it, so that the call of the fifteenth day is in the tray."""
    advance(page)
    page.get_by_role("button", name="+ 1 hora").click(timeout=60_000)
    page.wait_for_load_state()
    page.goto("/llamadas/?q=Arenales")
    for _try in range(20):
        if page.locator("li.row", has_text=NAME).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the call of the flow is not in the tray")


def write_as_the_debtor(page: Page, words: str) -> None:
    page.goto("/simulador/?q=Arenales")
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    page.get_by_placeholder("Escribir como la persona").fill(words)
    page.get_by_placeholder("Escribir como la persona").press("Enter")


def answer(page: Page, words: str) -> None:
    page.locator("#rows .row", has_text=NAME).get_by_role("link").click()
    page.locator("#reply").fill(words)
    page.locator("#composer [data-submit]").click()
    expect(page.locator("#thread")).to_contain_text(words)


def promise(page: Page, on: date) -> None:
    page.goto("/llamadas/?q=Arenales")
    row = page.locator("li.row", has_text=NAME)
    row.get_by_role("link").click()
    page.get_by_role("link", name=re.compile("Gestión")).first.click()
    page.locator("input[name=result][value=promise]").check(force=True)
    page.locator("[name=due_on]").fill(on.isoformat())
    page.locator("[name=amount]").fill("250")
    page.locator("form[data-gestion] [data-submit], form[data-gestion] .btn-primary").last.click()
    expect(page.locator("li.row", has_text=NAME)).to_have_count(0)


def flow_is_silent(page: Page) -> None:
    """Today's run of the flow, if there is one, says that a promise holds it."""
    page.goto("/clientes/?q=Arenales")
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    expect(page.get_by_text(re.compile("ompromiso")).first).to_be_visible()


def breach(page: Page) -> None:
    for _day in range(2):
        advance(page)
    page.goto("/clientes/?q=Arenales")
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    expect(page.get_by_text("Compromiso incumplido").first).to_be_visible(timeout=20_000)
