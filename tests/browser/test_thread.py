"""The thread in a real browser: hostile words stay words, and older pages come without a jump."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import checks, running
from tests.browser.conftest import sign_in
from tests.browser.hands import AT_END

pytestmark = pytest.mark.browser
HOSTILE = "from tests.browser import hostile; hostile.write()"
# Goes up, and says which entry is at the top of the window and how far from it; then where that entry is.
UP = """(by) => { const box = document.querySelector('#thread'), top = box.getBoundingClientRect().top;
  box.scrollTop -= by;
  const seen = [...box.querySelectorAll('[data-entry]')].find((e) => e.getBoundingClientRect().bottom > top);
  return [seen.id, seen.getBoundingClientRect().top - top]; }"""
PLACE = """(id) => document.getElementById(id).getBoundingClientRect().top
  - document.querySelector('#thread').getBoundingClientRect().top"""
# As a picture does that comes late: the first entry and the last one get taller.
GROW = """() => { const all = [...document.querySelectorAll('#thread [data-entry]')];
  for (const each of [all.at(0), all.at(-1)]) each.style.paddingTop = '300px'; }"""
LOADED = """() => Promise.all([...document.querySelectorAll('#thread img')].map((img) => img.complete
  || new Promise((done) => { img.loading = 'eager'; img.onload = img.onerror = done; })))"""


@pytest.fixture(scope="session")
def planted(demo: running.Demo) -> dict[str, Any]:
    told = {name: value for name, value in os.environ.items() if name not in running.OURS}
    words = ["-m", "acuerdo", "--data-dir", str(demo.data_dir), "shell", "-c", HOSTILE]
    done = subprocess.run(
        [sys.executable, *words], cwd=running.CHECKOUT, env=told, capture_output=True, text=True,
        timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_nothing_hostile_runs_and_nothing_is_fetched(
    context: BrowserContext, demo: running.Demo, planted: dict[str, Any]
) -> None:
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog:{dialog.message}"))
    person = f"/conversaciones/{planted['customer']}/"
    for address in (
        f"{person}?canal=note",
        f"{person}historial/{planted['note']}/",
        "/conversaciones/menciones/?todas=1",
        f"/interacciones/?cliente={planted['customer']}&canal=note",
        f"/clientes/{planted['customer']}/",
        person,
    ):
        page.goto(address)
        expect(page.locator("body")).to_contain_text("<script>window.hacked=1</script>")
        assert has_run(page) is None, address
    open_everything(page, planted)
    assert has_run(page) is None
    stream = page.locator('meta[name="live-url"]').get_attribute("content") or demo.url
    assert [url for url in asked if not url.startswith((demo.url, stream, "data:"))] == []
    assert [url for url in asked if "hacked" in url] == []


def has_run(page: Page) -> Any:
    return page.evaluate("window.hacked")


def open_everything(page: Page, planted: dict[str, Any]) -> None:
    """The letter in its frame, the sheet of an entry, who may be named."""
    letter = page.locator(f"#entry_{planted['letter']}")
    letter.locator("details.letter > summary").click()
    frame = letter.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Recibo")
    expect(frame.locator("img[alt=Sello]")).to_have_js_property("naturalWidth", 1)
    assert frame.locator("script, iframe, form, link, object, base, svg").count() == 0
    page.locator(f"#entry_{planted['note']} .opens").click()
    expect(page.locator("dialog[open]")).to_contain_text("<script>")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator(".channel.ch-note").click()
    expect(page.locator("#composer.composer-note #reply")).to_be_visible()
    page.locator("#reply").press("@")
    expect(page.locator("#colleagues .menu-item").first).to_be_visible()
    expect(page.locator("#colleagues")).to_contain_text("<img src=")
    # Nobody is called so: the words go on in the note.
    page.keyboard.type("zzz no se pierde")
    expect(page.locator("#reply")).to_have_value(re.compile(r"@zzz no se pierde$"))


@pytest.mark.parametrize("begins", ["at its end", "at a day"])
def test_older_pages_come_in_without_a_jump(
    context: BrowserContext, planted: dict[str, Any], begins: str
) -> None:
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    day = f"?dia={planted['late']}" if begins == "at a day" else ""
    page.goto(f"/conversaciones/{planted['customer']}/{day}")
    entries = page.locator("#thread [data-entry]")
    for _page in range(2):
        had = entries.count()
        entry, offset = page.evaluate(UP, 1_000_000)
        expect(entries.nth(had)).to_be_attached()
        page.evaluate(LOADED)
        page.wait_for_timeout(200)
        assert abs(page.evaluate(PLACE, entry) - offset) <= 2
    assert entries.count() > 100
    days = page.locator("#thread .day:visible").evaluate_all(
        "(all) => all.map((e) => e.dataset.day)"
    )
    assert days == sorted(set(days))


def test_who_reads_above_stays_and_who_reads_the_end_follows(
    context: BrowserContext, planted: dict[str, Any]
) -> None:
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    page.goto(f"/conversaciones/{planted['customer']}/?canal=note")
    # Once the page's own script has gone to the end, it is the one that follows.
    page.wait_for_function(AT_END)
    # A little above the end is the end.
    page.evaluate("() => { document.querySelector('#thread').scrollTop -= 5; }")
    page.locator("#thread.is-at-end").wait_for()
    page.evaluate(GROW)
    page.wait_for_function(AT_END)
    note_elsewhere(page, planted, "Se lee al final")
    page.wait_for_function(AT_END)
    entry, offset = page.evaluate(UP, 2000)
    page.locator("#thread:not(.is-at-end)").wait_for()
    page.evaluate(GROW)
    note_elsewhere(page, planted, "Se lee más abajo")
    expect(page.locator("#thread-news")).to_be_visible()
    assert abs(page.evaluate(PLACE, entry) - offset) <= 2
    page.locator("#thread-news").click()
    page.wait_for_function(AT_END)
    expect(page.locator("#thread-news")).to_be_hidden()


def test_what_is_heard_while_the_thread_is_fetched_is_shown_too(
    context: BrowserContext, planted: dict[str, Any]
) -> None:
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    page.goto(f"/conversaciones/{planted['customer']}/?canal=note")
    page.wait_for_function(AT_END)
    held: list[Route] = []
    page.route("**/hilo/?*", lambda route: held.append(route) if not held else route.continue_())
    note_posted(page, planted, "La primera")
    while not held:
        page.wait_for_timeout(100)
    first = held[0].fetch()
    note_posted(page, planted, "La segunda")
    page.wait_for_timeout(1000)
    held[0].fulfill(response=first)
    expect(page.locator("#latest")).to_contain_text("La segunda")


def note_elsewhere(page: Page, planted: dict[str, Any], words: str) -> None:
    """From another window: here it is heard of by the stream."""
    note_posted(page, planted, words)
    expect(page.locator("#latest")).to_contain_text(words)


def note_posted(page: Page, planted: dict[str, Any], words: str) -> None:
    token = page.locator("#composer [name=csrfmiddlewaretoken]").input_value()
    form = {"csrfmiddlewaretoken": token, "body": words}
    page.request.post(f"/conversaciones/{planted['customer']}/notas/", form=form)


def test_a_day_a_kind_and_a_picture_are_reached_with_the_keys(
    context: BrowserContext, planted: dict[str, Any]
) -> None:
    page = sign_in(context.new_page(), "admin@sierraazul.example")
    page.goto(f"/conversaciones/{planted['customer']}/")
    page.locator("#thread-day > summary").click()
    page.locator("#thread-day input[type=date]").fill(planted["day"])
    page.keyboard.press("Enter")
    day = page.locator(f"#thread .day[data-day='{planted['day']}']")
    expect(day).to_be_in_viewport()
    assert abs(page.evaluate(PLACE, day.get_attribute("id")) - 8) <= 2
    expect(page).to_have_url(re.compile(f"dia={planted['day']}"))
    page.locator("#thread-kinds > summary").click()
    page.locator("#thread-kinds input[value=mensajes]").check()
    expect(page.locator("#thread .note")).to_have_count(0)
    expect(page).to_have_url(re.compile("hilo=mensajes"))
    assert checks.accessibility(page) == []
    page.keyboard.press("Escape")
    turn_the_pictures(page)
    page.reload()
    expect(page.locator("#thread .note")).to_have_count(0)


def turn_the_pictures(page: Page) -> None:
    page.locator("#thread .picture").first.click()
    expect(page.locator("#zoom h2")).to_contain_text("10.png")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#zoom h2")).to_contain_text("11.png")
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()
    expect(page.locator("#thread .picture").nth(1)).to_be_focused()
