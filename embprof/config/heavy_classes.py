"""Classes whose modules import torch at their top: asked in a process of their own.

The process that plans a sweep, and measures it, must stay without torch. So the questions of
:mod:`embprof.config.class_checks` go to a child, which imports such classes once, answers in JSON,
and is gone before anything is measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from embprof.interface import faults
from embprof.own_modules import path_to_ours

BEGIN = f"""
import json, sys
ours, theirs = map(json.loads, sys.argv[1:])
sys.path[:] = ours
from {__name__} import answer
sys.path[:] = theirs
answer()
"""
SOON = 2.0
"""Seconds after which it is said what takes so long."""
PATIENCE = 300.0
"""Seconds after which a class that has not been imported is given up."""


class UnansweredError(ValueError):
    """A question that the class answered with an error, or not at all."""


def ask(question: str, target: str, arguments: Sequence[Any]) -> Any:
    """The answer of a function of ``class_checks``; raises UnansweredError."""
    kept = _kept.get()
    if kept is None:
        with contextlib.closing(_Process()) as process:
            return process.ask(question, target, arguments)
    if not kept:
        kept.append(_Process())
    return kept[0].ask(question, target, arguments)


@contextlib.contextmanager
def one_process() -> Iterator[None]:
    """Within it one process answers all that is asked, from the first question on."""
    processes: list[_Process] = []
    token = _kept.set(processes)
    try:
        yield
    finally:
        _kept.reset(token)
        for process in processes:
            process.close()


_kept: ContextVar[list[_Process] | None] = ContextVar("heavy_classes", default=None)


class _Process:
    """The child, from the side of its parent."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, our module)
            [sys.executable, "-P", "-c", BEGIN, json.dumps(path_to_ours()), json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )

    def ask(self, question: str, target: str, arguments: Sequence[Any]) -> Any:
        saying = threading.Timer(SOON, _say, [f"importing {target}, which imports torch …"])
        ending = threading.Timer(PATIENCE, self._process.kill)
        for timer in (saying, ending):
            timer.daemon = True
            timer.start()
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{json.dumps([question, arguments])}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        finally:
            saying.cancel()
            ending.cancel()
        if not line:
            raise UnansweredError(f"{target} cannot be imported: {self._last_words()}")
        reply = json.loads(line)
        for fault in reply["faults"]:
            faults.note(*fault)
        if reply["error"]:
            raise UnansweredError(reply["error"])
        return reply["answer"]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"its process ended with {code}"


def _say(line: str) -> None:
    sys.stderr.write(f"embprof: {line}\n")
    sys.stderr.flush()


def answer() -> None:
    """The child: a line of JSON with a question, a line of JSON with its answer, until the end."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what modules print is no answer
        from embprof.config import class_checks
        from embprof.interface import classes

        classes.HEAVY = frozenset()
        for line in sys.stdin:
            question, arguments = json.loads(line)
            reply: dict[str, Any] = {"answer": None, "error": ""}
            with faults.collected() as found:
                try:
                    reply["answer"] = getattr(class_checks, question)(*arguments)
                except Exception as error:  # noqa: BLE001  (told to whoever asked)
                    reply["error"] = str(error.__cause__ or error) or type(error).__name__
            reply["faults"] = [(fault.subject, fault.part, fault.error) for fault in found]
            out.write(f"{json.dumps(reply)}\n")
            out.flush()
