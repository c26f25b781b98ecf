"""Free ports on the loopback address."""

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def first_free(wanted: int, *, avoid: frozenset[int] = frozenset()) -> int:
    """The wanted port or one of the next hundred, else any."""
    for port in range(wanted, min(wanted + 100, 65536)):
        if port not in avoid and is_free(port):
            return port
    return any_free()
