"""Memory: whether there is enough, and what it is made of."""

from embprof.doctor.traps.trap import Trap, all_known, fine, known, note, warning
from embprof.machine.facts import Facts
from embprof.machine.validity import PRESSURE_PERCENT
from embprof.units import counted, percent

GB = 1_000_000_000
ENOUGH = 2 * GB
"""Bytes for the default job. Source: two workers of it at 0.7 GB each (a comparison loads both), as
much again for the server with its imports and for files in memory."""
END_THE_LARGE = "end what uses much memory: ps aux --sort=-rss | head"
ASKS_FOR_HUGE_PAGES = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"
SWAPPED_OUT = 100_000_000
"""Bytes in swap from which it is worth a word. Source: a choice; pages that nobody has touched
since boot lie there on a healthy machine too."""


def memory_pressure(facts: Facts) -> Trap:
    """Processes stood still because memory had to be found for them."""
    stalls = all_known(window.memory_stall for window in facts.windows)
    seen = f"processes waited for memory {percent(max(stalls))} of the time"
    if 100 * max(stalls) <= PRESSURE_PERCENT:
        return fine(seen)
    return warning(seen, END_THE_LARGE)


def swap(facts: Facts) -> Trap:
    """A page that comes back from a disk takes a thousand times as long as one in memory."""
    used = known(facts.memory.swap_used)
    moved = sum(window.swapped or 0 for window in facts.windows)
    if moved:
        seen = f"{counted(moved, 'page')} swapped while this looked, {_gb(used)} in swap"
        return warning(seen, END_THE_LARGE)
    if used < SWAPPED_OUT:
        return fine("not used")
    return note(
        f"{_gb(used)} in swap: what lies there is slow the first time it is touched",
        "if memory is free again: sudo swapoff -a && sudo swapon -a",
    )


def free_memory(facts: Facts) -> Trap:
    """Too little, and a job ends by the kernel's hand."""
    available = known(facts.memory.available)
    within = f" (this cgroup may use {_gb(facts.memory.limit)})" if facts.memory.limit else ""
    if available >= ENOUGH:
        return fine(f"{_gb(available)} available{within}")
    return warning(
        f"{_gb(available)} available{within}; the default job needs up to {_gb(ENOUGH)}",
        "end what uses much memory (ps aux --sort=-rss | head), or take a smaller model: "
        "model=minilm_l3 batch_size=8",
    )


def huge_pages(facts: Facts) -> Trap:
    """Large pages spare page faults and look-ups of addresses, where somebody asks for them.

    Source: kernel documentation, admin-guide/mm/transhuge; glibc manual, "Memory Allocation
    Tunables" (glibc.malloc.hugetlb, from 2.35 on). Measured on a 2-core virtual machine with
    madvise, all-MiniLM-L6-v2, batches of 32, fresh processes in turn: no huge page without the
    tunable, 190 MB of them with it, and a call took 3-9 % less with one thread (3 pairs); with two
    9-17 % less in three pairs, 1 % more in the fourth. PyTorch's own THP_MEM_ALLOC_ENABLE=1 gave no
    huge page.
    """
    mode = known(facts.memory.huge_pages)
    if mode == "always":
        return fine("always")
    if mode == "madvise" and "malloc.hugetlb" in facts.threads.settings.get("GLIBC_TUNABLES", ""):
        return fine("madvise, and glibc asks for them")
    asking = f"{ASKS_FOR_HUGE_PAGES} python -m embprof"
    if mode == "never":
        return warning(
            "never given: large tensors cost more page faults and look-ups of addresses",
            f"echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled, then {asking}",
        )
    return note(
        "given to those who ask (madvise), and PyTorch does not ask",
        f"see what they gain: {asking}; if it helps, start the service with it too",
    )


def address_randomisation(facts: Facts) -> Trap:
    """Each process lands elsewhere in memory, and some places are faster: restarts average it."""
    randomised = known(facts.memory.randomised)
    if randomised:
        return fine("on, as it should be: restarts average over layouts of memory")
    return note(
        "off: every process gets the same layout, lucky or not, and restarts do not show it",
        "sudo sysctl kernel.randomize_va_space=2 (or start without setarch -R)",
    )


def _gb(size: int) -> str:
    return f"{size / GB:.1f} GB"
