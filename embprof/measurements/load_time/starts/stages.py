"""What a started process does after its imports: model init, and its first calls.

Everything between the timed stages is *harness*: importing what embprof needs to make the workload,
making its inputs, reading the memory. It is timed too, and never counted as the service's.
"""

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from embprof.interface import steps
from embprof.interface.workload import Describes, MakesReady
from embprof.machine import process_facts
from embprof.measurements.load_time.starts.init_parts import Parts


def run(
    request: str, known: Mapping[str, Any], *, memory: Callable[[], str], say: Callable[[str], None]
) -> dict[str, Any]:
    """The answer of a whole start; ``known`` is what was read until the imports were done.

    ``memory`` reads this process's memory, ``say`` marks a stage in the log of imports.
    """
    from hydra.utils import instantiate

    order = json.loads(request)
    memories = dict(known["memory"])
    workload = instantiate(order["workload"])
    parts = Parts()
    parts.watch()

    if isinstance(workload, MakesReady):
        workload.make_ready()
    memories["made"] = memory()
    say("load")
    started = time.perf_counter()
    workload.load()
    load = time.perf_counter() - started
    say("harness")
    memories["loaded"] = memory()

    calls = []
    for number in range(2 + order["steady_calls"]):
        steps.prepare(workload, 1)
        if number == 0:
            memories["prepared"] = memory()
            say("first call")
        started = time.perf_counter()
        workload.step()
        calls.append(time.perf_counter() - started)
        if number == 0:
            say("harness")
            memories["first_call"] = memory()
    memories["steady"] = memory()

    described = dict(workload.description()) if isinstance(workload, Describes) else {}
    described |= process_facts.of_torch()
    files = list(_files()) if order["files"] else []
    workload.close()
    return {
        **known,
        "load": load,
        "parts": parts.seconds,
        "calls": calls,
        "memory": memories,
        "facts": dataclasses.asdict(process_facts.read(order["roots"])),
        "described": process_facts.storable(described),
        "items": str(workload.items),
        "files": files,
    }


def _files() -> Iterator[str]:
    """Files that this process has mapped, and those its modules were read from."""
    for module in list(sys.modules.values()):
        known = getattr(module, "__dict__", {})
        for name in ("__cached__", "__file__"):
            if isinstance(file := known.get(name), str):
                yield file
                break
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:  # noqa: PTH123
            found = {line.split(maxsplit=5)[-1].strip() for line in maps if "/" in line}
    except OSError:
        return
    yield from found
