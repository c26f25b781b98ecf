import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from acuerdo.server import restore
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem

# The run's own database and settings must not leak into an installation under test.
OURS = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ACUERDO_SECRET_KEY", "ACUERDO_DATA_DIR"}


def acuerdo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "acuerdo", "--data-dir", str(folder), *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in OURS},
    )


def query(folder: Path, sql: str) -> object:
    server = Server(folder)
    try:
        with psycopg.connect(server.attach()) as connection:
            found = connection.execute(sql)
            return found.fetchone() if found.description else None
    finally:
        server.release()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_backup_comes_back_with_its_files_and_sending_paused(
    data_dir: Path, tmp_path: Path
) -> None:
    Server(data_dir).attach(keep=True)
    assert acuerdo(data_dir, "migrate", "-v", "0").returncode == 0
    query(data_dir, "INSERT INTO organization_team (name) VALUES ('Cobranza temprana')")
    (data_dir / "files").mkdir()
    (data_dir / "files" / "receipt.txt").write_text("paid")
    archive = tmp_path / "night.acuerdo"
    made = acuerdo(data_dir, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    query(data_dir, "DELETE FROM organization_team")
    query(data_dir, "CREATE TABLE of_a_later_release ()")
    (data_dir / "files" / "receipt.txt").write_text("changed")
    done = acuerdo(data_dir, "restore", str(archive), "--yes")
    assert done.returncode == 0, done.stderr
    assert query(data_dir, "SELECT name FROM organization_team") == ("Cobranza temprana",)
    assert query(data_dir, "SELECT to_regclass('of_a_later_release')") == (None,)
    assert (data_dir / "files" / "receipt.txt").read_text() == "paid"
    paused = "SELECT sending_paused_at IS NOT NULL FROM organization_organization"
    assert query(data_dir, paused) == (True,)
    assert acuerdo(data_dir, "release-sending").returncode == 0
    assert query(data_dir, paused) == (False,)


@pytest.mark.slow
def test_an_empty_database_is_not_backed_up(data_dir: Path, tmp_path: Path) -> None:
    archive = tmp_path / "nothing.acuerdo"
    made = acuerdo(data_dir, "backup", str(archive))
    assert made.returncode != 0
    assert "--data-dir" in made.stderr
    assert not archive.exists()


def test_a_file_that_is_no_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    wrong = tmp_path / "cartera.xlsx"
    wrong.write_bytes(b"PK not a backup")
    with pytest.raises(ServerProblem, match=r"cartera\.xlsx is no backup"):
        restore.unpack(wrong, tmp_path)


def test_an_archive_without_a_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    archive = tmp_path / "half.acuerdo"
    with tarfile.open(archive, "w") as half:
        half.add(tmp_path / "manifest.json", "manifest.json")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with pytest.raises(ServerProblem, match="another release"):
        restore.unpack(archive, workspace)


def test_without_a_terminal_a_restore_wants_to_be_confirmed(tmp_path: Path) -> None:
    done = acuerdo(tmp_path, "restore", "any.acuerdo")
    assert done.returncode == 1
    assert "--yes" in done.stderr


def test_an_archive_that_reaches_outside_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    archive = tmp_path / "sly.acuerdo"
    with tarfile.open(archive, "w") as sly:
        sly.add(tmp_path / "manifest.json", "../outside.json")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with pytest.raises(ServerProblem, match="no backup"):
        restore.unpack(archive, workspace)
    assert not (tmp_path / "outside.json").exists()
