"""CPU time of a process and of all that it has started."""

import contextlib

import psutil


def cpu_seconds(pid: int | None) -> float:
    """User and system seconds of a process, its living descendants and those they waited for.

    Of what has gone, may not be looked at, or runs elsewhere (None), nothing is counted.
    """
    if pid is None:
        return 0.0
    try:
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0.0
    for one in tree:
        with contextlib.suppress(psutil.Error):
            used = one.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system
    return total
