#!/usr/bin/env python
"""Django's usual door; the command `acuerdo` is the same."""

import sys

from acuerdo.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
