"""One command per file; each imports what it needs when it is called."""

COMMANDS = (
    *("plan", "scenarios", "list", "show", "baseline", "compare", "gate", "parity"),
    *("report", "doctor", "ui", "sync"),
)
"""The sub-commands; each is a module of this package with ``main(arguments) -> exit code``."""
