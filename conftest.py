"""What every test of the project stands on."""

import ipaddress
import socket

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The fixed cast: people below, debtors above.
pytest_plugins = [
    "acuerdo.organization.tests.cast",
    "acuerdo.events.tests.cast",
    "acuerdo.ledger.tests.cast",
    "acuerdo.channels.tests.dovecot",
    "acuerdo.channels.tests.opensmtpd",
]

# What has one spool for the machine: its tests stay with one worker.
TOGETHER = {
    "tests/faults/test_mail.py": "dovecot",
    "acuerdo/channels/tests/test_imap.py": "dovecot",
    "acuerdo/channels/smtp/tests/test_real_server.py": "opensmtpd",
}

real_connect = socket.socket.connect

# A slow machine is no fault of the code: timings are never asserted in tests.
hypothesis.settings.register_profile(
    "acuerdo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("acuerdo")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


class Together(LoadScopeScheduling):
    """Each test for itself, but those of ``TOGETHER`` in one worker.

    What ``--dist loadgroup`` is meant for: xdist 3.8 writes the group into a name that pytest 9.2
    no longer reads, so that its marks do nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails, instead of passing on lucky days."""

    def connect(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        real_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


def _is_loopback(address: object) -> bool:
    host = address[0] if isinstance(address, tuple) else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False
