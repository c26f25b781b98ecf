"""The main job, end to end, as a person does it: a file in, a reply, a promise, a breach."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.hands import bring_in, simulated_day

pytestmark = pytest.mark.browser

NAME = "Bertha Arenales"
# Owes the same since the same day and promises nothing: what the flow sends to one and not the other.
WITNESS = "Carola Testigo"
CUSTOMERS = """Tipo de documento,Número de documento,Nombre,Apellido,País,Cartera,Asesor ID,Celular 1
DNI,71234567,Bertha,Arenales,PE,consumo-peru,A-01,987000111
DNI,72345678,Carola,Testigo,PE,consumo-peru,A-01,987000222
"""
DEBTS = """Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento
DNI,71234567,LAZO-1,PEN,250.00,{due:%d/%m/%Y}
DNI,72345678,LAZO-2,PEN,250.00,{due:%d/%m/%Y}
"""
# The step of the shipped strategy that asks for a call comes fifteen days after the due date.
CALL_STEP = 15
# Long enough for a working day to come, whatever the weekday is today.
HELD_DAYS = 4


def test_the_whole_loop(context: BrowserContext, tmp_path: Path) -> None:
    admin = sign_in(context.new_page(), "admin@sierraazul.example")
    today = simulated_day(admin)
    due = today - timedelta(days=CALL_STEP - 1)
    for day in (CALL_STEP + 1, CALL_STEP + 2):
        add_a_step(admin, day)
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
    promise(admin, simulated_day(admin) + timedelta(days=HELD_DAYS))
    flow_is_silent_for_the_promise_alone(admin)
    breach(admin)


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


def add_a_step(page: Page, day: int) -> None:
    """A text on a day after the call, which both would get."""
    page.goto("/flujos/")
    page.locator("table a").filter(has_text="Estrategia general").first.click()
    page.goto(f"{page.url}?paso=nuevo")
    page.locator("#step [name=name]").fill(f"Mensaje del día {day}")
    page.locator("#step [name=offset_days]").fill(str(day))
    page.locator("#step [name=hour]").fill("09:00")
    page.locator("#step [name=channel]").select_option("sms")
    page.locator("#step [name=template]").select_option(label="Un día después")
    page.get_by_role("button", name="Guardar paso").click()
    expect(page.get_by_text("Paso agregado.").first).to_be_visible()


def flow_is_silent_for_the_promise_alone(page: Page) -> None:
    """The step's day comes: the witness is written to, whoever promised is not."""
    for _day in range(HELD_DAYS - 1):
        advance(page)
        page.get_by_role("button", name="+ 1 hora").click(timeout=60_000)
        page.wait_for_load_state()
        if is_written_to(page, "Testigo"):
            break
    assert texts_to(page, "Testigo") > 0
    assert texts_to(page, "Arenales") == 0


def is_written_to(page: Page, name: str) -> bool:
    for _try in range(20):
        if texts_to(page, name):
            return True
        page.wait_for_timeout(500)
    return False


def texts_to(page: Page, name: str) -> int:
    """How many SMS the register shows for whoever is called so."""
    page.goto(f"/interacciones/?q={name}&canal=sms&tipo=outgoing")
    return page.locator("tbody tr", has_text=name).count()


def breach(page: Page) -> None:
    for _day in range(HELD_DAYS + 1):
        advance(page)
    page.goto("/clientes/?q=Arenales")
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    expect(page.get_by_text("Compromiso incumplido").first).to_be_visible(timeout=20_000)
