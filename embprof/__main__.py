"""``python -m embprof``."""

import sys

from embprof import own_modules


def _start() -> int:
    """The exit code; 2 if a file of the user's was taken for a standard module."""
    if found := own_modules.shadowing():
        sys.stderr.write("".join(f"embprof: {line}\n" for line in found))
        return 2
    own_modules.settle()  # before anything else is imported
    from embprof.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(_start())
