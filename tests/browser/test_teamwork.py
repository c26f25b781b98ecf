"""Two people at once on the same customer: seen, challenged, reassigned, cut off; no word is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import checks, running
from tests.browser.conftest import sign_in
from tests.browser.hands import bring_in, customer_number, write_as

pytestmark = pytest.mark.browser
# Two browsers, a stream and a worker share the machine.
expect.set_options(timeout=20_000)
ROSA, ELENA = "asesora@sierraazul.example", "supervisor@sierraazul.example"
HEAD = "Tipo de documento,Número de documento,Nombre,Apellido,País,Cartera,Asesor ID,Celular 1"
NAMES = tuple(enumerate(("Albahaca", "Berro", "Comino", "Eneldo", "Hinojo", "Laurel")))
GREETING = "Buenas, ¿me pueden ayudar?"
COUNT = """() => { window.facts = [];
  document.body.addEventListener("live:change", ({ detail }) => detail.id && window.facts.push(detail.id)); }"""


@pytest.fixture
def other(browser: Browser, demo: running.Demo) -> Iterator[BrowserContext]:
    found = browser.new_context(
        base_url=demo.url, viewport={"width": 1440, "height": 900}, locale="es-PE"
    )
    found.set_default_timeout(15_000)
    yield found
    found.close()


@pytest.fixture(scope="module")
def hers(
    browser: Browser, demo: running.Demo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """One customer of Rosa's for each walk, who has just written: free text may be answered."""
    context = browser.new_context(base_url=demo.url, locale="es-PE")
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    rows = [f"DNI,7003300{n},Berta,{name},PE,consumo-peru,A-01,98700041{n}" for n, name in NAMES]
    bring_in(page, "customers", "\n".join([HEAD, *rows, ""]), tmp_path_factory.mktemp("hers"))
    found = [customer_number(page, name) for _number, name in NAMES]
    for customer in found:
        write_as(page, customer, GREETING)
    context.close()
    return iter(found)


@pytest.fixture
def rosa(context: BrowserContext, hers: Iterator[int]) -> Page:
    """An adviser in a conversation of her own that can be answered."""
    page = sign_in(context.new_page(), ROSA)
    page.goto(f"/conversaciones/{next(hers)}/?canal=whatsapp")
    expect(page.locator("#latest")).to_contain_text(GREETING)
    expect(page.locator("#thread-head .owner")).to_have_attribute("data-tip", "Lo atiende usted")
    expect(page.locator("#composer [data-submit]")).to_be_visible()
    return page


@pytest.fixture
def elena(other: BrowserContext, rosa: Page) -> Page:
    """Her supervisor, in the same conversation."""
    page = sign_in(other.new_page(), ELENA)
    page.goto(re.sub(r"\?.*", "", rosa.url))
    return page


def say(page: Page, words: str) -> None:
    page.locator("#reply").fill(words)
    page.locator("#reply").press("Control+Enter")


def times(page: Page, words: str) -> int:
    return page.locator("#thread .bubble-text", has_text=words).count()


def test_each_sees_that_the_other_is_there_and_writes(rosa: Page, elena: Page) -> None:
    expect(rosa.locator("#presence")).to_contain_text("Elena Cordero también está viendo")
    expect(elena.locator("#presence")).to_contain_text("Rosa Quintanilla también está viendo")
    expect(elena.locator("#rows .row-company").first).to_have_attribute(
        "title", re.compile("Rosa Quintanilla")
    )
    rosa.locator("#reply").press_sequentially("Buenos días", delay=30)
    expect(elena.locator("#presence")).to_contain_text("Rosa Quintanilla está escribiendo")
    expect(elena.locator("#presence-typing")).to_be_visible()
    assert checks.accessibility(elena) == []
    rosa.goto("/conversaciones/")
    expect(elena.locator("#presence")).not_to_contain_text("Rosa", timeout=20_000)


def test_a_send_that_missed_the_colleagues_answer_is_held(rosa: Page, elena: Page) -> None:
    rosa.route("**/hilo/**", lambda route: route.abort())
    say(elena, "Ya lo llamé yo")
    expect(elena.locator("#latest")).to_contain_text("Ya lo llamé yo")
    say(rosa, "Le escribo por su deuda")
    held = rosa.locator(".challenge")
    expect(held).to_contain_text("Ya lo llamé yo")
    expect(rosa.locator("#reply")).to_have_value("Le escribo por su deuda")
    assert checks.accessibility(rosa) == []
    # The key for sending, once more, decides nothing.
    rosa.locator("#reply").press("Control+Enter")
    expect(held).to_be_visible()
    expect(elena.locator("#latest")).not_to_contain_text("Le escribo por su deuda")
    rosa.unroute("**/hilo/**")
    held.get_by_role("button", name="Enviar igual").click()
    expect(elena.locator("#latest")).to_contain_text("Le escribo por su deuda")
    expect(held).to_have_count(0)
    assert times(elena, "Le escribo por su deuda") == 1


def test_who_loses_the_customer_is_shown_out_with_her_words(rosa: Page, elena: Page) -> None:
    here = re.sub(r"\?.*", "", rosa.url)
    rosa.locator("#reply").fill("Estaba por proponerle un plan")
    elena.locator("#owner > summary").click()
    elena.locator("#owners button", has_text="Elena Cordero").click()
    expect(rosa.locator("#conversation")).to_contain_text("ya no está a su cargo")
    expect(rosa.locator("#lost-words")).to_have_value("Estaba por proponerle un plan")
    number = here.rstrip("/").rsplit("/", 1)[1]
    expect(rosa.locator(f"#row_{number}")).to_have_count(0)
    assert "/conversaciones/?" in f"{rosa.url}?"
    assert rosa.request.get(here).status == 404
    elena.locator("[data-undo]").last.click()
    expect(elena.locator("#thread-head .owner")).to_have_attribute("data-tip", "Rosa Quintanilla")


def test_what_came_while_the_line_was_cut_is_there_once(rosa: Page, elena: Page) -> None:
    rosa.evaluate(COUNT)
    rosa.context.set_offline(True)
    expect(rosa.locator("#live-banner")).to_be_visible()
    for number in range(3):
        say(elena, f"Mensaje {number} sin conexión")
        expect(elena.locator("#latest")).to_contain_text(f"Mensaje {number} sin conexión")
    assert "sin conexión" not in rosa.locator("#latest").inner_text()
    rosa.context.set_offline(False)
    for number in range(3):
        expect(rosa.locator("#latest")).to_contain_text(f"Mensaje {number} sin conexión")
        assert times(rosa, f"Mensaje {number} sin conexión") == 1
    expect(rosa.locator("#live-banner")).to_be_hidden()
    facts = rosa.evaluate("() => window.facts")
    assert len(facts) >= 3
    assert len(facts) == len(set(facts))


def test_a_session_that_ends_while_writing_loses_nothing(rosa: Page) -> None:
    rosa.locator("#reply").fill("Un texto que no se pierde")
    rosa.context.clear_cookies(name=re.compile("session"))
    rosa.locator("#reply").press("Control+Enter")
    expect(rosa.locator("#signed-out")).to_be_visible()
    with rosa.expect_popup() as opened:
        rosa.locator("#signed-out a").click()
    again = opened.value
    again.fill("input[name=login]", ROSA)
    again.fill("input[name=password]", "cobrar-con-calma")
    again.press("input[name=password]", "Enter")
    again.wait_for_url(lambda url: "/cuenta/" not in url)
    again.close()
    rosa.bring_to_front()
    if rosa.locator("#signed-out").is_visible():
        rosa.locator("#signed-out [data-close]").click()
    expect(rosa.locator("[data-pending]")).to_contain_text("Un texto que no se pierde")
    rosa.locator("[data-pending] [data-retry]").click()
    expect(rosa.locator("#latest")).to_contain_text("Un texto que no se pierde")
    rosa.reload()
    assert times(rosa, "Un texto que no se pierde") == 1


def test_two_tabs_and_a_double_press_make_one_message(rosa: Page) -> None:
    words = "Una sola vez"
    rosa.locator("#reply").fill(words)
    rosa.wait_for_timeout(1500)
    second = rosa.context.new_page()
    second.goto(re.sub(r"\?.*", "", rosa.url))
    expect(second.locator("#reply")).to_have_value(words)
    rosa.locator("#reply").press("Control+Enter")
    rosa.locator("#reply").press("Control+Enter")
    expect(rosa.locator("#latest")).to_contain_text(words)
    second.locator("#reply").fill(words)
    second.locator("#reply").press("Control+Enter")
    expect(second.locator(".challenge")).to_contain_text("otra pestaña")
    expect(second.locator("#reply")).to_have_value(words)
    for page in (rosa, second):
        page.go_back()
        page.go_forward()
    rosa.reload()
    expect(rosa.locator("#latest")).to_contain_text(words)
    assert times(rosa, words) == 1
