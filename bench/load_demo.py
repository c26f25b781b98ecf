"""bin/load-demo --customers N --interactions M: invented debtors by the million, by COPY.

Into the database of DATABASE_URL, or that of the demonstration, with the demonstration's own
people to sign in as. The same seed on the same day makes the same rows. A database that holds
customers already is left alone, unless --force is given: then these come on top of them.
One that has people of its own is left alone in any case: the people added here have passwords that all know.
Batches are committed one by one; what was cut off begins anew on an empty database.
"""

import argparse
import importlib
import sys

from acuerdo.server import environment

SEED = 41


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/load-demo", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--interactions", type=int, default=0, help="default: ten for each")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--force", action="store_true", help="load on top of other customers")
    options = parser.parse_args()
    folder = environment.default_data_dir("demo")
    environment.prepare(folder)
    server = environment.attach_database(folder)
    try:
        importlib.import_module("django").setup()
        importlib.import_module("django.core.management").call_command("migrate", verbosity=0)
        return _run(options)
    finally:
        if server is not None:
            server.release()


def _run(options: argparse.Namespace) -> int:
    loading = importlib.import_module("bench.loading")
    if loading.holds_other_people():
        print("This database belongs to an installation. Name an empty one.", file=sys.stderr)
        return 1
    if loading.holds_customers() and not options.force:
        print("This database holds customers. Name an empty one, or add --force.", file=sys.stderr)
        return 1
    loading.load(
        options.customers,
        options.interactions or 10 * options.customers,
        seed=options.seed,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    loading.gather_statistics()
    return 0


if __name__ == "__main__":
    sys.exit(main())
