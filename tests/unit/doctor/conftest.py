"""A machine with nothing wrong, with whatever is changed, and what a diagnosis of it says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from embprof.doctor.clock import ClockFigures
from embprof.doctor.diagnosis import Diagnosis
from embprof.doctor.harness import HarnessCost
from embprof.doctor.noise import NoiseFigures
from embprof.doctor.traps import examine
from embprof.machine.facts import Facts, Host
from embprof.machine.facts.cpus import Cpus
from embprof.machine.facts.frequency import Frequency
from embprof.machine.facts.gpus import Gpus
from embprof.machine.facts.memory import Memory
from embprof.machine.facts.neighbours import Quiet
from embprof.machine.facts.sharing import Sharing
from embprof.machine.facts.storage import Storage
from embprof.machine.facts.threads import Threads
from embprof.machine.facts.window import Window
from embprof.model import Estimate, Job

GB = 10**9
WINDOW = Window(
    seconds=3.0, others=0.01, steal=0.0, throttled=0, memory_stall=0.0, thermal=0, swapped=0
)
HEALTHY = Facts(
    host=Host(
        hostname="box", processor="CPU", system="Linux 6.1", python="3.11.2", embprof="0.1.0"
    ),
    cpus=Cpus(
        online=4,
        affinity=(0, 1, 2, 3),
        usable=4,
        quota=None,
        cores=4,
        kinds=("0,1,2,3",),
        nodes=1,
        virtual=False,
        clocksource="tsc",
        clocksources=("tsc", "hpet"),
    ),
    frequency=Frequency(
        governor="performance",
        driver="intel_pstate",
        turbo=False,
        turbo_switch="/sys/no_turbo",
        turbo_off="1",
        on_battery=False,
        profile="performance",
    ),
    threads=Threads(count=4, wait_policy="passive", counts={}, settings={}),
    memory=Memory(
        total=16 * GB,
        available=12 * GB,
        swap_used=0,
        limit=None,
        huge_pages="always",
        randomised=True,
    ),
    storage=Storage(
        runs="/home/me/mlruns", runs_free=90 * GB, temporary="/tmp", temporary_free=9 * GB
    ),
    sharing=Sharing(waited_for=None, folder="/tmp/embprof-locks", everybodys=True),
    gpus=Gpus(count=0, known=()),
    quiet=Quiet(window=WINDOW, busiest=(), load=0.1),
)

MakeFacts = Callable[..., Facts]
MakeDiagnosis = Callable[..., Diagnosis]


@pytest.fixture
def facts() -> MakeFacts:
    """The healthy machine, with changes by part: ``facts(cpus={"cores": 2})``.

    ``window`` changes what was seen in the quiet seconds, ``measuring`` adds what was seen later.
    """

    def make(
        *,
        window: Mapping[str, Any] | None = None,
        measuring: Mapping[str, Any] | None = None,
        **parts: Mapping[str, Any],
    ) -> Facts:
        changed = {
            name: replace(getattr(HEALTHY, name), **changes) for name, changes in parts.items()
        }
        quiet = changed.get("quiet", HEALTHY.quiet)
        changed["quiet"] = replace(quiet, window=replace(WINDOW, **(window or {})))
        if measuring is not None:
            changed["measuring"] = replace(WINDOW, seconds=60.0, **measuring)
        return replace(HEALTHY, **changed)

    return make


@pytest.fixture
def noise() -> NoiseFigures:
    """Noise of a machine that can be trusted with three percent."""
    return NoiseFigures(
        pair_sd=0.021,
        pairs=24,
        smallest_detectable={60: 0.061, 180: 0.026, 600: 0.017},
        ratio=Estimate(value=1.002, low=0.995, high=1.009, n=24, basis="restart pairs"),
        others=0.03,
        seconds=58.0,
    )


@pytest.fixture
def diagnosis(facts: MakeFacts, noise: NoiseFigures, job: Callable[..., Job]) -> MakeDiagnosis:
    """A finished diagnosis of the healthy machine, with changes of it as ``facts`` takes them."""

    def make(**changes: Any) -> Diagnosis:
        found = facts(**changes)
        return Diagnosis(
            started="2026-01-01T00:00:00.000+00:00",
            job=job(0, "batch_size=8"),
            facts=found,
            clock=ClockFigures(smallest_step=30e-9, median_step=42e-9, reading=45e-9),
            harness=HarnessCost(
                per_call=Estimate(value=0.31e-6, low=0.3e-6, high=0.33e-6, n=60, basis="rounds"),
                per_slice=Estimate(value=92e-6, low=90e-6, high=95e-6, n=60, basis="rounds"),
            ),
            noise=noise,
            examined=examine(found),
        )

    return make
