"""``python -m embprof``."""

import sys

from embprof.cli import main

if __name__ == "__main__":
    sys.exit(main())
