"""Servers of our own, each with files of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acuerdo.server import cluster
from acuerdo.server.postgres import Server


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """Started by root, the cluster lies elsewhere: hence the explicit erasing."""
    folder = tmp_path / "data"
    yield folder
    Server(folder).stop()
    cluster.erase(folder)


@pytest.fixture
def server(data_dir: Path) -> Iterator[Server]:
    found = Server(data_dir)
    yield found
    found.release()
