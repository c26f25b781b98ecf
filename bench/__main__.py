"""Runs one bench on a database of its own and prints its figures as one JSON line.

    bin/bench NAME --customers N [--loaded]

NAME is a module of this package with ``main(customers) -> dict``. The database is made on the
server of DATABASE_URL, or on our own server under ``.data/bench``, and dropped at the end.
"""

import argparse
import importlib
import json
import os
import secrets
import sys
import tempfile
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import psycopg

from acuerdo.server import environment
from acuerdo.server.postgres import Server

NAMES = ("flow", "inbox", "import", "outbox", "export", "inbound", "statuses", "paced", "screen")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument(
        "--loaded",
        action="store_true",
        help="inbox, screen: on DATABASE_URL itself, as it was loaded",
    )
    options = parser.parse_args()
    # ``import`` is a word of the language: its module carries a line below.
    module = next(
        (name for name in (f"bench.{options.name}", f"bench.{options.name}_") if find_spec(name)),
        None,
    )
    if module is None:
        print(f"there is no bench/{options.name}.py yet", file=sys.stderr)
        return 1
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = Server(environment.CHECKOUT / ".data" / "bench")
        os.environ["DATABASE_URL"] = server.attach()
    try:
        run = on_loaded_database if options.loaded else on_own_database
        print(json.dumps(run(module, options.customers)))
    finally:
        if server:
            server.release()
    return 0


def on_own_database(module: str, customers: int) -> dict[str, Any]:
    """Make a database beside the one named, run the bench on it, drop it."""
    given = os.environ["DATABASE_URL"]
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        # What our own server is set to, and what the manual asks of any other.
        connection.execute(f"ALTER DATABASE {name} SET random_page_cost = 1.1")
        connection.execute(f"ALTER DATABASE {name} SET jit = off")
    try:
        with tempfile.TemporaryDirectory() as folder:
            set_up(urlsplit(given)._replace(path=f"/{name}").geturl(), folder)  # noqa: SLF001 - public
            figures: dict[str, Any] = importlib.import_module(module).main(customers)
            return figures
    finally:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def on_loaded_database(module: str, customers: int) -> dict[str, Any]:
    """Only for a bench that reads: what is there stays."""
    with tempfile.TemporaryDirectory() as folder:
        set_up(os.environ["DATABASE_URL"], folder)
        figures: dict[str, Any] = importlib.import_module(module).main(customers)
        return figures


def set_up(address: str, folder: str) -> None:
    """Django on that database, with files in ``folder``; child processes inherit both."""
    os.environ["DATABASE_URL"] = address
    os.environ["ACUERDO_DATA_DIR"] = folder
    os.environ.setdefault("ACUERDO_SECRET_KEY", secrets.token_hex(32))
    os.environ["DJANGO_SETTINGS_MODULE"] = "acuerdo.config.settings"
    django = importlib.import_module("django")
    django.setup()
    management = importlib.import_module("django.core.management")
    management.call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
