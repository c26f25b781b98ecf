import os
from pathlib import Path

import pytest

from acuerdo.server import environment
from acuerdo.server.problems import ServerProblem


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in ("ACUERDO_SECRET_KEY", "ACUERDO_SECRET_KEY_FILE", "ACUERDO_DATA_DIR"):
        os.environ.pop(name, None)


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    environment.prepare(tmp_path)
    path = Path(os.environ.pop("ACUERDO_SECRET_KEY_FILE"))
    first = path.read_text()
    environment.prepare(tmp_path)
    assert path.read_text() == first
    assert len(first) > 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_given_from_outside_is_used_instead(tmp_path: Path) -> None:
    os.environ["ACUERDO_SECRET_KEY"] = "given"
    environment.prepare(tmp_path)
    assert not (tmp_path / "secret_key").exists()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "acuerdo.env").write_text("# mail\nACUERDO_EMAIL_HOST=file\nACUERDO_X = y=z\n")
    os.environ["ACUERDO_EMAIL_HOST"] = "outside"
    environment.prepare(tmp_path)
    assert os.environ["ACUERDO_EMAIL_HOST"] == "outside"
    assert os.environ["ACUERDO_X"] == "y=z"


def test_writing_the_file_keeps_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "acuerdo.env"
    path.write_text("ACUERDO_EMAIL_HOST=mail\nACUERDO_DEMO=0\n")
    environment.write_file(path, {"ACUERDO_DEMO": "1"})
    assert environment.read_file(path) == {"ACUERDO_EMAIL_HOST": "mail", "ACUERDO_DEMO": "1"}


def test_a_file_in_place_of_the_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerProblem, match="--data-dir"):
        environment.prepare(tmp_path / "file")
