"""One start of a service, made from here: a bare interpreter, its answer, and how it ended.

The clock is ``time.perf_counter``, which is system-wide (so says its documentation; on Linux it is
CLOCK_MONOTONIC): the child's first instant minus the moment before it was started is the time of
the interpreter, whatever it does before its first line included. The started process ends with
this one: it holds the reading end of a pipe of which only this process has the other.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from embprof.machine.files import counters
from embprof.machine.process_facts import Facts
from embprof.measurements.load_time.starts import import_log
from embprof.sampling.failed_start import Failed, failure
from embprof.sampling.interpreter import PACKAGE
from embprof.sampling.isolation import oom_kills

PROGRAM = Path(__file__).with_name("program.py")
BLOCK = 512
"""Bytes of a block in getrusage(2), whatever the file system has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one start took, in seconds and bytes.

    ``parts`` are those of ``load`` that could be told; ``calls`` the seconds of each call in order.
    ``resident`` and ``peak`` are by moment (``bare``, ``imported``, ``made``, ``loaded``,
    ``prepared``, ``first_call``, ``steady``); empty where the system does not tell. ``wall`` is
    from before the process was started until it was gone, ``cpu`` its CPU time, ``disk_bytes`` what
    was read from disk for it.
    """

    interpreter: float
    imports: float
    load: float
    parts: Mapping[str, float]
    calls: tuple[float, ...]
    resident: Mapping[str, int]
    peak: Mapping[str, int]
    wall: float
    cpu: float
    disk_bytes: int
    import_log: str
    facts: Facts
    described: Mapping[str, Any]
    files: tuple[str, ...]

    @property
    def total(self) -> float:
        """From nothing to the first call's end, embprof's own work left out."""
        return self.interpreter + self.imports + self.load + self.calls[0]

    @property
    def harness(self) -> float:
        """Seconds of this start that embprof used and not the service, its end included."""
        return max(0.0, self.wall - self.total - sum(self.calls[1:]))


def start(request: Mapping[str, Any], modules: Sequence[str], *, log_imports: bool = True) -> Start:
    """Starts the service of ``request`` after importing ``modules``; returns when it is gone.

    Raises what the started process raised, as an error of the same name.
    """
    with contextlib.ExitStack() as stack:
        answer = stack.enter_context(tempfile.TemporaryFile())
        errors = stack.enter_context(_in_memory())
        reading_end, lifeline = os.pipe()
        stack.callback(os.close, lifeline)
        command = [
            *(sys.executable, "-P"),  # nothing from this folder until its sys.path is set
            *(("-X", "importtime") if log_imports else ()),
            *("-c", PROGRAM.read_text(encoding="utf-8")),
            *(str(reading_end), str(answer.fileno()), str(PACKAGE)),
            *("\n".join(modules), "\n".join(sys.path), json.dumps(request)),
        ]
        used, kills = _children_usage(), oom_kills()
        sys.stdout.flush()
        begun = time.perf_counter()
        try:
            process = subprocess.Popen(  # noqa: S603  (an interpreter, and our own words)
                command,
                stdin=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(reading_end, answer.fileno()),
            )
        finally:
            os.close(reading_end)
        stack.callback(_end, process)
        code = process.wait()
        wall = time.perf_counter() - begun
        cpu, blocks = (now - then for now, then in zip(_children_usage(), used, strict=True))
        log = _all(errors)
        sys.stderr.write(import_log.without_it(log))
        answered = _all(answer)
    if not answered:
        raise failure(code, import_log.without_it(log), oom_kills_before=kills)
    content = json.loads(answered)
    if "error" in content:
        raise Failed.like(**content["error"])
    return _start(content, begun=begun, wall=wall, cpu=cpu, disk_bytes=int(blocks) * BLOCK, log=log)


def _start(
    content: Mapping[str, Any], *, begun: float, wall: float, cpu: float, disk_bytes: int, log: str
) -> Start:
    memory = {
        when: counters(status, "VmHWM", "VmRSS") for when, status in content["memory"].items()
    }
    return Start(
        interpreter=content["first_instant"] - begun,
        imports=content["import"],
        load=content["load"],
        parts=content["parts"],
        calls=tuple(content["calls"]),
        resident={when: one["VmRSS"] for when, one in memory.items() if "VmRSS" in one},
        peak={when: one["VmHWM"] for when, one in memory.items() if "VmHWM" in one},
        wall=wall,
        cpu=cpu,
        disk_bytes=disk_bytes,
        import_log=log,
        facts=Facts(**content["facts"]),
        described=content["described"],
        files=tuple(content["files"]),
    )


def _children_usage() -> tuple[float, float]:
    """CPU seconds of all children that are gone, and blocks read from disk for them."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, float(used.ru_inblock)


def _in_memory() -> IO[bytes]:
    """A file that costs no disk: what is logged while a start is measured must not be written."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("embprof-imports"), "w+b")
    return tempfile.TemporaryFile()


def _all(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that was not waited for, whatever interrupted the wait."""
    process.kill()
    process.wait()
