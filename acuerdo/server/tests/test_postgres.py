import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from acuerdo.server import ports
from acuerdo.server.cluster import Cluster
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem

pytestmark = pytest.mark.slow


def postmaster(data_dir: Path) -> int:
    found = Cluster.load(data_dir)
    assert found is not None
    return int((found.folder / "postmaster.pid").read_text().split()[0])


def test_first_start_gives_a_database_that_folds_accents(server: Server) -> None:
    with psycopg.connect(server.attach()) as connection:
        row = connection.execute("SELECT lower('ÁÑ'), current_setting('is_superuser')").fetchone()
        checksums = connection.execute("SHOW data_checksums").fetchone()
    assert row == ("áñ", "off")
    assert checksums == ("on",)


def test_the_application_may_add_the_extensions_it_needs(server: Server) -> None:
    with psycopg.connect(server.attach()) as connection:
        for name in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {name}")


def test_a_wrong_password_is_refused(server: Server) -> None:
    url = server.attach()
    found = Cluster.load(server.data_dir)
    assert found is not None
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(found.password, "guessed"))


def test_a_second_process_joins_the_same_server(server: Server) -> None:
    url = server.attach()
    second = Server(server.data_dir)
    before = postmaster(server.data_dir)
    assert second.attach() == url
    assert postmaster(server.data_dir) == before
    second.release()
    assert server.is_running()


def test_the_last_to_leave_stops_the_server_and_rows_stay(server: Server) -> None:
    with psycopg.connect(server.attach()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server.release()
    assert not server.is_running()
    with psycopg.connect(server.attach()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_kept_server_outlives_its_starter_until_it_is_stopped(server: Server) -> None:
    server.attach(keep=True)
    server.release()
    assert server.is_running()
    assert server.stop()
    assert not server.is_running()


def test_a_server_in_use_is_not_stopped(server: Server) -> None:
    server.attach()
    assert not Server(server.data_dir).stop()
    assert server.is_running()


def test_acknowledged_rows_outlive_a_killed_postmaster(server: Server) -> None:
    url = server.attach()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        for number in range(200):
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
    os.kill(postmaster(server.data_dir), signal.SIGKILL)
    assert server.attach() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (200,)


def test_four_starters_at_once_share_one_postmaster(data_dir: Path) -> None:
    script = (
        "import sys, psycopg; from pathlib import Path\n"
        "from acuerdo.server.postgres import Server\n"
        "server = Server(Path(sys.argv[1]))\n"
        "with psycopg.connect(server.attach()) as connection:\n"
        "    print(connection.execute('SELECT pg_postmaster_start_time()').fetchone()[0], flush=True)\n"
        "sys.stdin.read(); server.release()\n"
    )
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    started = {each.stdout.readline() for each in starters if each.stdout}
    for each in starters:
        each.communicate("")
    assert len(started) == 1
    assert started != {""}
    assert not Server(data_dir).is_running()


def test_the_secret_and_the_files_are_private(server: Server) -> None:
    server.attach()
    found = Cluster.load(server.data_dir)
    assert found is not None
    assert (server.data_dir / "postgres.json").stat().st_mode & 0o777 == 0o600
    assert found.folder.stat().st_mode & 0o777 == 0o700
    assert server.data_dir.stat().st_mode & 0o066 == 0
    assert not list(found.folder.parent.glob(f"{found.folder.name}*.secret"))


def test_it_listens_on_the_loopback_address_only(server: Server) -> None:
    server.attach()
    found = Cluster.load(server.data_dir)
    assert found is not None
    with psycopg.connect(found.superuser_url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_it_has_room_for_the_locks_of_many_large_batches(server: Server) -> None:
    with psycopg.connect(server.attach()) as connection:
        connection.execute(
            "SELECT count(pg_advisory_xact_lock(n)) FROM generate_series(1, 20000) n"
        )


def test_missing_files_are_not_replaced_by_an_empty_database(server: Server) -> None:
    server.attach()
    server.release()
    found = Cluster.load(server.data_dir)
    assert found is not None
    moved = found.folder.rename(found.folder.with_name("unmounted"))
    with pytest.raises(ServerProblem, match="Nothing was created"):
        server.attach()
    moved.rename(found.folder)


def squatter(port: int) -> socket.socket:
    """Somebody else who listens there; what the server left behind may linger for a moment."""
    deadline = time.monotonic() + 20
    while True:
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((ports.LOOPBACK, port))
            taken.listen()
        except OSError:
            taken.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return taken


def test_a_port_taken_by_others_is_left_to_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.attach()
    server.release()
    found = Cluster.load(server.data_dir)
    assert found is not None
    monkeypatch.setattr("acuerdo.server.postgres.PORT_PATIENCE_SECONDS", 0.3)
    with closing(squatter(found.port)):
        assert f":{found.port}/" not in server.attach()
    assert server.is_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has this to fear")
def test_root_runs_it_under_another_account_without_opening_folders(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Server(closed / "data")
    server.attach()
    pid = postmaster(server.data_dir)
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert closed.stat().st_mode & 0o777 == 0o700
    server.release()
    found = Cluster.load(server.data_dir)
    assert found is not None
    assert closed not in found.folder.parents


@pytest.mark.skipif(os.geteuid() != 0, reason="this run is already by an ordinary user")
def test_an_ordinary_user_keeps_it_inside_the_data_folder() -> None:
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    os.chown(folder, 65534, 65534)
    script = (
        "import sys; from pathlib import Path; from acuerdo.server.postgres import Server\n"
        "server = Server(Path(sys.argv[1]) / 'data'); server.attach()\n"
        "print(server.is_running()); server.release()"
    )
    command = [sys.executable, "-c", script, str(folder)]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, user=65534, group=65534
        )
    except PermissionError:
        pytest.skip("this Python lies where ordinary users cannot read it")
    if "No module named" in done.stderr:
        pytest.skip("this checkout lies where ordinary users cannot read it")
    assert done.stdout == "True\n", done.stderr
    assert (folder / "data" / "postgres" / "PG_VERSION").exists()


def test_two_threads_of_one_process_may_attach_at_once(data_dir: Path) -> None:
    servers = [Server(data_dir) for _ in range(4)]
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        urls = set(pool.map(lambda each: each.attach(), servers))
    assert len(urls) == 1
    assert time.monotonic() - began < 60
    for each in servers:
        each.release()
    assert not servers[0].is_running()
