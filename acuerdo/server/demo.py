"""`acuerdo demo`: invented debtors, every process and a simulated provider, on one machine."""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acuerdo.server import cluster, environment, ports, processes, supervisor, up
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem
from acuerdo.server.supervisor import Supervisor

FIRST_BROKEN_STATUS = 500


@dataclass(frozen=True)
class Addresses:
    web: int
    live: int
    provider: int

    def variables(self) -> dict[str, str]:
        origin = f"http://{ports.LOOPBACK}"
        return {
            "ACUERDO_DEMO": "1",
            "ACUERDO_BASE_URL": f"{origin}:{self.web}",
            "ACUERDO_LIVE_URL": f"{origin}:{self.live}",
            "ACUERDO_PROVIDER_URL": f"{origin}:{self.provider}",
        }


PROVIDER_LOG = "provider.jsonl"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo demo", description=__doc__)
    parser.add_argument("--port", type=int, help="default: 8000, or the next free one")
    parser.add_argument("--data-dir", type=Path, help="default: .data/demo beside the code")
    parser.add_argument("--fresh", action="store_true", help="throw the data away and begin anew")
    options = parser.parse_args(words)
    folder = _folder(options.data_dir)
    cluster.make_data_dir(folder)
    lock = supervisor.claim(folder)
    server = None
    try:
        if options.fresh:
            _empty(folder)
        addresses = _addresses(options.port)
        _prepare(folder, addresses)
        server = environment.attach_database(folder)
        _fill()
        _run(addresses, server)
    finally:
        if server is not None:
            server.release()
        lock.close()
    return 0


def _folder(chosen: Path | None) -> Path:
    if chosen is not None:
        return chosen.expanduser().resolve()
    if "ACUERDO_DATA_DIR" in os.environ:
        return environment.data_dir()
    return environment.default_data_dir("demo")


def _empty(folder: Path) -> None:
    """Only what the demo made; a folder given by mistake keeps its other files."""
    Server(folder).stop()
    cluster.erase(folder)
    for name in ("postgres.json", "acuerdo.env", "secret_key", PROVIDER_LOG):
        (folder / name).unlink(missing_ok=True)
    for name in ("files", "static"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _addresses(wanted: int | None) -> Addresses:
    if wanted is not None:
        up.require_free(wanted)
    web = wanted or ports.first_free(up.WEB_PORT)
    live = ports.first_free(web + 1)
    return Addresses(web, live, ports.first_free(live + 1))


def _prepare(folder: Path, addresses: Addresses) -> None:
    """Written down as well, so that other commands on this folder meet the same addresses."""
    environment.write_file(folder / "acuerdo.env", addresses.variables())
    os.environ.update(addresses.variables())
    os.environ["ACUERDO_PROVIDER_LOG"] = str(folder / PROVIDER_LOG)
    environment.prepare(folder)
    os.umask(0o077)


def _fill() -> None:
    supervisor.say("demo", "preparing the tables")
    up.manage("migrate", "--no-input", "--verbosity", "0")
    up.manage("collectstatic", "--no-input", "--verbosity", "0")
    supervisor.say("demo", "loading the demo data")
    up.manage("demo_load")


def _run(addresses: Addresses, server: Server | None) -> None:
    logins = _logins()
    family = [
        processes.provider(port=addresses.provider),
        processes.web(port=addresses.web),
        processes.live(port=addresses.live),
        processes.worker(),
    ]

    def announce() -> bool:
        if not _answers(addresses.web):
            return False
        folder = os.environ["ACUERDO_DATA_DIR"]
        sys.stdout.write(f"\nREADY http://{ports.LOOPBACK}:{addresses.web}\n\n{logins}\n")
        sys.stdout.write(f"Other commands on this data: ACUERDO_DATA_DIR={folder} acuerdo ...\n")
        sys.stdout.write("Ctrl-C stops everything and keeps the data.\n\n")
        sys.stdout.flush()
        return True

    Supervisor(family, server=server).run(when_up=announce)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < FIRST_BROKEN_STATUS
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _logins() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "acuerdo", "demo_logins"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise ServerProblem(f"`acuerdo demo_logins` failed:\n{done.stderr.strip()}")
    lines = [" · ".join(str(value) for value in each.values()) for each in json.loads(done.stdout)]
    return "\n".join(f"  {line}" for line in lines)
