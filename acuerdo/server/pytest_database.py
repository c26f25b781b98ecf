"""Gives the test run a database before Django reads its settings.

DATABASE_URL wins; without it our own server keeps its files in `.data/test` and is stopped when
the last of the runs that share it ends.
"""

import os
from collections.abc import Generator

import pytest

from acuerdo.server import environment
from acuerdo.server.postgres import Server

_server: list[Server] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    if not os.environ.get("DATABASE_URL"):
        chosen = "-chosen" if os.environ.get("ACUERDO_POSTGRES_BIN") else ""
        server = Server(environment.CHECKOUT / ".data" / f"test{chosen}", durable=False)
        os.environ["DATABASE_URL"] = server.attach()
        _server.append(server)
    return (yield)


def pytest_unconfigure() -> None:
    while _server:
        _server.pop().release()
