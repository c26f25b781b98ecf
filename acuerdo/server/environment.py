"""What an installation's processes are told: its data folder, its settings file, its key.

Variables of the environment win over `acuerdo.env` in the data folder.
"""

import os
import secrets
from pathlib import Path

from acuerdo.server import cluster
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem

CHECKOUT = Path(__file__).resolve().parents[2]


def default_data_dir(name: str = "main") -> Path:
    """Beside the code in a checkout, in the user's own folders once installed."""
    if (CHECKOUT / "pyproject.toml").exists():
        return CHECKOUT / ".data" / name
    if os.geteuid() == 0:
        return Path("/var/lib/acuerdo") / name
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "acuerdo" / name


def data_dir() -> Path:
    chosen = os.environ.get("ACUERDO_DATA_DIR")
    return Path(chosen).expanduser().resolve() if chosen else default_data_dir()


def prepare(folder: Path) -> None:
    """Complete this process's environment; what it starts inherits it."""
    try:
        cluster.make_data_dir(folder)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise ServerProblem(
            f"{folder} cannot be used for the data ({error.strerror}). "
            "Name a folder of yours with --data-dir or ACUERDO_DATA_DIR."
        ) from error
    os.environ["ACUERDO_DATA_DIR"] = str(folder)
    for name, value in read_file(folder / "acuerdo.env").items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuerdo.config.settings")
    if not {"ACUERDO_SECRET_KEY", "ACUERDO_SECRET_KEY_FILE"} & os.environ.keys():
        os.environ["ACUERDO_SECRET_KEY_FILE"] = str(_secret_key(folder))


def attach_database(folder: Path) -> Server | None:
    """Set DATABASE_URL, from our own server unless it is set already.

    The caller must `release()` the server given back.
    """
    if os.environ.get("DATABASE_URL"):
        return None
    server = Server(folder)
    os.environ["DATABASE_URL"] = server.attach()
    return server


def read_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def write_file(path: Path, values: dict[str, str]) -> None:
    """Keep the lines that others wrote."""
    merged = {**read_file(path), **values}
    cluster.write_private(path, "".join(f"{name}={value}\n" for name, value in merged.items()))


def _secret_key(folder: Path) -> Path:
    path = folder / "secret_key"
    if not path.exists():
        # Two first starts at once must agree on one key: the first to link it in wins.
        draft = folder / f".secret_key-{secrets.token_hex(4)}"
        cluster.write_private(draft, secrets.token_urlsafe(64))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path
