"""The processor: which part of it is ours, how it is clocked, what lies below it."""

from embprof.doctor.traps.trap import Trap, all_known, fine, known, note, warning
from embprof.machine.facts import Facts
from embprof.units import counted

OWN_GOVERNORS = ("intel_pstate", "amd-pstate-epp")
"""Drivers whose "powersave" scales with the load all the same; with others it is the lowest clock.
Source: kernel documentation, admin-guide/pm/intel_pstate and admin-guide/pm/amd-pstate."""
QUICK_CLOCKS = ("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter")
"""Clocks that are read without a system call. Source: vdso(7), and the kernel's drivers of them."""


def affinity(facts: Facts) -> Trap:
    """Fewer CPUs than the machine has: meant, as in a container, or left over from a shell."""
    affinity, online = known(facts.cpus.affinity), facts.cpus.online
    if len(affinity) >= online:
        return fine(f"all {counted(online, 'CPU')} may be used")
    return note(
        f"{len(affinity)} of {online} CPUs may be used: {', '.join(map(str, affinity))}",
        f"if that is not meant: taskset -c 0-{online - 1} python -m embprof (in a container: "
        "its cpuset)",
    )


def governor(facts: Facts) -> Trap:
    """A governor that follows the load begins each slice at a lower clock."""
    governor, driver = known(facts.frequency.governor), facts.frequency.driver
    seen = f"{governor} (driver {driver})" if driver else governor
    if governor == "performance":
        return fine(seen)
    advice = "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
    if governor == "powersave" and driver not in OWN_GOVERNORS:
        return warning(f"{seen}: the cores stay at their lowest clock", advice)
    return note(f"{seen}: the clock follows the load, with a delay", advice)


def turbo(facts: Facts) -> Trap:
    """With turbo the clock depends on heat and on how many cores work: faster, and noisier."""
    frequency = facts.frequency
    if not known(frequency.turbo):
        return fine("off: the clock does not depend on heat")
    return note(
        "on: the clock depends on heat and on how many cores work, which adds noise",
        f"if the noise is too high: echo {frequency.turbo_off} | sudo tee "
        f"{frequency.turbo_switch} (figures are then those of a slower machine)",
    )


def heat(facts: Facts) -> Trap:
    """The processor slowed itself down while this looked."""
    counts = all_known(window.thermal for window in facts.windows)
    if not any(counts):
        return fine("not slowed down for heat")
    return warning(
        f"slowed down {sum(counts)} times for its heat",
        "better cooling, fewer threads, or turbo off; restarts=5 shows how far figures stray",
    )


def memory_nodes(facts: Facts) -> Trap:
    """Memory of another node is slower, and where a process gets its memory is luck."""
    nodes = known(facts.cpus.nodes)
    if nodes == 1:
        return fine("all usable CPUs are of one memory node")
    return note(
        f"the usable CPUs are of {nodes} memory nodes (NUMA): restarts differ by where they land",
        "stay on one: numactl --cpunodebind=0 --membind=0 python -m embprof",
    )


def virtual_machine(facts: Facts) -> Trap:
    """What other guests do to caches and memory cannot be seen from inside."""
    virtual = known(facts.cpus.virtual)
    if not virtual:
        return fine("none: this is the machine itself")
    return note(
        "other guests share caches and memory unseen, and the clock rate is not told",
        "compare by embprof gate, which measures both sides in turn; figures of other days mislead",
    )


def clock_source(facts: Facts) -> Trap:
    """A clock that needs a system call, or a device, costs up to microseconds per reading."""
    source = known(facts.cpus.clocksource)
    if source in QUICK_CLOCKS:
        return fine(source)
    quick = [clock for clock in facts.cpus.clocksources if clock in QUICK_CLOCKS]
    file = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    return warning(
        f"{source}: slow to read",
        f"echo {quick[0]} | sudo tee {file}" if quick else "time long calls only: larger batches",
    )


def power(facts: Facts) -> Trap:
    """On a battery, or told to save power, the clock is lowered as the machine sees fit."""
    frequency = facts.frequency
    all_known((frequency.on_battery, frequency.profile))
    if frequency.on_battery:
        return warning("running on a battery", "plug it in")
    if frequency.profile in (None, "performance"):
        return fine(f"not on a battery, profile {frequency.profile or 'not told'}")
    advice = "powerprofilesctl set performance"
    if frequency.profile == "balanced":
        return note("power profile balanced", advice)
    return warning(f"power profile {frequency.profile}", advice)
