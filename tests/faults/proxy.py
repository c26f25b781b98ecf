"""A wire that fails on demand: put between the product and a database or a provider."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)


@dataclass
class Faults:
    """What happens to connections: ``cut`` counts bytes, and None lets all of them through.

    ``request_cut`` ends the connection once so many bytes went to the server,
    ``answer_cut`` once so many came back: 0 swallows the whole answer. ``is_black_hole``
    takes everything and says nothing. ``when`` is shown each chunk on its way to the
    server and cuts the connection after it went through, where it says so.
    """

    request_cut: int | None = None
    answer_cut: int | None = None
    delay: float = 0.0
    is_black_hole: bool = False
    when: Callable[[bytes], bool] | None = None


class Proxy:
    """``with Proxy(5432) as wire: connect(wire.port)``; change ``wire.faults`` at any time."""

    def __init__(self, target: int, *, host: str = "127.0.0.1") -> None:
        self._target = (host, target)
        self.faults = Faults()
        self.connections = 0
        self.cuts = 0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Every connection ends now, without a word."""
        for each in list(self._open):
            _reset(each)
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, timeout=10)
        except OSError:
            _reset(client)
            return
        server.settimeout(None)
        self._open |= {client, server}
        back = threading.Thread(target=self._pump_answer, args=(server, client), daemon=True)
        back.start()
        self._pump_request(client, server)

    def _pump_request(self, client: socket.socket, server: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := client.recv(CHUNK):
                faults = self.faults
                time.sleep(faults.delay)
                if faults.is_black_hole:
                    continue
                limit = faults.request_cut
                allowed = chunk if limit is None else chunk[: max(0, limit - passed)]
                cut = len(allowed) < len(chunk) or bool(faults.when and faults.when(chunk))
                if cut:
                    # Before the server can answer: its words must find nobody.
                    _reset_reading(client)
                server.sendall(allowed)
                passed += len(allowed)
                if cut:
                    self._cut(client, server)
                    return
        self._close(client, server)

    def _pump_answer(self, server: socket.socket, client: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := server.recv(CHUNK):
                if self.faults.is_black_hole:
                    continue
                limit = self.faults.answer_cut
                allowed = chunk if limit is None else chunk[: max(0, limit - passed)]
                client.sendall(allowed)
                passed += len(allowed)
                if len(allowed) < len(chunk):
                    self._cut(client, server)
                    return
        self._close(client, server)

    def _cut(self, client: socket.socket, server: socket.socket) -> None:
        self.cuts += 1
        _reset(client)
        # The server read everything: it sees an ordinary end.
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)
        self._open -= {client}

    def _close(self, *both: socket.socket) -> None:
        for each in both:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open -= set(both)


def _reset_reading(client: socket.socket) -> None:
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)


def _reset(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
    wire.close()
