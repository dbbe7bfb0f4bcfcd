"""What of a run goes to MLflow under which name; MLflow itself is not imported."""

from collections.abc import Callable

from embprof.model import Estimate, Figure, Run, Stamp, Status
from embprof.race import Standing
from embprof.tracking import entries

MakeRun = Callable[..., Run]


def test_figures_become_metrics_with_their_intervals_and_seconds(run: MakeRun) -> None:
    values = dict(entries.values(run()))
    assert values["throughput_texts_per_s"] == 12345.6
    assert values["throughput_texts_per_s_low"] < 12345.6 < values["throughput_texts_per_s_high"]
    assert values["latency_p50_ms"] == 123.456
    assert "latency_p50_ms_low" not in values
    assert "latency_p99_ms" not in values
    assert values["total_s"] == 12.0


def test_tags_are_those_of_the_contract(run: MakeRun) -> None:
    found = run(2, status=Status.FAILED, reason="why", stamps=(Stamp(mark="B", detail=""),))
    assert entries.job_tags(found, "parent") == {
        "mlflow.parentRunId": "parent",
        "embprof.kind": "job",
        "embprof.run": "20260101-000000-abcd/2",
        "embprof.sweep_id": "20260101-000000-abcd",
        "embprof.key": "key2",
        "embprof.environment": "environment0",
        "embprof.status": "failed",
        "embprof.reason": "why",
        "embprof.stamps": "B",
    }


def test_figures_that_are_not_finite_are_named_in_a_tag(run: MakeRun) -> None:
    odd = Figure(
        name="odd_s",
        better="lower",
        estimate=Estimate(value=float("nan"), low=None, high=None, n=1, basis="one"),
    )
    assert entries.job_tags(run(figures=(odd,)), "p")["embprof.not_finite"] == "odd_s"


def test_params_are_the_flattened_configuration_without_what_the_workload_repeats(
    run: MakeRun,
) -> None:
    config = {
        "batch_size": 8,
        "model": {"name": "m", "path": None},
        "workload": {
            "_target_": "x.Y",
            "batch_size": 8,
            "model": {"name": "m", "path": None},
            "own": 1,
        },
    }
    assert entries.params(run(config=config, description={"threads": 2})) == {
        "sweep": "20260101-000000-abcd",
        "batch_size": 8,
        "model.name": "m",
        "model.path": None,
        "workload._target_": "x.Y",
        "workload.own": 1,
        "actual.threads": 2,
    }


def test_a_run_is_named_by_what_it_asks_not_by_how_precisely(run: MakeRun) -> None:
    asked = ("experiment=quick", "batch_size=8", "max_seconds=3", "warmup.seconds=0", "+corpus.x=1")
    assert entries.run_name(run(3, *asked), {}) == "batch_size=8 +corpus.x=1"
    assert entries.run_name(run(3), {}) == "job 3"


def test_a_gates_runs_are_named_by_their_arm(run: MakeRun) -> None:
    assert entries.run_name(run(3), {"embprof.arm": "b"}) == "B: job 3"


def test_the_axes_of_a_sweep_name_its_jobs_whatever_else_was_asked(run: MakeRun) -> None:
    asked = ("batch_size=8", "device=cpu", "iterations=20", "corpus=claims")
    assert entries.run_name(run(3, *asked), {}, ["iterations", "device"]) == (
        "device=cpu iterations=20"
    )
    assert entries.run_name(run(3, *asked), {}, ["threads"]) == (
        "batch_size=8 device=cpu corpus=claims"
    )


def test_the_description_of_a_sweep_is_its_question_and_its_tables_with_room() -> None:
    tables = "| # | texts/s |\n|---|---|\n| 0 | 118 |\n\n- a | b"
    assert entries.note("Which?", tables) == (
        "Which?\n\n| # &nbsp; | texts/s |\n|---|---|\n| 0 &nbsp; | 118 |\n\n- a | b"
    )
    assert entries.note(None, "x") == "x"


def test_a_place_in_a_race_is_a_ratio_of_costs_and_a_rank() -> None:
    standing = Standing(run="s/0", word="open", rank=1, ratio=1.03, low=1.0, high=1.06, rounds=9)
    assert entries.standing_metrics(standing) == {
        "best_ratio": 1.03,
        "best_ratio_low": 1.0,
        "best_ratio_high": 1.06,
    }
    assert entries.standing_tags(standing) == {"embprof.rank": "1?"}
    left = Standing(run="s/1", word=None, rank=None, left="failed")
    assert entries.standing_tags(left) == {"embprof.rank": ""}
    assert set(entries.standing_metrics(left).values()) == {None}
