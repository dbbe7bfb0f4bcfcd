"""Where the time of a call goes, and where that of a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embprof.interface.finding import Effort, Kind, Level
from embprof.measurements.load_time.findings import cold_start, first_call, import_cost
from embprof.measurements.profile.findings import functions, lock_waits, stages

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy

SHARES: dict[str, Any] = {
    "stage_tokenize_percent": (30.0, 0.05),
    "stage_forward_percent": (65.0, 0.05),
    "stage_other_percent": 5.0,
    "stage_timer_overhead_percent": 1.5,
}
STAGES = {
    "stages": [
        {"stage": "forward", "ms": 65.0, "percent": 65.0, "calls": 1},
        {"stage": "forward/layer_0", "ms": 30.0, "percent": 30.0, "calls": 1},
    ]
}
START: dict[str, Any] = {
    "total_load_s": (3.28, 0.05),
    "import_time_s": (1.84, 0.05),
    "first_encode_ms": (130.0, 0.1),
    "steady_encode_ms": (10.0, 0.1),
}


def test_each_large_stage_is_a_bottleneck_with_its_severity(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = answer("measurement=profile", figures=SHARES, documents={"stages.json": STAGES})
    forward, tokenize = stages.find(study(made))
    assert (forward.component, forward.time_share, forward.priority) == (
        "forward",
        0.65,
        Level.HIGH,
    )
    assert (tokenize.component, tokenize.priority) == ("tokenize", Level.MEDIUM)
    assert forward.title == "forward takes 65 % (61.8 to 68.2 %) of a call (batch 32, length 128)"
    assert "#0 largest parts: layer_0 30 %" in forward.evidence
    assert "#0 forward: 65.0 ms a call" in forward.evidence
    assert forward.advice is not None
    assert forward.evidence[-1].startswith("made twice as fast, it would make a call 1.48 times")


def test_a_stage_of_several_profiles_is_one_bottleneck(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer("measurement=profile", "batch_size=1", figures={"stage_forward_percent": 80.0}),
        answer("measurement=profile", "batch_size=64", figures={"stage_forward_percent": 95.0}),
    ]
    (finding,) = stages.find(study(made))
    assert finding.title == (
        "forward takes 95 % of a call (batch 64, length 128), 80 % (batch 1, length 128)"
    )
    assert len(finding.runs) == 2


def test_functions_that_are_worth_optimising_are_named(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    row = {"function": "linear", "file": "a.py", "line": 1, "self_percent": 70.0}
    worth = {
        "functions": [{**row, "self_percent_error": 1.0}, {**row, "function": "norm"}],
        "allocation_sites": [{"file": "b.py", "line": 2, "bytes_per_call": 2e6}],
        "lock_waits": None,
    }
    made = answer("measurement=profile", documents={"worth_optimising.json": worth})
    (finding,) = functions.find(study(made))
    assert finding.title == (
        "linear (a.py:1): 70.0 ± 2.0 % of the time by itself; 1 other function above 5 % (batch 32)"
    )
    assert "b.py:2 allocates 2.0 MB a call" in finding.evidence


def test_a_built_in_function_is_named_with_the_line_that_calls_it(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    row = {"function": "ufunc.reduce", "file": "~", "line": 0, "self_percent": 30.0}
    worth = {"functions": [{**row, "called_from": "search.py:12"}]}
    made = answer("measurement=profile", documents={"worth_optimising.json": worth})
    (finding,) = functions.find(study(made))
    assert finding.title.startswith("ufunc.reduce (in search.py:12): 30.0 % of the time by itself")


def test_locks_that_are_waited_for_too_long_are_advice(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    wait = {"place": "a.py:7", "callers": 1, "wait_ms_per_call": 101.0, "longest_ms": 110.0}
    several = {**wait, "callers": 4, "wait_ms_per_call": 180.0, "longest_ms": 362.0}
    waits = [wait, several, {**wait, "place": "b.py:9"}]
    made = answer("measurement=profile", documents={"worth_optimising.json": {"lock_waits": waits}})
    (finding,) = lock_waits.find(study(made))
    assert finding.title == (
        "a.py:7 waits 180 ms a call for a lock with 4 callers, and 1 other line above 100 ms "
        "(batch 32)"
    )
    assert finding.evidence[0].endswith("with 4 callers, 362 ms at the longest")
    assert "measurement.profiler=gil" in (finding.check or "")
    assert list(functions.find(study(made))) == []


def test_profiles_without_files_or_figures_say_nothing(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    nothing: dict[str, Any] = {"functions": [], "allocation_sites": None, "lock_waits": None}
    made = [
        answer("measurement=profile"),
        answer("measurement=profile", documents={"worth_optimising.json": nothing}),
    ]
    assert list(functions.find(study(made))) == []
    assert list(lock_waits.find(study(made))) == []
    assert list(stages.find(study(made))) == []


def test_imports_that_take_long_are_said_with_what_could_come_later(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    late = [{"module": "sklearn", "imported_by": "st.util", "saves_at_most": 0.82}]
    made = answer(
        "measurement=load_time",
        figures=START,
        documents={"imports.json": {"lazy_import_candidates": late}},
    )
    (finding,) = import_cost.find(study(made))
    assert finding.title == "Imports take 1.84 of the 3.28 s of the start; sklearn alone 0.820 s"
    assert finding.improvement is not None
    assert finding.improvement.share == 0.82 / 3.28
    assert finding.component == "imports"
    assert finding.priority is Level.MEDIUM


def test_quick_imports_say_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    quick = {"total_load_s": 3.0, "import_time_s": 0.5}
    made = [answer("measurement=load_time", figures=quick), answer("measurement=load_time")]
    assert list(import_cost.find(study(made))) == []


def test_a_slow_first_call_asks_for_a_warm_up(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = first_call.find(study(answer("measurement=load_time", figures=START)))
    assert finding.title == "The first call takes 130 ms, 13.0 times (11.3 to 15.0) a later one"
    assert finding.effort is Effort.QUICK
    assert finding.improvement is not None
    assert finding.improvement.low is not None
    assert 0.9 < finding.improvement.low < finding.improvement.share


def test_a_first_call_that_may_be_no_slower_says_nothing(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    unsure = {"first_encode_ms": (25.0, 0.5), "steady_encode_ms": (10.0, 0.1)}
    bare = {"first_encode_ms": 250.0, "steady_encode_ms": 10.0}
    made = [answer("measurement=load_time", figures=one) for one in (unsure, bare, {})]
    assert list(first_call.find(study(made))) == []


def _starts(answer: MakeAnswer, cold: str, half: float) -> list[Any]:
    return [
        answer(
            "measurement=load_time",
            f"measurement.start={start}",
            figures={"total_load_s": (seconds, half), "disk_read_mb": 500.0},
            outcomes={"start": cold if start == "cold" else "warm"},
            description={"not_cold": "torch is held by another process"},
        )
        for start, seconds in (("warm", 3.0), ("cold", 9.0))
    ]


def test_cold_and_warm_starts_are_compared(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = cold_start.find(study(_starts(answer, "cold", 0.05)))
    assert finding.title == (
        "After a boot a start takes 9.00 s, 3.00 times (2.79 to 3.22) a warm one of 3.00 s"
    )
    assert finding.check == (
        "python -m embprof -m measurement=load_time measurement.start=warm,cold restarts=5"
    )
    (unsure,) = cold_start.find(study(_starts(answer, "cold", 0.95)))
    assert unsure.kind is Kind.FACT


def test_a_start_that_was_not_cold_is_not_called_so(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = cold_start.find(study(_starts(answer, "not_cold", 0.05)))
    assert finding.kind is Kind.GAP
    assert finding.title.endswith("torch is held by another process")
