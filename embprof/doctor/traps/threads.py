"""Compute threads: how many, against how many CPUs and cores, and how they wait."""

from embprof.doctor.traps.trap import Trap, fine, known, note, warning
from embprof.machine.facts import Facts
from embprof.machine.validity import BUSY_PERCENT
from embprof.units import counted, percent


def spinning_threads(facts: Facts) -> Trap:
    """Alone, spinning gains a tenth; beside others it costs a third.

    Source: docs/explanation/threads.md, two threads on two CPUs, alone and with one of them taken.
    """
    threads = facts.threads
    if threads.count == 1:
        return fine("one compute thread waits for nobody")
    if not threads.spin:
        return fine(f"{threads.count} threads sleep while they wait")
    others = max((window.others or 0.0 for window in facts.windows), default=0.0)
    seen = f"{threads.count} threads spin while they wait (wait_policy={threads.wait_policy})"
    advice = (
        "measure with wait_policy=passive and start the service with OMP_WAIT_POLICY=PASSIVE, or "
        "compare: python -m embprof -m wait_policy=passive,active restarts=3"
    )
    if 100 * others > BUSY_PERCENT:
        return warning(f"{seen}, and others used {percent(others)} of a CPU", advice)
    return note(f"{seen}: fast alone, dear as soon as others use the CPUs", advice)


def threads_in_environment(facts: Facts) -> Trap:
    """The service may be started with these variables; embprof's workers override them."""
    threads = facts.threads
    other = {key: value for key, value in threads.counts.items() if value != str(threads.count)}
    if not other:
        return fine(f"nothing asks for other than {counted(threads.count, 'thread')}")
    given = ", ".join(f"{key}={value}" for key, value in other.items())
    wanted = next(iter(other.values()))
    return note(
        f"{given} set, but embprof's workers compute with {counted(threads.count, 'thread')}",
        f"threads={wanted} to measure a service that is started so, else unset {' '.join(other)}",
    )


def inherited_settings(facts: Facts) -> Trap:
    """These reach the workers, but are no part of the environment's hash."""
    settings = facts.threads.settings
    if not settings:
        return fine("no variable changes how threads wait or memory is given")
    given = " ".join(f"{key}={value}" for key, value in settings.items())
    return note(
        f"{given}: figures with and without count as comparable, and are not",
        f"keep them the same for all figures that you compare, or unset {' '.join(settings)}",
    )


def threads_and_cpus(facts: Facts) -> Trap:
    """More threads than CPUs take turns, and at each barrier all wait for the last."""
    threads, usable = facts.threads.count, facts.cpus.usable
    seen = f"{counted(threads, 'thread')} on {counted(usable, 'usable CPU')}"
    if threads > usable:
        return warning(seen, f"threads={usable}")
    return fine(seen)


def threads_and_cores(facts: Facts) -> Trap:
    """Two threads of one core share its arithmetic units: matrix products gain little or nothing.

    Source: oneMKL developer guide, MKL_DYNAMIC: left to itself, the library uses no more
    threads than there are physical cores.
    """
    threads, cores = facts.threads.count, known(facts.cpus.cores)
    seen = f"{counted(threads, 'thread')} on {counted(cores, 'physical core')}"
    if cores < threads <= facts.cpus.usable:
        return warning(
            f"{seen}: some share a core, and slow each other",
            f"threads={cores}, or compare: python -m embprof -m threads={cores},{threads}",
        )
    return fine(seen)


def mixed_cores(facts: Facts) -> Trap:
    """Where the kernel puts a thread decides its speed, and it moves threads as it likes."""
    kinds = known(facts.cpus.kinds or None)
    if len(kinds) == 1:
        return fine("all usable cores are of one kind")
    return warning(
        f"{len(kinds)} kinds of core: every barrier waits for the thread on the slowest",
        f"stay on one kind: taskset -c {kinds[0]} python -m embprof",
    )
