"""The processor: which part of it is ours, how it is clocked, what lies below it."""

from embprof.doctor.traps.trap import Trap, fine, note, warning
from embprof.machine.facts import Facts
from embprof.units import counted

OWN_GOVERNORS = ("intel_pstate", "amd-pstate-epp")
"""Drivers whose "powersave" scales with the load all the same; with others it is the lowest clock.
Source: kernel documentation, admin-guide/pm/intel_pstate and admin-guide/pm/amd-pstate."""
QUICK_CLOCKS = ("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter")
"""Clocks that are read without a system call. Source: vdso(7), and the kernel's drivers of them."""


def affinity(facts: Facts) -> Trap | None:
    """Fewer CPUs than the machine has: meant, as in a container, or left over from a shell."""
    cpus = facts.cpus
    if cpus.affinity is None:
        return None
    if len(cpus.affinity) >= cpus.online:
        return fine(f"all {counted(cpus.online, 'CPU')} may be used")
    return note(
        f"{len(cpus.affinity)} of {cpus.online} CPUs may be used: "
        f"{', '.join(map(str, cpus.affinity))}",
        f"if that is not meant: taskset -c 0-{cpus.online - 1} python -m embprof (in a container: "
        "its cpuset)",
    )


def governor(facts: Facts) -> Trap | None:
    """A governor that follows the load begins each slice at a lower clock."""
    governor, driver = facts.frequency.governor, facts.frequency.driver
    if governor is None:
        return None
    seen = f"{governor} (driver {driver})" if driver else governor
    if governor == "performance":
        return fine(seen)
    advice = "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
    if governor == "powersave" and driver not in OWN_GOVERNORS:
        return warning(f"{seen}: the cores stay at their lowest clock", advice)
    return note(f"{seen}: the clock follows the load, with a delay", advice)


def turbo(facts: Facts) -> Trap | None:
    """With turbo the clock depends on heat and on how many cores work: faster, and noisier."""
    frequency = facts.frequency
    if frequency.turbo is None:
        return None
    if not frequency.turbo:
        return fine("off: the clock does not depend on heat")
    return note(
        "on: the clock depends on heat and on how many cores work, which adds noise",
        f"if the noise is too high: echo {frequency.turbo_off} | sudo tee "
        f"{frequency.turbo_switch} (figures are then those of a slower machine)",
    )


def heat(facts: Facts) -> Trap | None:
    """The processor slowed itself down while this looked."""
    counts = [window.thermal for window in facts.windows if window.thermal is not None]
    if not counts:
        return None
    if not any(counts):
        return fine("not slowed down for heat")
    return warning(
        f"slowed down {sum(counts)} times for its heat",
        "better cooling, fewer threads, or turbo off; restarts=5 shows how far figures stray",
    )


def memory_nodes(facts: Facts) -> Trap | None:
    """Memory of another node is slower, and where a process gets its memory is luck."""
    nodes = facts.cpus.nodes
    if nodes is None:
        return None
    if nodes == 1:
        return fine("all usable CPUs are of one memory node")
    return note(
        f"the usable CPUs are of {nodes} memory nodes (NUMA): restarts differ by where they land",
        "stay on one: numactl --cpunodebind=0 --membind=0 python -m embprof",
    )


def virtual_machine(facts: Facts) -> Trap | None:
    """What other guests do to caches and memory cannot be seen from inside."""
    virtual = facts.cpus.virtual
    if virtual is None:
        return None
    if not virtual:
        return fine("none: this is the machine itself")
    return note(
        "other guests share caches and memory unseen, and the clock rate is not told",
        "compare by embprof gate, which measures both sides in turn; figures of other days mislead",
    )


def clock_source(facts: Facts) -> Trap | None:
    """A clock that needs a system call, or a device, costs up to microseconds per reading."""
    source = facts.cpus.clocksource
    if source is None:
        return None
    if source in QUICK_CLOCKS:
        return fine(source)
    quick = [clock for clock in facts.cpus.clocksources if clock in QUICK_CLOCKS]
    file = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    return warning(
        f"{source}: slow to read",
        f"echo {quick[0]} | sudo tee {file}" if quick else "time long calls only: larger batches",
    )


def power(facts: Facts) -> Trap | None:
    """On a battery, or told to save power, the clock is lowered as the machine sees fit."""
    frequency = facts.frequency
    if frequency.on_battery is None and frequency.profile is None:
        return None
    if frequency.on_battery:
        return warning("running on a battery", "plug it in")
    if frequency.profile in (None, "performance"):
        return fine(f"not on a battery, profile {frequency.profile or 'not told'}")
    advice = "powerprofilesctl set performance"
    if frequency.profile == "balanced":
        return note("power profile balanced", advice)
    return warning(f"power profile {frequency.profile}", advice)
