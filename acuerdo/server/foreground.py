"""Single processes, for installations where a container or systemd owns each of them."""

import argparse
from collections.abc import Sequence

from django.core.management import execute_from_command_line

from acuerdo.server import environment, ports, processes, up
from acuerdo.server.processes import Process

PROVIDER_PORT = 8002


def web(words: Sequence[str]) -> int:
    options = _options("web", up.WEB_PORT, words)
    return _serve(processes.web(host=options.host, port=options.port))


def live(words: Sequence[str]) -> int:
    options = _options("live", up.LIVE_PORT, words)
    return _serve(processes.live(host=options.host, port=options.port))


def provider(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo provider")
    parser.add_argument("--port", type=int, default=PROVIDER_PORT)
    return _serve(processes.provider(port=parser.parse_args(words).port))


def worker(words: Sequence[str]) -> int:
    folder = environment.data_dir()
    environment.prepare(folder)
    server = environment.attach_database(folder)
    try:
        execute_from_command_line(["acuerdo", "run_worker", *words])
    finally:
        if server is not None:
            server.release()
    return 0


def _options(name: str, port: int, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"acuerdo {name}")
    parser.add_argument("--host", default=ports.LOOPBACK)
    parser.add_argument("--port", type=int, default=port)
    return parser.parse_args(words)


def _serve(process: Process) -> int:
    folder = environment.data_dir()
    environment.prepare(folder)
    server = environment.attach_database(folder)
    try:
        return processes.run_alone(process)
    finally:
        if server is not None:
            server.release()
