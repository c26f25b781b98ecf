import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from acuerdo.server import ports, supervisor
from acuerdo.server.cluster import Cluster
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem

pytestmark = pytest.mark.slow


@dataclass
class Family:
    process: subprocess.Popen[str]
    port: int
    data_dir: Path

    def ask(self, path: str = "/") -> dict[str, object]:
        connection = http.client.HTTPConnection(ports.LOOPBACK, self.port, timeout=5)
        connection.request("GET", path)
        answer: dict[str, object] = json.loads(connection.getresponse().readline())
        connection.close()
        return answer

    def answers(self) -> bool:
        try:
            return bool(self.ask())
        except (OSError, http.client.HTTPException, ValueError):
            return False


def wait_for(truth: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def family(data_dir: Path) -> Iterator[Family]:
    port = ports.any_free()
    module = "acuerdo.server.tests.family"
    command = [sys.executable, "-m", module, str(data_dir), str(port)]
    started = Family(subprocess.Popen(command, text=True), port, data_dir)
    wait_for(started.answers)
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.wait(15)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_everything_stops_within_ten_seconds_though_a_stream_is_open(family: Family) -> None:
    stream = http.client.HTTPConnection(ports.LOOPBACK, family.port, timeout=5)
    stream.request("GET", "/stream")
    response = stream.getresponse()
    granian = int(str(json.loads(response.readline())["parent"]))
    began = time.monotonic()
    family.process.send_signal(signal.SIGINT)
    assert family.process.wait(15) == 0
    assert time.monotonic() - began < 10
    assert is_gone(granian)
    assert not Server(family.data_dir).is_running()
    stream.close()


def test_a_killed_child_comes_back(family: Family) -> None:
    granian = int(str(family.ask()["parent"]))
    os.kill(granian, signal.SIGKILL)
    wait_for(lambda: family.answers() and family.ask()["parent"] != granian)


def test_a_killed_database_comes_back_at_the_same_address(family: Family) -> None:
    found = Cluster.load(family.data_dir)
    assert found is not None
    postmaster = int((found.folder / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: is_gone(postmaster))
    wait_for(Server(family.data_dir).is_running)
    assert family.ask()["database"] == found.url()


def test_children_do_not_outlive_a_killed_supervisor(family: Family) -> None:
    granian = int(str(family.ask()["parent"]))
    family.process.kill()
    family.process.wait()
    wait_for(lambda: is_gone(granian), seconds=10)
    assert Server(family.data_dir).stop()


def test_a_second_supervisor_is_told_why_it_may_not_start(tmp_path: Path) -> None:
    lock = supervisor.claim(tmp_path)
    with pytest.raises(ServerProblem, match="already running"):
        supervisor.claim(tmp_path)
    lock.close()
    supervisor.claim(tmp_path).close()


def test_nothing_starts_on_a_half_restored_database(tmp_path: Path) -> None:
    (tmp_path / supervisor.RESTORE_MARK).touch()
    with pytest.raises(ServerProblem, match="cut short"):
        supervisor.claim(tmp_path)
    supervisor.claim(tmp_path, after_restore=True).close()
