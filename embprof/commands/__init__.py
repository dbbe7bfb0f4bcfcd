"""One command a file; each imports what it needs when it is called."""

COMMANDS = ("plan", "baseline", "compare", "gate", "doctor", "ui", "sync")
"""The sub-commands; each is a module of this package with ``main(arguments) -> exit code``."""
