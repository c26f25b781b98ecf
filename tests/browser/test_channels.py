"""The channels in a real browser, over the wire that Meta speaks: the simulator is its far end."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running
from tests.browser.conftest import sign_in
from tests.browser.hands import bring_in, customer_number, write_as

pytestmark = pytest.mark.browser

CUSTOMER = """Tipo de documento,Número de documento,Nombre,Apellido,País,Cartera,Asesor ID,Celular 1
DNI,70011223,Delfina,Ventanilla,PE,consumo-peru,A-01,987000333
"""
DEBT = """Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento
DNI,70011223,VENTANA-1,PEN,480.00,01/06/2026
"""
PATIENCE = 30_000


@pytest.fixture(scope="module")
def delfina(browser: Browser, demo: running.Demo, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A customer who never wrote: the window is closed for her."""
    context = browser.new_context(base_url=demo.url, locale="es-PE")
    page, folder = sign_in(context.new_page(), "admin@sierraazul.example"), Path()
    folder = tmp_path_factory.mktemp("delfina")
    bring_in(page, "customers", CUSTOMER, folder)
    bring_in(page, "debts", DEBT, folder)
    found = customer_number(page, "Ventanilla")
    context.close()
    return found


def test_a_template_is_filled_in_sent_and_read_outside_the_window(page: Page, delfina: int) -> None:
    page.goto(f"/conversaciones/{delfina}/?canal=whatsapp")
    expect(page.locator("#reply-window")).to_contain_text("Ventana cerrada")
    page.locator(".approved-list a", has_text="Retomar la conversación").click()
    preview = page.locator(".approved-preview")
    expect(preview).to_contain_text("Hola, Delfina.")
    page.locator("#approved-fields input[name='dato.nombre']").fill("doña Delfina")
    expect(preview).to_contain_text("Hola, doña Delfina.")
    page.locator("#composer [data-submit]").click()
    sent = page.locator("#latest .bubble-out").last
    expect(sent).to_contain_text("Hola, doña Delfina.")
    expect(sent).to_contain_text("Abierto", timeout=PATIENCE)
    page.goto(f"/simulador/?cliente={delfina}&canal=whatsapp")
    expect(page.locator("#sim-thread")).to_contain_text("Hola, doña Delfina.")
    page.get_by_role("button", name="Sí, conversemos").click()
    page.goto(f"/conversaciones/{delfina}/")
    expect(page.locator("#latest")).to_contain_text("Sí, conversemos", timeout=PATIENCE)
    expect(page.locator("#reply-window")).to_contain_text("23 h")


def test_somebody_without_a_number_is_linked_to_a_customer(page: Page, delfina: int) -> None:
    page.goto("/simulador/")
    page.locator("#sim-stranger summary").click()
    page.fill("#stranger_name", "Delfi V.")
    page.fill("#stranger_username", "delfi.v")
    page.fill("#stranger_body", "Soy yo, cambié de teléfono.")
    page.get_by_role("button", name="Enviar por WhatsApp").click()
    page.goto("/conversaciones/no-registrados/")
    row = page.locator("#strangers .row-link", has_text="Delfi V.")
    expect(row).to_contain_text("Usuario de WhatsApp sin número", timeout=PATIENCE)
    row.click()
    page.locator("#panel input[name=q]").fill("Ventanilla")
    page.get_by_role("button", name=re.compile("Vincular a Delfina")).first.click()
    page.wait_for_url(f"**/conversaciones/{delfina}/")
    expect(page.locator("#latest")).to_contain_text("Soy yo, cambié de teléfono.")


def test_a_send_in_doubt_is_resolved_by_a_person(page: Page, delfina: int) -> None:
    write_as(page, delfina, "¿Sigue ahí?")
    behave(page, "silent")
    page.goto(f"/conversaciones/{delfina}/?canal=whatsapp")
    page.fill("#reply", "Sí, aquí estoy.")
    page.keyboard.press("Control+Enter")
    sent = page.locator("#latest .bubble-out").last
    expect(sent).to_contain_text("Por resolver", timeout=PATIENCE)
    page.goto("/envios/por-resolver/")
    resolve = page.get_by_role("link", name="Resolver: Delfina Ventanilla")
    resolve.click()
    page.get_by_role("button", name="Contar como enviado").click()
    page.goto("/envios/por-resolver/")
    expect(page.locator("h1", has_text="Por resolver")).to_be_visible()
    expect(resolve).to_have_count(0)
    page.goto(f"/conversaciones/{delfina}/")
    expect(page.locator("#latest .bubble-out").last).to_contain_text("Enviado")


def behave(page: Page, answer: str) -> None:
    """Tell the provider what to do with the next message of this line."""
    page.locator("#provider").click()
    page.select_option("#manners_answer", answer)
    page.check("#manners_is_once")
    page.get_by_role("button", name="Comportarse así").click()
    expect(page.locator(".toast").first).to_be_visible()
