"""The provider as a process of its own, posting to the product's real endpoints."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from acuerdo.conversations.tests.conftest import Provider, provider
from acuerdo.conversations.tests.factories import NOW
from acuerdo.organization import settings as organization
from acuerdo.primitives import clock
from acuerdo.simulator import gateway, lines
from acuerdo.simulator.tests.bench import Bench

__all__ = ["provider"]


@pytest.fixture
def bench(provider: Provider, live_server: LiveServer, settings: Settings) -> Iterator[Bench]:
    """Lines of every wire in office hours, on a provider that tells nothing unasked."""
    settings.PROVIDER_URL, settings.BASE_URL = provider.url, live_server.url
    organization.update(tenant_type="creditor")
    with clock.travel(NOW):
        opened = lines.open_all(at=NOW)
        lines.approve(opened["whatsapp"], at=NOW)
        for account in opened.values():
            gateway.set_manners(account, {"auto": False, "pace": 0.02})
        yield Bench(provider, opened)
