"""What several walks do with their hands: a file brought in, a message written as the debtor."""

from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

# Whom the walks of this session have met: each walk finds somebody of its own.
_met: set[int] = set()

# The last of what the thread holds is in sight.
AT_END = """() => { const box = document.querySelector('#thread');
  return box.lastElementChild.getBoundingClientRect().bottom <= box.getBoundingClientRect().bottom; }"""


def bring_in(page: Page, sheet: str, text: str, folder: Path) -> None:
    file = folder / f"{sheet}.csv"
    file.write_text(text, encoding="utf-8")
    page.goto("/archivos/importaciones/nueva/")
    page.select_option("select[name=sheet]", sheet)
    page.set_input_files("input[name=upload]", file)
    page.get_by_role("button", name="Revisar archivo").click()
    page.get_by_role("button", name="Confirmar importación").click(timeout=30_000)
    expect(page.get_by_text("Terminada").first).to_be_visible(timeout=30_000)


def customer_number(page: Page, search: str) -> int:
    """By which the pages of the first customer that is found are known."""
    page.goto(f"/clientes/?q={search}")
    address = page.locator("td.main a").first.get_attribute("href") or ""
    return int(address.strip("/").split("/")[-1])


def simulated_day(page: Page) -> date:
    """The day that forms offer as today: the demonstration's own clock."""
    page.goto("/simulador/")
    stamp = page.locator("[data-now]").get_attribute("data-now")
    assert stamp, "the simulator does not say its date"
    return date.fromisoformat(stamp[:10])


def write_as(page: Page, customer: int, words: str, *, channel: str = "whatsapp") -> None:
    """On the simulator's phone, which posts what a real provider would."""
    page.goto(f"/simulador/?cliente={customer}&canal={channel}")
    page.fill(".phone-foot input[name=body]", words)
    page.click(".phone-send")
    expect(page.locator("#sim-thread")).to_contain_text(words)


def somebody_who_wrote(page: Page, words: str = "Buenas, ¿me ayuda con mi deuda?") -> int:
    """Who is overdue and writes by WhatsApp just now, so that an answer is lawful; never the same."""
    page.goto("/conversaciones/?days_from=1&reach=whatsapp&sort=days")
    rows = page.locator("#rows .row-link")
    rows.first.wait_for()
    found = [int(row.get_attribute("data-customer") or 0) for row in rows.all()]
    customer = next(each for each in found if each not in _met)
    _met.add(customer)
    write_as(page, customer, words)
    return customer
