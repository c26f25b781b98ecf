"""A supervisor with a database and one server of streams: run by its test as a process."""

import os
import sys
from pathlib import Path

from acuerdo.server import supervisor
from acuerdo.server.postgres import Server
from acuerdo.server.processes import GRANIAN, Process
from acuerdo.server.supervisor import Supervisor


def main(data_dir: Path, port: str) -> None:
    server = Server(data_dir)
    os.environ["DATABASE_URL"] = server.attach()
    where = ("--host", "127.0.0.1", "--port", port, "acuerdo.server.tests.endless:application")
    streams = Process("live", (*GRANIAN, "--interface", "asginl", *where))
    deaf = Process("deaf", (sys.executable, "-c", DEAF))
    lock = supervisor.claim(data_dir)
    Supervisor([streams, deaf], server=server).run()
    lock.close()


# It hears no request to stop, like a job in the middle of a long statement.
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
