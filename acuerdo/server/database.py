"""`acuerdo db`: the embedded database by itself."""

import argparse
import os
from collections.abc import Sequence

from acuerdo.server import environment
from acuerdo.server.cluster import Cluster
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem
from acuerdo.server.supervisor import say


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo db", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "url"])
    action = parser.parse_args(words).action
    folder = environment.data_dir()
    environment.prepare(folder)
    if given := os.environ.get("DATABASE_URL"):
        return _foreign(action, given)
    server = Server(folder)
    if action == "start":
        server.attach(keep=True)
    elif action == "stop" and not server.stop():
        raise ServerProblem(
            "Other processes use the database; it stops when the last of them ends."
        )
    if action == "url":
        print(server.attach(keep=server.is_running()))
        return 0
    return _status(server)


def _foreign(action: str, url: str) -> int:
    if action == "url":
        print(url)
        return 0
    raise ServerProblem("DATABASE_URL is set: that server is not ours to start or stop.")


def _status(server: Server) -> int:
    found = Cluster.load(server.data_dir)
    running = server.is_running()
    say("db", "running" if running else "stopped")
    if found is not None:
        say("db", f"files in {found.folder}, port {found.port}")
    return 0
