"""Who else has the CPUs: other processes, other guests, the quota, other sweeps."""

import math

from embprof.doctor.traps.trap import Trap, all_known, fine, known, note, warning
from embprof.machine.facts import Facts
from embprof.machine.validity import BUSY_PERCENT, STEAL_PERCENT
from embprof.units import counted, number, percent

LOADED = 0.25
"""Load average per usable CPU from which "quiet now" was not so lately. Source: a choice; a machine
that only embprof's own last sweep kept busy passes it too, hence a note."""


def busy_neighbours(facts: Facts) -> Trap:
    """Others' work makes every figure a mixture of two machines."""
    quiet = facts.quiet
    before = known(quiet.window.others)
    during = facts.measuring.others if facts.measuring else None
    seen = f"others used {percent(before)} of a CPU before measuring"
    if during is not None:
        seen += f", {percent(during)} during it"
    if 100 * max(before, during or 0.0) <= BUSY_PERCENT:
        return fine(seen)
    each = (f"{one.name} {one.pid} ({percent(one.share)})" for one in quiet.busiest)
    who = ", ".join(each) or "only processes that came and went"
    pids = " ".join(str(one.pid) for one in quiet.busiest) or "PID"
    return warning(
        f"{seen}: {who}",
        f"end what you can spare, or pause it: kill -STOP {pids} (go on: kill -CONT {pids})",
    )


def recent_load(facts: Facts) -> Trap:
    """What was busy a minute ago may be busy again in a minute."""
    load, usable = known(facts.quiet.load), facts.cpus.usable
    seen = f"load average of the last 5 minutes {number(load)} on {counted(usable, 'CPU')}"
    busy = 100 * (facts.quiet.window.others or 0.0) > BUSY_PERCENT
    if busy or load <= LOADED * usable:
        return fine(seen)
    return note(
        f"{seen}, though it is quiet now",
        "unless it was your own sweep: look for timers (systemctl list-timers, crontab -l)",
    )


def steal(facts: Facts) -> Trap:
    """CPU time that was wanted and given to another guest."""
    shares = all_known(window.steal for window in facts.windows)
    seen = f"at most {percent(max(shares))} of the CPU time went to other guests"
    if 100 * max(shares) <= STEAL_PERCENT:
        return fine(seen)
    return warning(
        seen,
        "take a machine with dedicated CPUs, or measure at another hour; compare by embprof gate, "
        "which lets both sides suffer alike",
    )


def cpu_quota(facts: Facts) -> Trap:
    """A cgroup that has used up its share of a period stands still until the next begins.

    Source: kernel documentation, scheduler/sched-bwc: periods are 100 ms unless set otherwise.
    """
    quota, threads = facts.cpus.quota, facts.threads.count
    if quota is None:
        return fine("no quota")
    cpus = "1 CPU" if quota == 1 else f"{quota:g} CPUs"
    seen = f"a quota of {cpus} for {counted(threads, 'thread')}"
    if threads <= quota:
        return fine(seen)
    return warning(
        f"{seen}: all of them stand still when it is used up",
        f"threads={max(1, math.floor(quota))}, or raise the quota (docker run --cpus={threads}; "
        f"Kubernetes: limits.cpu: {threads})",
    )


def quota_throttling(facts: Facts) -> Trap:
    """The quota did stop something while this looked."""
    periods = all_known(window.throttled for window in facts.windows)
    watched = sum(window.seconds for window in facts.windows)
    seen = f"throttled in {counted(sum(periods), 'period')} of {watched:.0f} s"
    if not any(periods):
        return fine(seen)
    return warning(seen, "raise the quota, use fewer threads, or move others out of it")


def other_sweeps(facts: Facts) -> Trap:
    """Two measurements at once would each slow the other, so they wait for each other."""
    sharing = facts.sharing
    if not sharing.everybodys:
        return note(
            f"EMBPROF_LOCK_DIR: only sweeps that use {sharing.folder} wait for yours",
            "unset EMBPROF_LOCK_DIR, or set it alike for everybody on this machine",
        )
    if sharing.waited_for is not None:
        return note(
            f"waited for {sharing.waited_for}",
            "expect to wait again; embprof measures one thing at a time on a machine",
        )
    return fine("nobody else measured here")
