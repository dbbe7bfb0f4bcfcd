"""The traps of a machine, each a rule of its own: facts in, what was found out.

A rule raises UnknownFactError where the system does not tell what it needs. What it found fine is
an answer too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from embprof.doctor.traps import gpu, memory, processor, sharing, storage, threads
from embprof.doctor.traps.trap import Severity, Trap, UnknownFactError
from embprof.machine.facts import Facts

Rule = Callable[[Facts], Trap]

RULES: tuple[Rule, ...] = (
    sharing.busy_neighbours,
    sharing.recent_load,
    sharing.steal,
    sharing.cpu_quota,
    sharing.quota_throttling,
    sharing.other_sweeps,
    threads.spinning_threads,
    threads.threads_and_cpus,
    threads.threads_and_cores,
    threads.mixed_cores,
    threads.threads_in_environment,
    threads.inherited_settings,
    memory.memory_pressure,
    memory.free_memory,
    memory.swap,
    memory.huge_pages,
    memory.address_randomisation,
    processor.governor,
    processor.turbo,
    processor.heat,
    processor.power,
    processor.affinity,
    processor.memory_nodes,
    processor.virtual_machine,
    processor.clock_source,
    storage.space_for_runs,
    storage.temporary_space,
)
"""What is asked of every machine, in the order that answers of the same severity are shown in."""
GPU_RULES: tuple[Rule, ...] = (gpu.gpu_neighbours, gpu.gpu_persistence)
"""What is asked of a machine with NVIDIA GPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The answers, worst first, and the names of the rules that the system gave no facts for."""

    traps: tuple[Trap, ...]
    not_told: tuple[str, ...]

    def of(self, severity: Severity) -> Sequence[Trap]:
        """The answers of one severity."""
        return [trap for trap in self.traps if trap.severity == severity]


def examine(facts: Facts) -> Examination:
    """Asks every rule that applies."""
    found, not_told, order = list[Trap](), list[str](), list(Severity)
    for rule in RULES + (GPU_RULES if facts.gpus.count else ()):
        try:
            found.append(replace(rule(facts), name=name_of(rule)))
        except UnknownFactError:
            not_told.append(name_of(rule))
    found.sort(key=lambda trap: order.index(trap.severity))
    return Examination(traps=tuple(found), not_told=tuple(not_told))


def name_of(rule: Rule) -> str:
    """The name a rule's answer goes by."""
    return rule.__name__.replace("_", " ")
