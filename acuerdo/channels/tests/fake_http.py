"""An HTTP provider on loopback that counts what it is asked, with the faults providers have."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpProvider:
    """``answer`` decides what every request gets; None means that nobody ever answers."""

    port: int = 0
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    cuts_after: int | None = None
    by_path: Callable[[Asked], tuple[int, bytes, dict[str, str]]] | None = None
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, status: int, content: object = None, **headers: str) -> None:
        self.status = status
        self.body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class _Handler(BaseHTTPRequestHandler):
    provider: HttpProvider
    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
        self.provider.asked.append(asked)
        if self.provider.is_silent:
            self.provider.released.wait(10)
            self.close_connection = True
            return
        self._answer(asked)

    do_GET = do_POST = do_PUT = _take  # noqa: N815 - the library's names

    def _answer(self, asked: Asked) -> None:
        provider = self.provider
        status, body, headers = provider.status, provider.body, provider.headers
        if provider.by_path:
            status, body, headers = provider.by_path(asked)
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if provider.cuts_after is not None:
            self.wfile.write(body[: provider.cuts_after])
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Silent."""


@contextmanager
def running() -> Iterator[HttpProvider]:
    provider = HttpProvider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
