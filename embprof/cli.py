"""Command line to command: the first word decides, everything else is an override.

Imports stay lazy, so that ``--help`` and mistakes are answered at once. Errors of ours are caught
here and nowhere else.
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from types import TracebackType

from embprof import own_modules
from embprof.commands import COMMANDS
from embprof.errors import EmbprofError, RequestError
from embprof.interface import faults
from embprof.interruptions import EXIT_CODE
from embprof.machine import output_encoding
from embprof.masking import learn, masked_text

RUN = "embprof.commands.run"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line; returns the exit code (docs/reference/commands.md)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    output_encoding.settle()
    own_modules.settle()
    learn(words)
    sys.excepthook = _print_masked
    try:
        with _faults_named():
            return _dispatch(words)
    except EmbprofError as error:
        print(masked_text(_shown(error)), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has stopped (| head); nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_CODE


@contextlib.contextmanager
def _faults_named() -> Iterator[None]:
    """Says at the end which parts of which subjects failed to tell something of themselves."""
    with faults.collected() as found:
        try:
            yield
        finally:
            for fault in found:
                print(masked_text(f"embprof: {fault}"), file=sys.stderr)


def _dispatch(words: list[str]) -> int:
    first = words[0] if words else ""
    if first in ("-h", "--help", "help"):
        return _command("embprof.commands.help", words[1:])
    if first == "--version":
        from embprof import __version__

        print(f"embprof {__version__}")
        return 0
    if first in COMMANDS:
        return _command(f"embprof.commands.{first}", words[1:])
    if first and not first.startswith("-") and "=" not in first and not first.startswith("~"):
        raise RequestError([_unknown_command(first)])
    return _command(RUN, words)


def _command(module: str, words: list[str]) -> int:
    code: int = importlib.import_module(module).main(words)
    return code


def _unknown_command(word: str) -> str:
    import difflib

    if word == "resume":
        return "resume: write resume=last, or resume=SWEEP_ID"
    close = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f", did you mean {close[0]}?" if close else ""
    known = ", ".join(COMMANDS)
    return f"{word}: there is no such command{hint}; there are {known}; overrides are key=value"


def _shown(error: EmbprofError) -> str:
    if isinstance(error, RequestError):
        count = len(error.problems)
        heading = (
            "the request is wrong:" if count == 1 else f"{count} things are wrong with the request:"
        )
        return "\n".join([f"embprof: {heading}", *(f"  {problem}" for problem in error.problems)])
    return f"embprof: {error}"


def _print_masked(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Prints a traceback that nobody foresaw, without the secrets in its messages."""
    import traceback

    print(masked_text("".join(traceback.format_exception(kind, error, trace))), file=sys.stderr)
