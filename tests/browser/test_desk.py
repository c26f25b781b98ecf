"""The adviser's desk in a real browser: the thread follows, files go up, nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import AT_END, customer_number, somebody_who_wrote

pytestmark = pytest.mark.browser

LONG = "\n".join(f"Línea {number} del acuerdo." for number in range(1, 9))


def opened(page: Page) -> Page:
    """A conversation whose customer wrote, so that an answer is lawful now."""
    page.goto(f"/conversaciones/{somebody_who_wrote(page)}/?q=")
    page.locator("#composer").wait_for()
    page.wait_for_timeout(600)
    return page


def test_the_thread_follows_an_answer_of_many_lines(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 560})
    opened(page)
    for number in range(3):
        page.locator("#reply").fill(f"{LONG}\n({number})")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#latest .bubble-out").last).to_contain_text(f"({number})")
        expect(page.locator("#reply")).to_have_value("")
        page.wait_for_function(AT_END)


def test_an_answer_can_be_taken_back_and_its_words_return(page: Page) -> None:
    opened(page)
    page.locator("#reply").fill("Esto no era para usted.")
    page.keyboard.press("Control+Enter")
    page.locator("[data-undo]").last.click()
    expect(page.locator("#reply")).to_have_value("Esto no era para usted.")
    expect(page.locator("#latest .bubble-off").last).to_contain_text("Cancelado")


def test_a_reload_loses_neither_text_nor_file(page: Page) -> None:
    opened(page)
    file = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 plan"}
    page.locator("#reply-uploads").set_input_files(files=[file])  # type: ignore[list-item]
    expect(page.locator("#reply-files")).to_contain_text("plan.pdf")
    with page.expect_response(lambda answer: "/borrador/" in answer.url):
        page.locator("#reply").fill("A medio escribir")
    page.reload()
    expect(page.locator("#reply")).to_have_value("A medio escribir")
    expect(page.locator("#reply-files")).to_contain_text("plan.pdf")
    with page.expect_response(lambda answer: "/borrador/" in answer.url):
        page.locator("[data-discard]").click()
    expect(page.locator("#reply-files")).not_to_contain_text("plan.pdf")


def test_a_file_that_will_not_do_says_so(page: Page) -> None:
    opened(page)
    file = {"name": "virus.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    page.locator("#reply-uploads").set_input_files(files=[file])  # type: ignore[list-item]
    expect(page.locator("#reply-files .error")).to_contain_text("virus.exe")


def test_a_slash_opens_the_templates(page: Page) -> None:
    opened(page)
    page.locator("#reply").fill("")
    page.locator("#reply").press("/")
    expect(page.locator("#template-picker")).to_have_attribute("open", "")
    expect(page.locator("#template-picker input[type=search]")).to_be_focused()


def test_somebody_unknown_is_linked_and_the_link_undone(page: Page) -> None:
    page.goto("/conversaciones/no-registrados/")
    page.locator("#strangers .row-link").first.click()
    words = page.locator("#thread .bubble-text").first.inner_text()
    page.locator("#panel input[name=q]").fill("a")
    page.locator("#found button").first.click()
    page.wait_for_url("**/conversaciones/*/")
    expect(page.locator("#latest")).to_contain_text(words[:40])
    page.locator("[data-undo]").click()
    page.wait_for_url("**/no-registrados/*/")
    expect(page.locator("#thread")).to_contain_text(words[:40])


def test_a_form_sent_twice_and_sent_again_from_back_does_its_work_once(page: Page) -> None:
    customer = customer_number(page, "a")
    page.goto(f"/cuentas/clientes/{customer}/reclamos/nuevo/")
    page.locator("textarea").first.fill("Ya pagué dos veces")
    page.get_by_role("button", name="Guardar").dblclick()
    page.wait_for_url(f"**/clientes/{customer}/")
    page.go_back()
    expect(page.locator("textarea").first).to_have_value("Ya pagué dos veces")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator("#toasts")).to_contain_text("no se repitió")
