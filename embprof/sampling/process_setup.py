"""What a process settles before it works: environment, memory, and where its output goes."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

from embprof import own_modules
from embprof.machine.parent import end_with_parent
from embprof.sampling import allocator
from embprof.sampling.messages import WorkerSpec

FIRST_TO_BE_KILLED = "1000"
"""oom_score_adj that makes the kernel end this process before any other when memory runs out."""


def prepare(spec: WorkerSpec) -> None:
    """Sets what the workload's libraries read, and what bounds the process."""
    if spec.waits:
        end_with_parent()
        os.setpgrp()  # one signal stops it with all that it starts, at once and without a search
    os.environ.update(spec.environment)
    own_modules.put_first(spec.paths)
    torch = sys.modules.get("torch")
    if torch is not None:  # a forked worker, whose server has read the environment already
        torch.set_num_threads(spec.threads)
    if spec.memory_limit_mb is not None:
        import resource

        limit = round(spec.memory_limit_mb * 1e6)  # of private memory; allocations beyond it fail
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    with contextlib.suppress(OSError):  # no Linux: then the system chooses
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_BE_KILLED, "utf-8")


def settle_allocator(spec: WorkerSpec) -> str:
    """How this process allocates from now on."""
    # What is retained counts towards a limit, so a limit leaves the allocator alone.
    is_wanted = spec.allocator == allocator.RETAIN and spec.memory_limit_mb is None
    is_retaining = is_wanted and allocator.retain_freed_memory()
    return allocator.RETAIN if is_retaining else allocator.DEFAULT


def redirect_output(log: str) -> None:
    """Sends standard output and error of this process, C code included, to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    # A file of ours, so UTF-8 whatever the locale; nothing a workload prints may end it.
    sys.stdout = _text_file(1)
    sys.stderr = _text_file(2)


def _text_file(descriptor: int) -> IO[str]:
    return os.fdopen(
        descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
