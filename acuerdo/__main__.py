"""`python -m acuerdo`."""

import sys

from acuerdo.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
