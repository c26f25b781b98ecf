"""The command `acuerdo`: the installation's own words, and every Django command.

A Django command finds DATABASE_URL set: it joins the running database, or starts one for as long
as it lasts.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from django import setup
from django.core.management import call_command, execute_from_command_line, get_commands
from django.db import connection

from acuerdo.server import backup, database, demo, environment, foreground, restore, up
from acuerdo.server.problems import ServerProblem

COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "up": (up.main, "run everything: database, web, live pages, worker"),
    "demo": (demo.main, "the same with invented debtors and a simulated provider"),
    "backup": (backup.main, "write the database and the files into one archive"),
    "restore": (restore.main, "bring an archive back; sending starts paused"),
    "db": (database.main, "start, stop, status or url of the embedded database"),
    "web": (foreground.web, "the web server alone"),
    "live": (foreground.live, "the server of live pages alone"),
    "worker": (foreground.worker, "the worker of background jobs alone"),
    "provider": (foreground.provider, "the simulated provider alone"),
}
# Python keeps the word `import` to itself, so the module behind it has another name.
ALIASES = {"import": "import_sheet", "export": "export_sheet"}


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _end)
    try:
        words = _take_data_dir(words)
        if not words or words[0] in {"-h", "--help"}:
            return _usage()
        if words[0] in COMMANDS:
            return COMMANDS[words[0]][0](words[1:])
        return django(words)
    except ServerProblem as problem:
        sys.stderr.write(f"acuerdo: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def django(words: Sequence[str]) -> int:
    folder = environment.data_dir()
    environment.prepare(folder)
    server = environment.attach_database(folder)
    name = words[0].replace("-", "_")
    name = ALIASES.get(name, name)
    try:
        _ensure_tables(name)
        execute_from_command_line(["acuerdo", name, *words[1:]])
    finally:
        if server is not None:
            server.release()
    return 0


def _ensure_tables(name: str) -> None:
    """An empty database gets its tables before our own commands: who tries things out may begin
    with any of them. One with older tables is left as it is; the doctor only looks."""
    setup()
    if name == "doctor" or not str(get_commands().get(name, "")).startswith("acuerdo."):
        return
    if not connection.introspection.table_names():
        sys.stderr.write("acuerdo: preparing the tables\n")
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def _take_data_dir(words: list[str]) -> list[str]:
    if words and words[0] == "--data-dir":
        if len(words) == 1:
            raise ServerProblem("--data-dir needs a folder.")
        os.environ["ACUERDO_DATA_DIR"] = str(Path(words[1]).expanduser().resolve())
        return words[2:]
    return words


def _usage() -> int:
    print("usage: acuerdo [--data-dir FOLDER] COMMAND ...\n")
    for name, (_command, purpose) in COMMANDS.items():
        print(f"  {name:<10} {purpose}")
    print(f"  {'doctor':<10} look for what is wrong and say how to put it right")
    print("\nEvery other word is a Django command; `acuerdo help` lists them.")
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """As an exception, so that what was started is stopped on the way out."""
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
