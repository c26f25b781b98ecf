"""The list of Recibidos in a real browser: filters as chips, views, its place, news that wait."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import sign_in
from tests.browser.hands import somebody_who_wrote

pytestmark = pytest.mark.browser
# A first answer of a busy machine takes longer than the five seconds of the library.
expect.set_options(timeout=15_000)


# As the tab that leads tells the others: five messages a second, for somebody who is in no list.
STREAM = """async () => {
  const channel = new BroadcastChannel("acuerdo-live");
  for (let each = 1; each <= 20; each += 1) {
    channel.postMessage({ fact: { id: 1e9 + each, type: "message.received", customer: 999999 } });
    await new Promise((done) => setTimeout(done, 200));
  }
}"""


def cleared(page: Page) -> Page:
    page.goto("/conversaciones/?q=")
    page.locator("#rows .row").first.wait_for()
    return page


def test_filters_become_chips_and_come_back(page: Page) -> None:
    cleared(page)
    page.locator("#inbox-filters > summary").click()
    page.locator("#inbox-menus [name=days_from]").fill("5")
    page.locator("#inbox-menus [name=reach]").select_option("whatsapp")
    page.get_by_role("button", name="Aplicar").click()
    chip = page.get_by_role("link", name=re.compile("Quitar filtro ≥ 5 días"))
    expect(chip).to_be_visible()
    expect(page).to_have_url(re.compile("days_from=5"))
    expect(page.locator("#inbox-filters")).not_to_have_attribute("open", "")
    page.goto("/conversaciones/")
    expect(page).to_have_url(re.compile("days_from=5"))
    chip.click()
    expect(page).not_to_have_url(re.compile("days_from"))
    page.get_by_role("link", name=re.compile("Quitar filtro Contactabilidad")).click()
    expect(page).to_have_url(re.compile("/conversaciones/$"))


def test_a_view_is_saved_chosen_and_deleted(page: Page) -> None:
    cleared(page)
    page.goto("/conversaciones/?pending=1&sort=waiting")
    page.locator("#inbox-views summary").click()
    page.locator("#inbox-views [name=name]").fill("Los que esperan")
    page.get_by_role("button", name="Guardar vista").click()
    expect(page.locator("#inbox-views summary")).to_contain_text("Los que esperan")
    cleared(page)
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile("sort=waiting"))
    page.goto("/conversaciones/vistas/administrar/")
    page.get_by_role("button", name="Eliminar Los que esperan").click()
    expect(page.locator(".view-own", has_text="Los que esperan")).to_have_count(0)
    cleared(page)


def test_words_of_a_message_are_found_beside_customers(page: Page) -> None:
    word = "topacio"
    somebody_who_wrote(page, f"Le mando la foto del {word} por la tarde")
    cleared(page)
    page.locator("#inbox-search").fill(word)
    expect(page.locator("#rows .row-hit mark").first).to_have_text(re.compile(word, re.IGNORECASE))


def test_the_count_follows_a_stream_that_never_rests(context: BrowserContext) -> None:
    page = cleared(sign_in(context.new_page(), "admin@sierraazul.example"))
    counts: list[str] = []
    page.on("request", lambda sent: counts.append(sent.url) if "/conteo/" in sent.url else None)
    other = context.new_page()
    other.goto("/webhooks/")
    other.evaluate(STREAM)
    assert len(counts) >= 2


def test_news_wait_while_the_pointer_is_over_the_list(context: BrowserContext) -> None:
    page = cleared(sign_in(context.new_page(), "admin@sierraazul.example"))
    last = page.locator("#rows .row").nth(3)
    name = last.locator(".row-name").inner_text()
    first = page.locator("#rows .row").first.get_attribute("id")
    last.hover()
    writer = context.new_page()
    writer.goto(f"/simulador/?q={name.split()[0]}")
    writer.get_by_role("link", name=re.compile(re.escape(name))).first.click()
    writer.get_by_placeholder("Escribir como la persona").fill("Ya pagué esta mañana")
    writer.get_by_placeholder("Escribir como la persona").press("Enter")
    page.bring_to_front()
    expect(page.locator("#inbox-news")).to_be_visible(timeout=10_000)
    assert page.locator("#rows .row").first.get_attribute("id") == first
    page.locator("#inbox-news").click()
    expect(page.locator("#rows .row").first).to_contain_text(name)


def test_a_row_keeps_the_focus_when_the_list_comes_anew(page: Page) -> None:
    cleared(page)
    held = news_under_way(page)
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.dataset.customer")
    arrives(held, page)
    expect(page.locator(f"#rows [data-customer='{focused}']")).to_be_focused()


def test_a_stream_of_news_does_not_put_the_list_off(page: Page) -> None:
    """One fact follows the other faster than the list waits for the next."""
    cleared(page)
    with page.expect_response(re.compile(r"/fila/\?"), timeout=10_000):
        page.evaluate("""() => {
          const customer = document.querySelector("#rows [data-customer]").dataset.customer;
          const fact = new CustomEvent("live:change", { detail: { type: "message.received", customer } });
          window.stream = setInterval(() => document.body.dispatchEvent(fact), 20);
        }""")
    page.evaluate("clearInterval(window.stream)")


def test_news_leave_a_filter_that_is_being_chosen_alone(page: Page) -> None:
    cleared(page)
    held = news_under_way(page)
    page.locator("#inbox-filters > summary").click()
    days = page.locator("#inbox-menus [name=days_from]")
    days.fill("5")
    arrives(held, page)
    expect(days).to_have_value("5")
    held = news_under_way(page)
    page.get_by_role("button", name="Aplicar").click()
    chip = page.get_by_role("link", name=re.compile("Quitar filtro ≥ 5 días"))
    expect(chip).to_be_visible()
    held.continue_()
    chip.click()
    expect(chip).to_have_count(0)


def arrives(held: Route, page: Page) -> None:
    page.evaluate("document.querySelector('#rows').dataset.before = ''")
    held.continue_()
    expect(page.locator("#rows[data-before]")).to_have_count(0)


def news_under_way(page: Page) -> Route:
    """A refresh of the list that the browser asked for and did not get yet."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/conversaciones/(\?|$)"), hold, times=1)
    page.mouse.move(900, 5)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:poll'))")
    while not held:
        page.wait_for_timeout(50)
    return held[0]


def test_the_way_back_keeps_the_place(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 420})
    cleared(page)
    rows = page.locator("#rows")
    rows.evaluate("rows => { rows.scrollTop = 300 }")
    page.locator("#rows .row-link").nth(5).click()
    page.locator("#composer").wait_for()
    page.locator("#rows .row-link").nth(6).click()
    page.wait_for_timeout(600)
    page.go_back()
    page.wait_for_timeout(900)
    assert rows.evaluate("rows => rows.scrollTop") > 200
    page.reload()
    page.wait_for_timeout(900)
    assert rows.evaluate("rows => rows.scrollTop") > 200
