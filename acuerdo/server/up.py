"""`acuerdo up`: the whole installation as one command."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from acuerdo.server import environment, ports, processes, supervisor
from acuerdo.server.problems import ServerProblem
from acuerdo.server.supervisor import Supervisor

WEB_PORT = 8000
LIVE_PORT = 8001


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo up", description=__doc__)
    parser.add_argument("--host", default=ports.LOOPBACK, help="address to listen on")
    parser.add_argument("--port", type=int, default=WEB_PORT)
    parser.add_argument("--live-port", type=int, default=LIVE_PORT, help="port of the live pages")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--no-migrate", action="store_true", help="leave the tables as they are")
    options = parser.parse_args(words)
    folder = environment.data_dir()
    environment.prepare(folder)
    os.umask(0o077)
    os.environ.setdefault("ACUERDO_BASE_URL", f"http://{ports.LOOPBACK}:{options.port}")
    os.environ.setdefault("ACUERDO_LIVE_URL", f"http://{ports.LOOPBACK}:{options.live_port}")
    lock = supervisor.claim(folder)
    server = None
    try:
        require_free(options.port)
        require_free(options.live_port)
        server = environment.attach_database(folder)
        if not options.no_migrate:
            manage("migrate", "--no-input", "--verbosity", "0")
        manage("collectstatic", "--no-input", "--verbosity", "0")
        family = [
            processes.web(host=options.host, port=options.port, workers=options.workers),
            processes.live(host=options.host, port=options.live_port),
            processes.worker(),
        ]
        Supervisor(family, server=server).run()
    finally:
        if server is not None:
            server.release()
        lock.close()
    return 0


def require_free(port: int) -> None:
    if not ports.is_free(port):
        raise ServerProblem(f"Port {port} is taken by another program. Choose one with --port.")


def manage(*words: str) -> None:
    """A Django command in a process of its own, to keep the supervisor small."""
    done = subprocess.run(
        [sys.executable, "-m", "acuerdo", *words], check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise ServerProblem(f"`acuerdo {words[0]}` failed; see above.")
