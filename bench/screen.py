"""W4 to the glass: from a provider's request until the message stands in an open inbox.

The whole installation runs, and a real browser watches *Recibidos*: as an adviser who has a tenth
of the customers that write, then as an administrator, whom all of it concerns. The floor is a page
that hears of every row by NOTIFY and an event stream and writes its word down: the least that any
product on this database and browser can do. An empty database is laid; a loaded one is written
to, so give it a copy.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from statistics import median, quantiles
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from acuerdo.channels import secrets
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.events import listening
from acuerdo.organization.models import Portfolio, PortfolioGrant, Role, User
from acuerdo.server import ports, processes
from acuerdo.server.up import manage
from bench import inbound, outbox

PER_SECOND = 60
SECONDS = 20
PATIENCE_MS = 10_000
# Every tenth message is for the adviser who watches.
SHARE = 10
SENDERS = 5_000

Send = Callable[[int, str], object]


def main(customers: int) -> dict[str, Any]:
    if not Customer.objects.exists():
        outbox.lay(customers, adapter="simulated")
    line = ChannelAccount.objects.get(channel=Channel.WHATSAPP, adapter="simulated")
    line.secrets = secrets.seal({"secret": inbound.SECRET})
    line.save(update_fields=["secrets"])
    adviser, administrator = _adviser(), _somebody(Role.ADMINISTRATOR)
    senders = _senders(adviser)
    outbox.run(("CREATE TABLE IF NOT EXISTS floor_screen (word text)",), {})
    with _installation() as port:
        # Playwright keeps a loop of its own, beside which Django refuses to ask the database.
        mine, all_ = _signed_in(adviser), _signed_in(administrator)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium())
            with inbound.posting(port, line.key, senders) as send:
                for _turn in ("warm", "measured"):
                    adviser_s = _watch(_inbox(browser, port, mine), send, every=SHARE)
                administrator_s = _watch(_inbox(browser, port, all_), send)
            bare = _watch(_bare_page(browser), _notify)
            browser.close()
    outbox.run(("DROP TABLE floor_screen",), {})
    return {
        "bench": "screen",
        "customers": Customer.objects.count(),
        "per_second": PER_SECOND,
        "ours": adviser_s["p95_ms"],
        "floor": bare["p95_ms"],
        "unit": "ms",
        "ratio": round(adviser_s["p95_ms"] / bare["p95_ms"], 1),
        "adviser": adviser_s,
        "administrator": administrator_s,
        "bare_page": bare,
    }


def _watch(page: Page, send: Send, *, every: int = 1) -> dict[str, float]:
    """What the page showed of the messages that are its reader's, and how late, in ms."""
    word = f"w{uuid4().hex[:6]}x"
    page.evaluate(_OBSERVE, word)
    begun: dict[str, float] = {}
    sending = Thread(target=_send_steadily, args=(send, word, begun))
    sending.start()
    page.wait_for_timeout(SECONDS * 1000 + PATIENCE_MS)
    sending.join()
    seen: dict[str, float] = page.evaluate("window.seen")
    page.context.close()
    late = [seen[name] - at for name, at in islice(begun.items(), 0, None, every) if name in seen]
    return {
        "expected": len(range(0, len(begun), every)),
        "shown": len(late),
        "p50_ms": round(median(late)),
        "p95_ms": round(quantiles(late, n=20)[-1]),
    }


# What is pushed off the page within one painting was never seen by anybody, and is not counted.
_OBSERVE = """word => {
  window.seen = {};
  const ours = new RegExp(word + "\\\\d{5}", "g");
  new MutationObserver(() => requestAnimationFrame(() => {
    for (const [name] of document.body.textContent.matchAll(ours)) window.seen[name] ??= Date.now();
  })).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def _send_steadily(send: Send, word: str, begun: dict[str, float]) -> None:
    start = time.perf_counter()
    for place in range(PER_SECOND * SECONDS):
        time.sleep(max(0.0, start + place / PER_SECOND - time.perf_counter()))
        # Of one length: no word is the beginning of another.
        name = f"{word}{place:05}"
        begun[name] = time.time() * 1000
        send(place, name)


def _adviser() -> User:
    """One who has customers; in a database of our own, of every tenth."""
    owned = Customer.objects.filter(adviser__isnull=False).order_by("id").first()
    if owned and owned.adviser:
        return owned.adviser
    adviser = _somebody(Role.ADVISER)
    PortfolioGrant.objects.create(user=adviser, portfolio=Portfolio.objects.get())
    other = _somebody(Role.ADMINISTRATOR)
    outbox.run(_HAND_OVER, {"adviser": adviser.pk, "other": other.pk, "share": SHARE})
    return adviser


# Advisers see whom nobody has: the others are the administrator's.
_HAND_OVER = tuple(
    f"""UPDATE {table} SET adviser_id =
        CASE WHEN {key} %% %(share)s = 0 THEN %(adviser)s ELSE %(other)s END"""
    for table, key in (("customers_customer", "id"), ("customers_standing", "customer_id"))
)


def _somebody(role: Role) -> User:
    found = User.objects.filter(role=role, is_active=True).order_by("id").first()
    return found or User.objects.create(
        email=f"{role}@bench.example", name=str(role.label), role=role
    )


def _senders(adviser: User) -> list[str]:
    """Every tenth writes to the adviser, all others to somebody else."""
    phones = ContactPoint.objects.filter(kind="phone", is_usable=True)
    numbers = phones.order_by("id").values_list("value", flat=True)
    mine = list(numbers.filter(customer__adviser=adviser)[:SENDERS])
    others = list(numbers.exclude(customer__adviser=adviser)[:SENDERS])
    return [
        (others if place % SHARE else mine)[place % min(len(mine), len(others))]
        for place in range(PER_SECOND * SECONDS)
    ]


@contextmanager
def _installation() -> Iterator[int]:
    port, live = ports.any_free(), ports.any_free()
    os.environ["ACUERDO_BASE_URL"] = _base(port)
    os.environ["ACUERDO_LIVE_URL"] = _base(live)
    manage("collectstatic", "--no-input", "--verbosity", "0")
    with (
        inbound.running(processes.web(port=port)),
        inbound.running(processes.live(port=live)),
        inbound.running(processes.worker()),
    ):
        inbound.wait_for(port)
        inbound.wait_for(live)
        yield port


def _base(port: int) -> str:
    return f"http://{ports.LOOPBACK}:{port}"


def _chromium() -> str | None:
    """The one named or on the path, else the one that Playwright installed."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def _signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _inbox(browser: Browser, port: int, session: str) -> Page:
    name = settings.SESSION_COOKIE_NAME
    context = _context(browser, base_url=_base(port))
    context.add_cookies([{"name": name, "value": session, "url": _base(port)}])
    page = context.new_page()
    with page.expect_event("request", lambda request: "age=" in request.url):
        page.goto("/conversaciones/")
    page.wait_for_selector("#inbox")
    page.wait_for_timeout(1000)
    return page


def _context(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(viewport={"width": 1440, "height": 900}, **options)


def _bare_page(browser: Browser) -> Page:
    port = ports.any_free()
    Thread(target=lambda: asyncio.run(_stream(port)), daemon=True).start()
    inbound.wait_for(port)
    page = _context(browser).new_page()
    page.goto(_base(port))
    page.wait_for_timeout(1000)
    return page


def _notify(_place: int, name: str) -> None:
    outbox.run((_FLOOR,), {"word": name})


_FLOOR = """WITH put AS (INSERT INTO floor_screen (word) VALUES (%(word)s) RETURNING word)
    SELECT pg_notify('floor_screen', word) FROM put"""
_PAGE = b"""HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<body><script>
new EventSource("/stream").onmessage = ({ data }) => {
  const line = document.createElement("p");
  line.textContent = data;
  document.body.prepend(line);
  if (document.body.childElementCount > 25) document.body.lastElementChild.remove();
};</script></body>"""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"


async def _stream(port: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readline()
        if b"/stream" not in asked:
            writer.write(_PAGE)
            await writer.drain()
            writer.close()
            return
        writer.write(_HEAD)
        async with await psycopg.AsyncConnection.connect(**listening.parameters()) as wire:
            await wire.execute("LISTEN floor_screen")
            async for notice in wire.notifies():
                writer.write(f"data: {notice.payload}\n\n".encode())
                await writer.drain()

    server = await asyncio.start_server(answer, ports.LOOPBACK, port)
    async with server:
        await server.serve_forever()
