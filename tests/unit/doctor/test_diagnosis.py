"""From a plan to a diagnosis, with noise that is made up."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from embprof.config.plan import Plan
from embprof.doctor import harness
from embprof.doctor import noise as noises
from embprof.doctor.diagnosis import diagnose
from embprof.doctor.noise import NoiseFigures
from embprof.machine import facts as machine_facts
from embprof.machine.facts import Facts
from embprof.model import Estimate, Job

MakeFacts = Callable[..., Facts]
FIGURES = NoiseFigures(
    pair_sd=0.02,
    pairs=8,
    smallest_detectable={180: 0.026},
    ratio=Estimate(value=1.0, low=0.99, high=1.01, n=8, basis="restart pairs"),
    others=0.4,
    seconds=60.0,
)


@pytest.fixture(autouse=True)
def _quick(facts: MakeFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_config: object, runs: Path, *, waited_for: str | None) -> Facts:
        found = facts(storage={"runs": str(runs)}, threads={"wait_policy": "default"})
        return replace(found, sharing=replace(found.sharing, waited_for=waited_for))

    monkeypatch.setattr(machine_facts, "read", read)
    monkeypatch.setattr(harness, "measure", partial(harness.measure, 0.0))


@pytest.fixture
def planned(job: Callable[..., Job]) -> Plan:
    return Plan(jobs=(job(0),), multirun=False, weights={})


def test_noise_is_measured_for_the_plans_job_and_what_happened_meanwhile_is_judged(
    planned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def measure(plan: Plan, *, seconds: float, say: Callable[[str], None]) -> NoiseFigures:
        say("pair 1 of 8")
        asked.append((plan, seconds))
        return FIGURES

    monkeypatch.setattr(noises, "measure", measure)
    said: list[str] = []
    found = diagnose(planned, tmp_path, seconds=60.0, waited_for="sweep 1", say=said.append)
    assert asked == [(planned, 60.0)]
    assert said[-1] == "pair 1 of 8"
    assert found.noise == FIGURES
    assert found.slice_seconds == 0.2
    assert found.facts.measuring is not None
    assert found.facts.measuring.others == 0.4
    assert found.facts.sharing.waited_for == "sweep 1"
    warned = [trap.name for trap in found.examined.traps if trap.severity == "warning"]
    assert {"busy neighbours", "spinning threads"} <= set(warned)


def test_no_seconds_are_no_noise(
    planned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noises, "measure", lambda *_, **__: pytest.fail("measured"))
    found = diagnose(planned, tmp_path, seconds=0.0, waited_for=None, say=lambda _: None)
    assert found.noise is None
    assert found.facts.measuring is None
    assert found.harness.per_call.n >= 6
