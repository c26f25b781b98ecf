"""Every screen, in both themes, on a wide window and on a phone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import checks, running
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Name of the picture, address, and the link or button to press there first.
SCREENS = {
    "inbox": ("/conversaciones/", ""),
    "conversation": ("/conversaciones/?pending=1", "#rows .row-link >> nth=1"),
    "mentions": ("/conversaciones/menciones/?todas=1", ""),
    "strangers": ("/conversaciones/no-registrados/", ""),
    "stranger": ("/conversaciones/no-registrados/", "#strangers .row-link >> nth=0"),
    "calls": ("/llamadas/", ""),
    "call": ("/llamadas/", "li.row .row-link >> nth=0"),
    "customers": ("/clientes/", ""),
    "customer": ("/clientes/", "td.main a >> nth=0"),
    "segments": ("/clientes/segmentos/", ""),
    "segment": ("/clientes/segmentos/", "td.main a >> nth=0"),
    "debts": ("/cuentas/ordenes/", ""),
    "payments": ("/cuentas/pagos/", ""),
    "reports": ("/cuentas/pagos-a-verificar/", ""),
    "promises": ("/cuentas/compromisos/", ""),
    "interactions": ("/interacciones/", ""),
    "imports": ("/archivos/importaciones/", ""),
    "import": ("/archivos/importaciones/nueva/", ""),
    "exports": ("/archivos/descargas/", ""),
    "flows": ("/flujos/", ""),
    "bulk": ("/conversaciones/masivas/", ""),
    "templates": ("/conversaciones/plantillas/", ""),
    "users": ("/ajustes/usuarios/", ""),
    "teams": ("/ajustes/equipos/", ""),
    "portfolios": ("/ajustes/carteras/", ""),
    "uncertain": ("/envios/por-resolver/", ""),
    "failed": ("/envios/por-resolver/fallidos/", ""),
    "not-sent": ("/envios/por-resolver/no-enviados/", ""),
    "held": ("/envios/por-resolver/en-espera/", ""),
    "set-aside": ("/envios/por-resolver/avisos/", ""),
    "health": ("/envios/salud/", ""),
    "channels": ("/ajustes/canales/", ""),
    "channel": ("/ajustes/canales/", "td.main a >> nth=0"),
    "channel-new": ("/ajustes/canales/nueva/smtp/", ""),
    "organization": ("/ajustes/organizacion/", ""),
    "simulator": ("/simulador/", ""),
}
SIZES = {1440: 900, 390: 844}
THEMES: tuple[tuple[Literal["light", "dark"], Callable[[Page], list[str]]], ...] = (
    ("light", checks.accessibility),
    ("dark", checks.colours),
)
# Where the panel of the customer leaves the window and opens over it.
NARROW = 1100
WORKSPACE = ("inbox", "conversation", "stranger", "call")


@pytest.fixture(scope="module")
def signed_in(browser: Browser, demo: running.Demo) -> str:
    """The session of the administrator, to open contexts with."""
    context = browser.new_context(base_url=demo.url)
    sign_in(context.new_page(), "admin@sierraazul.example")
    stored: str = context.storage_state()  # type: ignore[assignment]
    context.close()
    return stored


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_accessible_and_hides_no_text(
    browser: Browser, demo: running.Demo, signed_in: str, name: str, width: int
) -> None:
    context = opened(browser, demo, signed_in, width=width)
    try:
        broken = faults(visited(context, *SCREENS[name]), f"{name}-{{}}-{width}")
    finally:
        context.close()
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("name", WORKSPACE)
def test_workspace_hides_no_text_between_desk_and_phone(
    browser: Browser, demo: running.Demo, signed_in: str, name: str
) -> None:
    context = opened(browser, demo, signed_in, width=NARROW)
    try:
        page = visited(context, *SCREENS[name])
        picture(page, f"{name}-light-{NARROW}")
        broken = checks.layout(page)
        for opener in page.locator("[data-toggle='#panel']").all()[:1]:
            opener.click()
            broken += checks.layout(page)
    finally:
        context.close()
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("width", SIZES)
def test_sign_in_page_is_accessible(browser: Browser, demo: running.Demo, width: int) -> None:
    context = opened(browser, demo, None, width=width)
    try:
        broken = faults(visited(context, "/cuenta/login/", ""), f"login-{{}}-{width}")
    finally:
        context.close()
    assert not broken, "\n".join(broken)


def faults(page: Page, name: str) -> list[str]:
    """Of the page in either theme; what a theme changes is colour, so all else is read once."""
    broken = checks.layout(page)
    for theme, check in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        picture(page, name.format(theme))
        broken += [f"{theme}: {each}" for each in check(page)]
    return broken


def opened(
    browser: Browser, demo: running.Demo, state: str | None, *, width: int
) -> BrowserContext:
    return browser.new_context(
        base_url=demo.url,
        storage_state=state,
        viewport={"width": width, "height": SIZES.get(width, 800)},
        reduced_motion="reduce",
        locale="es-PE",
    )


def visited(context: BrowserContext, address: str, press: str) -> Page:
    page = context.new_page()
    answer = page.goto(address)
    assert answer, address
    assert answer.status == 200, f"{address}: {answer.status}"
    if press:
        here = page.url
        page.locator(press).first.click()
        page.wait_for_url(lambda url: url != here)
    # The live stream never falls silent, so there is no network idle to wait for.
    page.wait_for_timeout(300)
    expect(page.locator(".htmx-request")).to_have_count(0)
    return page


def picture(page: Page, name: str) -> None:
    """Only when asked: a test run leaves the tree as it found it."""
    if os.environ.get("ACUERDO_SCREENSHOTS") != "1":
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
