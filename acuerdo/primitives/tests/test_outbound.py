import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import override_settings

from acuerdo.primitives import outbound
from acuerdo.primitives.outbound import Forbidden, Unreachable

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
    "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378::",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fec0::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_ours_is_public(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["157.240.1.1", "8.8.8.8", "2a03:2880:f12f::1"])
def test_open_network_is_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.path}".encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Silent."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(url: str, *, most_bytes: int = 100) -> outbound.Fetched:
    hosts = ["localhost", ".example.com", "127.0.0.1"]
    return outbound.fetch(url, hosts=hosts, headers={}, most_bytes=most_bytes, timeout=2)


def test_trusted_place_is_asked_by_its_name_and_never_twice(port: int) -> None:
    with override_settings(OUTBOUND_ALLOWED=[f"localhost:{port}"]):
        got = fetch(f"http://localhost:{port}/media?x=1")
        assert (got.status, got.content_type) == (200, "image/png")
        assert got.body == f"localhost:{port} /media?x=1".encode()
        assert fetch(f"http://localhost:{port}/away").status == 302
        with pytest.raises(Unreachable, match="too large"):
            fetch(f"http://localhost:{port}/media", most_bytes=5)


@pytest.mark.parametrize("url", [
    "https://localhost:{port}/", "http://localhost:{port}/", "https://127.0.0.1:{port}/",
    "https://evil.test/", "https://user@localhost/", "file:///etc/passwd", "//localhost/",
    "https://a.example.com.evil.test/", "https://example.com/", "https://[::1/", "",
])  # fmt: skip
def test_nothing_of_ours_is_asked(url: str, port: int) -> None:
    with pytest.raises(Forbidden):
        fetch(url.format(port=port))


def test_every_address_of_a_name_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """One good address beside a bad one is how a name is turned against us."""

    def told(*_args: Any, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.5", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    with pytest.raises(Forbidden, match="open network"):
        fetch("https://media.example.com/")
