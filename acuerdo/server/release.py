"""Which release this is."""

import tomllib
from importlib.metadata import PackageNotFoundError, version

from acuerdo.server import environment


def release() -> str:
    try:
        return version("acuerdo")
    except PackageNotFoundError:
        project = tomllib.loads((environment.CHECKOUT / "pyproject.toml").read_text())["project"]
        return str(project["version"])
