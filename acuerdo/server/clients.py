"""PostgreSQL's client programs, pointed at the database by variables that `ps` does not show."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from psycopg.conninfo import conninfo_to_dict

from acuerdo.server import binaries
from acuerdo.server.ports import LOOPBACK
from acuerdo.server.problems import ServerProblem

VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def run(name: str, words: Sequence[str], *, url: str) -> None:
    """Run to the end; a failure is told in the program's own words."""
    done = subprocess.run(
        command(name, words, url=url),
        check=False,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=variables(url),
    )
    refuse_failure(name, done.returncode, done.stderr)


def command(name: str, words: Sequence[str], *, url: str) -> list[str]:
    elsewhere = conninfo_to_dict(url).get("host") not in {LOOPBACK, "localhost", None}
    found = binaries.find(system_first=elsewhere)
    return [str(found.program(name)), *words]


def variables(url: str) -> Mapping[str, str]:
    given = conninfo_to_dict(url)
    chosen = {VARIABLES[key]: str(given[key]) for key in VARIABLES if given.get(key)}
    return {**os.environ, **chosen, "PGOPTIONS": "-c lock_timeout=30s"}


def refuse_failure(name: str, code: int, words: str) -> None:
    if code != 0:
        raise ServerProblem(f"{name} failed:\n{words.strip()[-2000:]}")
