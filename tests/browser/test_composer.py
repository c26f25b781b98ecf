"""Writing to a customer, as somebody does it all day: with the keys, and with a bad connection."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import checks
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser
SLOW = """() => { const real = window.fetch;
  window.fetch = (...what) => new Promise((go) => setTimeout(go, 1500)).then(() => real(...what)); }"""
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def box(context: BrowserContext) -> Page:
    """A conversation that waits for an answer, with an open gate."""
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    page.goto("/conversaciones/?pending=1")
    for row in page.locator("#rows .row-link").all()[:12]:
        row.click()
        expect(page.locator("#conversation")).to_have_attribute(
            "data-customer", row.get_attribute("data-customer") or ""
        )
        if (
            page.locator("#reply").count()
            and page.locator("#composer .menu [data-submit-next]").count()
        ):
            break
    if page.locator("#reply-subject").count():
        page.locator("#reply-subject").fill("Su consulta")
    page.locator("#reply").fill("")
    return page


def test_what_is_put_in_reads_as_the_customer_will(box: Page) -> None:
    reply = box.locator("#reply")
    box.locator("#emoji-menu > summary").click()
    expect(box.locator("#emoji-menu input")).to_be_focused()
    box.keyboard.type("pulgar hacia arriba")
    expect(box.locator(".emoji").first).to_contain_text("👍")
    box.keyboard.press("Enter")
    expect(reply).to_have_value(re.compile("^👍"))
    thumb = reply.input_value()
    expect(reply).to_be_focused()
    box.locator("#tag-menu > summary").click()
    expect(box.locator(".tag-item").first).to_be_visible()
    expect(box.locator("#tag-menu input")).to_be_focused()
    box.keyboard.type("nombre del")
    box.keyboard.press("Enter")
    expect(reply).to_have_value(thumb + "{{nombre}}")
    expect(box.locator("#reply-preview")).to_contain_text("Así lo leerá")


def test_a_tag_without_value_stops_the_message_and_is_named(box: Page) -> None:
    box.locator("#reply").fill("Su plan: {{campo.nada}}")
    expect(box.locator("#reply-preview [data-stops]")).to_contain_text("campo.nada")
    before = box.locator("#latest [data-entry]").count()
    box.keyboard.press("Control+Enter")
    expect(box.locator("#reply")).to_have_value("Su plan: {{campo.nada}}")
    assert box.locator("#latest [data-entry], [data-pending]").count() == before


def test_a_slash_opens_the_templates_and_nothing_is_lost(box: Page) -> None:
    reply = box.locator("#reply")
    reply.focus()
    box.keyboard.type("Hola /")
    expect(box.locator("#insertable .menu-item, #insertable .menu-title").first).to_be_visible()
    assert checks.accessibility(box) == []
    box.keyboard.press("Escape")
    expect(reply).to_have_value("Hola /")
    box.locator("#emoji-menu > summary").click()
    assert checks.accessibility(box) == []


def test_a_message_is_there_at_once_and_comes_back_whole(box: Page, tmp_path: Path) -> None:
    attach(box, tmp_path)
    box.evaluate(SLOW)
    box.locator("#reply").fill("Le envío el plan.")
    for _press in range(2):
        box.keyboard.press("Control+Enter")
    bubble = box.locator("[data-pending]")
    expect(bubble).to_contain_text("Enviando")
    expect(bubble).to_contain_text("Le envío el plan.")
    expect(box.locator("#reply")).to_have_value("")
    expect(box.locator("#reply")).to_be_focused()
    expect(bubble).to_have_count(0, timeout=15_000)
    expect(box.locator("#latest")).to_contain_text("Le envío el plan.")
    expect(box.locator("#reply-error")).to_have_count(0)
    box.locator("#thread").focus()
    box.keyboard.press("z")
    expect(box.locator("#reply")).to_have_value("Le envío el plan.")


def attach(page: Page, folder: Path) -> None:
    picture = folder / "plan.png"
    picture.write_bytes(PNG)
    if page.locator("#reply-uploads").count():
        page.set_input_files("#reply-uploads", picture)
        expect(page.locator(".file-chip [name=files]")).to_have_count(1)


def test_what_a_channel_does_not_take_is_said_before_it_leaves(box: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url))
    program = tmp_path / "plan.exe"
    program.write_bytes(b"MZ")
    box.set_input_files("#reply-uploads", program)
    expect(box.locator("#reply-files").get_by_role("alert")).to_contain_text("plan.exe")
    assert not [url for url in asked if "/adjuntos/" in url]
    attach(box, tmp_path)
    expect(box.locator(".file-chip .file-thumb")).to_be_visible()
    box.locator("[data-discard]").click()
    expect(box.locator(".file-chip")).to_have_count(0)


def test_the_statement_and_the_own_link_are_put_in(box: Page) -> None:
    box.locator("#statement-menu > summary").click()
    box.locator("#statement-menu [data-attach]").click()
    expect(box.locator("#reply-files")).to_contain_text(re.compile(r"estado-de-cuenta-.*\.pdf"))
    box.locator("#reply").fill("Puede pagar aquí:")
    box.locator("#pay-menu > summary").click()
    box.locator("#pay-menu [data-insert]").click()
    expect(box.locator("#reply")).to_have_value("Puede pagar aquí: {{enlace_pago}}")
    expect(box.locator("#reply-preview")).to_contain_text("/p/")


def test_words_that_no_draft_has_yet_outlive_a_reload(box: Page) -> None:
    box.route("**/borrador/", lambda route: route.abort())
    box.locator("#reply").fill("A medias")
    box.reload()
    # Below what another walk may have left as a draft.
    expect(box.locator("#reply")).to_have_value(re.compile(r"A medias$"))
    box.unroute("**/borrador/")
    with box.expect_response("**/borrador/") as kept:
        box.locator("#reply").press_sequentially(".")
    assert kept.value.ok
    box.wait_for_function("() => (sessionStorage.getItem('drafts') ?? '{}') === '{}'")


def test_a_name_typed_fast_ends_as_the_name(box: Page) -> None:
    box.locator("a.channel.ch-note").click()
    expect(box.locator("#mention-menu")).to_be_attached()
    box.locator("#reply").focus()
    box.keyboard.type("Hola @El")
    box.keyboard.press("Enter")
    expect(box.locator("#reply")).to_have_value("Hola @Elena Cordero ")


def test_what_was_not_sent_stays_and_is_sent_once(box: Page) -> None:
    words = "Un mensaje sin conexión."
    box.context.set_offline(True)
    box.locator("#reply").fill(words)
    box.keyboard.press("Control+Enter")
    bubble = box.locator("[data-pending]")
    expect(bubble.get_by_role("alert")).to_contain_text("No enviado")
    box.context.set_offline(False)
    box.reload()
    expect(bubble).to_contain_text(words)
    # Twice: the second finds the first by its key.
    box.route("**/mensajes/", answered_with_a_fault)
    bubble.get_by_role("button", name="Reintentar").click()
    expect(bubble.get_by_role("alert")).to_contain_text("No enviado")
    box.unroute("**/mensajes/")
    bubble.get_by_role("button", name="Reintentar").click()
    expect(bubble).to_have_count(0)
    expect(box.locator("#latest [data-entry]", has_text=words)).to_have_count(1)


def answered_with_a_fault(route: Route) -> None:
    """The server takes it, and its answer is lost."""
    route.fetch()
    route.fulfill(status=502, body="bad gateway")


def test_send_and_next_opens_another_that_waits(box: Page) -> None:
    here = box.locator("#conversation").get_attribute("data-customer") or ""
    box.locator("#reply").fill("Gracias por escribir.")
    box.keyboard.press("Control+Shift+Enter")
    expect(box.locator("#conversation")).not_to_have_attribute("data-customer", here)
    expect(box.locator(f"#row_{here} .is-pending")).to_have_count(0)
    box.goto(re.sub(r"/\d+/", f"/{here}/", box.url))
    expect(box.locator("#latest")).to_contain_text("Gracias por escribir.")
