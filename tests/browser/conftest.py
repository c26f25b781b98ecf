"""One running demonstration and one browser for the whole session."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from acuerdo.simulator import cast
from tests.browser import running

FLAGS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
_sessions: dict[str, list[Any]] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demonstration has a patience of its own: no part of the walk that comes first."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(300, func_only=True))


@pytest.fixture(scope="session")
def demo() -> Iterator[running.Demo]:
    with running.demo() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Chromium refuses its own sandbox to root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=_chromium(), args=flags)
        yield found
        found.close()


def _chromium() -> str | None:
    """Named by CHROMIUM, else on the path, else the one that Playwright installed."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture
def context(browser: Browser, demo: running.Demo) -> Iterator[BrowserContext]:
    found = browser.new_context(
        base_url=demo.url, viewport={"width": 1440, "height": 900}, locale="es-PE"
    )
    found.set_default_timeout(15_000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return sign_in(context.new_page(), "admin@sierraazul.example")


def sign_in(page: Page, email: str, *, anew: bool = False) -> Page:
    """As a person once in the session, later by the session that began then.

    ``anew`` for who will sign out, which ends it for everybody.
    """
    kept = _sessions.get(email)
    if kept and not anew:
        page.context.add_cookies(kept)
        return page
    page.goto("/cuenta/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", cast.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/cuenta/" not in url)
    if not anew:
        _sessions[email] = page.context.cookies()
    return page
