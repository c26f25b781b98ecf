"""A working day by keyboard alone: list, answer, note, result, command bar, and keys of one's own."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import checks
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
ADMIN = "admin@sierraazul.example"


@pytest.fixture
def desk(page: Page) -> Iterator[Page]:
    """The list without filters; afterwards the keys are as they come."""
    page.goto("/conversaciones/?q=")
    page.locator("#rows .row").first.wait_for()
    yield page
    page.goto("/ajustes/atajos/")
    page.locator("#shortcuts [name=on]").check()
    originals = page.get_by_role("button", name="Volver a las teclas de origen")
    if originals.count():
        originals.click()
        expect(originals).to_have_count(0)


def opened(page: Page) -> str:
    return page.locator("#conversation").get_attribute("data-customer") or ""


def writable(page: Page) -> None:
    """Down the list by keyboard until somebody may be written to now."""
    for _ in range(15):
        page.keyboard.press("j")
        wanted = page.evaluate("document.activeElement.dataset.customer")
        page.keyboard.press("Enter")
        expect(page.locator("#conversation")).to_have_attribute("data-customer", wanted)
        if page.locator("#composer [data-submit-next]").count():
            return
    raise AssertionError("nobody in the list may be written to")


def test_a_day_by_keyboard_alone(desk: Page) -> None:
    keys = desk.keyboard
    keys.press("j")
    expect(desk.locator("#rows .row-link").first).to_be_focused()
    keys.press("ArrowDown")
    keys.press("k")
    expect(desk.locator("#rows .row-link").first).to_be_focused()
    writable(desk)
    first = opened(desk)
    keys.press("c")
    expect(desk.locator("#reply")).to_be_focused()
    reply_with_a_template(desk)
    keys.press("Control+Shift+Enter")
    expect(desk.locator("#conversation")).not_to_have_attribute("data-customer", first)
    note_is_written(desk)
    note_is_found(desk)


def note_is_written(page: Page) -> None:
    keys = page.keyboard
    keys.press("Escape")
    keys.press("n")
    expect(page.locator(".composer-note #reply")).to_be_visible()
    keys.press("Escape")
    keys.press("c")
    expect(page.locator("#reply")).to_be_focused()
    keys.type("Llama el lunes, dice su hermana")
    with page.expect_response("**/notas/"):
        keys.press("Control+Enter")
    expect(page.locator("#latest .note").last).to_contain_text("dice su hermana")
    # The empty box takes the focus a moment after the note shows.
    page.wait_for_timeout(500)


def reply_with_a_template(page: Page) -> None:
    page.locator("#reply").fill("")
    page.keyboard.type("/")
    expect(page.locator("#insertable .menu-item").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_have_value(re.compile(r"\w{3}"))
    expect(page.locator("#reply")).to_be_focused()


def note_is_found(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("#reply")).not_to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#inbox-search")).to_be_focused()
    page.keyboard.type("dice su hermana")
    hit = page.locator("#rows .row-hit", has_text="dice su hermana")
    expect(page.locator("#rows .row-title", has_text="Notas")).to_be_visible()
    # The answer to the whole of it: one that comes later would write its own address.
    expect(page).to_have_url(re.compile("hermana"))
    hit.first.focus()
    hit.locator("a").first.press("Enter")
    expect(page.locator("#thread .note.is-pointed-at")).to_contain_text("dice su hermana")
    expect(page).to_have_url(re.compile(r"dia=\d{4}-\d\d-\d\d"))


def test_a_result_and_the_menus_of_the_head(desk: Page) -> None:
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.locator("#composer").wait_for()
    desk.keyboard.press("r")
    sheet = desk.locator("#gestion-sheet")
    expect(sheet).to_be_visible()
    desk.keyboard.press("2")
    expect(sheet.locator("[data-choices]").first.locator("input").nth(1)).to_be_checked()
    desk.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    if desk.locator("#omission").count():
        desk.keyboard.press("o")
        expect(desk.locator("#omission [name=reason]")).to_be_focused()
        desk.keyboard.press("Control+Enter")
        expect(desk.locator("#omission")).to_have_count(0)
    desk.keyboard.press("u")
    expect(desk.locator("#omission")).to_be_visible()
    desk.keyboard.press("g")
    desk.keyboard.press("l")
    expect(desk).to_have_url(re.compile("/llamadas/"))


def test_the_command_bar_does_what_the_page_can(desk: Page) -> None:
    desk.keyboard.press("j")
    name = desk.evaluate("document.activeElement.querySelector('.row-name').textContent")
    desk.keyboard.press("Enter")
    desk.locator("#composer").wait_for()
    desk.keyboard.press("c")
    desk.keyboard.press("Control+k")
    field = desk.get_by_role("combobox", name="Buscar un cliente")
    expect(field).to_be_focused()
    expect(desk.locator("#bar-found [role=option]").first).to_contain_text(name)
    assert checks.accessibility(desk) == []
    desk.keyboard.press("Escape")
    expect(desk.locator("#reply")).to_be_focused()
    desk.keyboard.press("Control+k")
    desk.keyboard.type("registrar resul")
    expect(desk.locator("#bar-count")).to_have_text("1 resultado")
    desk.keyboard.press("Enter")
    expect(desk.locator("#gestion-sheet")).to_be_visible()


def test_what_is_typed_while_the_bar_comes_is_looked_for(desk: Page) -> None:
    def late(route: Route) -> None:
        desk.wait_for_timeout(1500)
        route.continue_()

    desk.locator("#rows .row-link").first.click()
    desk.locator("#composer").wait_for()
    desk.route("**/bar*.js", late)
    desk.keyboard.press("Control+k")
    desk.keyboard.type("registrar resul")
    expect(desk.locator("#bar-count")).to_have_text("1 resultado")
    expect(desk.locator("#bar-input")).to_have_value("registrar resul")


def test_the_command_bar_finds_and_goes(desk: Page) -> None:
    row = desk.locator("#rows .row-link").first
    name = row.locator(".row-name").inner_text()
    desk.keyboard.press("Control+k")
    field = desk.get_by_role("combobox", name="Buscar un cliente")
    expect(field).to_be_focused()
    desk.keyboard.type(name.split()[0].lower())
    expect(desk.locator("#bar-found", has_text=name)).to_be_visible()
    field.fill("flujos")
    chosen = desk.locator("#bar [aria-selected=true]")
    expect(chosen).to_have_text(re.compile("Flujos"))
    assert chosen.get_attribute("id") == field.get_attribute("aria-activedescendant")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile("/flujos/"))


def test_the_command_bar_on_a_phone(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.get_by_role("button", name="Buscar", exact=True).click()
    expect(desk.locator("#bar-input")).to_be_focused()
    assert checks.accessibility(desk) + checks.layout(desk) == []
    desk.locator("#bar-input").fill("zzzz")
    expect(desk.locator("#bar-none")).to_be_visible()
    desk.locator("#bar [data-close]").click()
    expect(desk.get_by_role("button", name="Buscar", exact=True)).to_be_focused()


def test_a_key_is_changed_by_pressing_it(desk: Page) -> None:
    here = desk.url
    desk.goto("/ajustes/atajos/")
    field = desk.get_by_label("Registrar resultado", exact=True)
    field.focus()
    desk.keyboard.press("n")
    expect(desk.get_by_role("alert")).to_contain_text("Nota interna")
    expect(field).to_be_focused()
    desk.keyboard.press("t")
    expect(desk.get_by_role("button", name="Volver a R en Registrar resultado")).to_be_visible()
    assert checks.accessibility(desk) == []
    desk.goto(here)
    desk.locator("#rows .row-link").first.click()
    button = desk.locator("#thread-head [data-key=r]")
    expect(button.locator("kbd")).to_have_text("T")
    # Until what came in is at work, a key follows the plain link.
    expect(desk.locator("#panel h3 a")).to_be_visible()
    desk.keyboard.press("r")
    desk.keyboard.press("t")
    expect(desk.locator("#gestion-sheet")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    listed = desk.locator("#help-keys .spread", has_text="Registrar resultado")
    expect(listed.locator("kbd")).to_have_text("T")


def test_single_keys_go_off_and_the_command_bar_stays(desk: Page) -> None:
    desk.locator("#rows .row-link").first.click()
    desk.locator("#composer").wait_for()
    desk.keyboard.press("?")
    desk.locator("#help [data-keys-switch]").uncheck()
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    desk.keyboard.press("r")
    desk.keyboard.press("Control+k")
    expect(desk.locator("#bar-input")).to_be_focused()
    expect(desk.locator("#gestion-sheet")).to_be_hidden()
    expect(desk.locator("#composer.composer-note")).to_have_count(0)
    desk.reload()
    expect(desk.locator("body")).to_have_attribute("data-keys", "off")


def test_unsent_words_outlive_a_session_but_not_their_writer(context: BrowserContext) -> None:
    page = sign_in(context.new_page(), ADMIN, anew=True)
    page.goto("/conversaciones/?q=")
    page.locator("#rows .row").first.wait_for()
    writable(page)
    here = page.url
    left_unsent(page)
    session_ends(context)
    again = sign_in(context.new_page(), ADMIN, anew=True)
    again.close()
    page.goto(here)
    expect(page.locator("[data-pending]")).to_contain_text("Palabras sin enviar")
    session_ends(context)
    sign_in(page, "supervisor@sierraazul.example", anew=True)
    page.goto(here)
    page.locator("#composer").wait_for()
    expect(page.locator("[data-pending]")).to_have_count(0)
    assert "Palabras" not in page.evaluate("JSON.stringify(sessionStorage)")
    sign_in_again_and_out(page, here)


def left_unsent(page: Page) -> None:
    page.route("**/mensajes/", lost)
    # By e-mail it would lack its subject.
    if page.locator("#reply-subject").count():
        page.locator("#reply-subject").fill("Aviso")
    page.locator("#reply").fill("Palabras sin enviar")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-pending]").get_by_role("alert")).to_contain_text("No enviado")
    page.unroute("**/mensajes/")


def lost(route: Route) -> None:
    route.abort()


def session_ends(context: BrowserContext) -> None:
    context.clear_cookies()


def sign_in_again_and_out(page: Page, here: str) -> None:
    """Who leaves takes their words along, whoever comes after them."""
    page.goto(here)
    if page.locator("#composer [data-submit-next]").count():
        left_unsent(page)
    page.evaluate("document.querySelector('[data-sign-out]').requestSubmit()")
    page.wait_for_url(re.compile("/cuenta/"))
    assert "Palabras" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_what_could_not_be_opened_says_so_and_is_asked_for_again(desk: Page) -> None:
    desk.route(re.compile(r"/conversaciones/\d+/\?"), lambda route: route.fulfill(status=503))
    row = desk.locator("#rows .row-link").first
    customer = row.get_attribute("data-customer") or ""
    desk.route(re.compile(rf"/conversaciones/{customer}/"), lambda route: route.fulfill(status=503))
    row.click()
    notice = desk.locator("#toasts [data-toast]")
    expect(notice).to_contain_text("No se pudo completar")
    desk.unroute_all()
    # A dialog that opens later would lie above the notice: it is laid on top again.
    desk.evaluate(
        "document.querySelector('#toasts').addEventListener('beforetoggle', (event) => (window.raised = event.newState))"
    )
    desk.keyboard.press("Control+k")
    expect(desk.locator("#bar")).to_be_visible()
    assert desk.evaluate("window.raised") == "open"
    desk.keyboard.press("Escape")
    notice.get_by_role("button", name="Reintentar").click()
    expect(desk.locator("#conversation")).to_have_attribute("data-customer", customer)
    desk.context.set_offline(True)
    expect(desk.locator("#live-banner")).to_be_visible()
    desk.context.set_offline(False)
    expect(desk.locator("#live-banner")).to_be_hidden()
