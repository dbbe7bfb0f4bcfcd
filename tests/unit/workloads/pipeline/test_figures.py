"""Which stage slow calls are slow in, on simulated calls in which that is known."""

from collections.abc import Sequence

import numpy as np
import pytest

from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.figures import figures
from embprof.interface.subjects import subject
from embprof.model import Samples, Slice

PIPELINE = subject("embprof.workloads.pipeline.Pipeline")
STAGES = ("embed", "search", "nli")
USUAL = {"embed": 10.0, "search": 3.0, "nli": 40.0}
"""Milliseconds of each stage in a usual call."""


def conclude(slices: Sequence[Slice]) -> Conclusion:
    return conclusions.conclude(slices, [PIPELINE])


def simulated(calls: int, *, slow: Sequence[str], seed: int = 0) -> dict[str, np.ndarray]:
    """Log-normal noise of 5 % in every stage; in one call of ten some are 30 ms slower."""
    rng = np.random.default_rng(seed)
    made = {stage: USUAL[stage] * np.exp(rng.normal(0, 0.05, calls)) for stage in STAGES}
    is_slow = rng.random(calls) < 0.1
    for stage in slow:
        made[stage] = made[stage] + 30 * is_slow
    return made


def of(made: dict[str, np.ndarray], slices: int = 4, *, warmup: bool = False) -> list[Slice]:
    whole = np.sum([*made.values()], axis=0) + 0.1
    every = {"staged_step": whole} | {f"stage_{stage}": made[stage] for stage in made}
    pieces = []
    for part in np.array_split(np.arange(len(whole)), slices):
        samples = tuple(
            Samples(name=name, unit="ms", better="lower", values=tuple(values[part].tolist()))
            for name, values in every.items()
        )
        pieces.append(Slice(restart=0, warmup=warmup, started=0, seconds=1, samples=samples))
    return pieces


def values(found: Conclusion) -> dict[str, float]:
    return {one.name: one.estimate.value for one in found.figures if one.estimate is not None}


@pytest.mark.parametrize("stage", STAGES)
def test_the_stage_that_makes_calls_slow_is_named_however_little_it_takes_of_all(
    stage: str,
) -> None:
    named = [
        conclude(of(simulated(400, slow=[stage], seed=seed))).outcomes["tail"] for seed in range(20)
    ]
    assert named.count(stage) == 20


def test_the_stage_that_takes_most_has_the_largest_share_whoever_bounds_the_tail() -> None:
    found = values(conclude(of(simulated(400, slow=["search"]))))
    assert found["stage_nli_percent"] > 60
    assert found["tail_search_percent"] > 90
    assert found["stage_search_p95_ms"] == pytest.approx(33, abs=2)
    assert found["stage_search_p50_ms"] == pytest.approx(3, abs=0.2)


def test_stages_that_cannot_be_told_apart_are_both_named() -> None:
    said = [
        conclude(of(simulated(400, slow=["embed", "search"], seed=seed))).outcomes["tail"]
        for seed in range(20)
    ]
    assert sum(one in ("embed_or_search", "search_or_embed") for one in said) >= 17


def test_calls_without_a_tail_seldom_name_a_stage_that_takes_little() -> None:
    """Where all is noise of 5 %, the largest stage makes the slowest calls, being the largest."""
    said = [conclude(of(simulated(400, slow=[], seed=seed))).outcomes["tail"] for seed in range(20)]
    assert set(said) <= {"nli", "unclear"} | {one for one in said if one.startswith("nli_or_")}


def test_parts_of_the_excess_make_up_nearly_all_of_it() -> None:
    found = values(conclude(of(simulated(400, slow=["embed"]))))
    parts = [found[f"tail_{stage}_percent"] for stage in STAGES]
    assert sum(parts) == pytest.approx(100, abs=1)


def test_too_few_calls_have_shares_and_no_tail() -> None:
    found = conclude(of(simulated(71, slow=["search"])))
    assert "tail" not in found.outcomes
    notes = {one.name: one.note for one in found.figures if one.estimate is None}
    assert notes["stage_nli_p95_ms"] == "n/a (n<72)"
    assert "stage_nli_percent" in values(found)


def test_what_was_read_while_warming_up_has_no_part_in_it() -> None:
    pieces = of(simulated(400, slow=["search"]), warmup=True)
    pieces += of(simulated(400, slow=["embed"]))
    assert conclude(pieces).outcomes["tail"] == "embed"


def test_a_stage_that_never_ran_has_no_share_and_is_no_error() -> None:
    made = simulated(100, slow=["nli"])
    made["search"] = np.zeros(100)
    found = conclude(of(made))
    assert values(found)["stage_search_percent"] == 0
    assert found.outcomes["tail"] == "nli"


def test_the_mean_of_each_stage_is_a_figure_with_an_interval_to_compare_by() -> None:
    found = {
        one.name: one
        for one in figures(of(simulated(400, slow=[])), "claims", PIPELINE.account.supporting)
    }
    assert set(found) == {"stage_embed_ms", "stage_search_ms", "stage_nli_ms"}
    mean = found["stage_nli_ms"].estimate
    assert mean is not None
    assert mean.low is not None
    assert mean.low < mean.value == pytest.approx(40, rel=0.02)
