"""Targets and limits: refused where no job of a sweep can have the figure, by the names it has."""

from typing import Any

import pytest

from embprof.config import wanted_figures
from embprof.config.wanted_figures import figure_problems, wanted
from embprof.interface.account import Account
from embprof.interface.conclusion import Conclusion
from embprof.interface.subjects import Subject

Defaults = dict[str, Any]
MEMORY = {"_target_": "embprof.measurements.memory.Memory"}
THEIRS = {"_target_": "embprof.testing.Sleep"}


def job(defaults: Defaults, target: str, **more: Any) -> Defaults:
    return {**defaults, "targets": {target: 80.0}, "limits": {}, **more}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("throughput_text_per_s", "did you mean targets.throughput_texts_per_s?"),
        ("latency_per_texts_p95_ms", "did you mean targets.latency_per_text_p95_ms?"),
        ("p95_ms", "did you mean targets.latency_p95_ms?"),
        ("zzz", "; it has calls, "),
    ],
)
def test_a_name_that_no_run_has_is_refused_with_one_that_it_has(
    resolved_defaults: Defaults, asked: str, meant: str
) -> None:
    (said,) = figure_problems([job(resolved_defaults, asked)])
    assert said.startswith(f"targets.{asked}: a run of throughput has no such figure")
    assert meant in said


def test_in_a_sweep_of_several_measurements_each_is_held_to_its_own(
    resolved_defaults: Defaults,
) -> None:
    jobs = [job(resolved_defaults, "latency_p95_ms")]
    jobs.append({**jobs[0], "measurement": MEMORY})
    assert list(figure_problems(jobs)) == []
    assert [wanted(one) for one in jobs] == [{"latency_p95_ms": 80.0}, {}]
    (said,) = figure_problems(jobs[1:])
    assert said.startswith("targets.latency_p95_ms: a run of memory has no such figure")


def test_a_limit_holds_where_a_target_is_set_on_the_same_figure(
    resolved_defaults: Defaults,
) -> None:
    both = {**job(resolved_defaults, "calls"), "limits": {"calls": 5.0}}
    assert wanted(both) == {"calls": 5.0}
    assert wanted(both, "targets") == {"calls": 80.0}


def test_a_workload_that_tells_of_no_figures_has_none_unless_it_reads_or_concludes(
    resolved_defaults: Defaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = job(resolved_defaults, "my_tail_ms", workload=THEIRS)
    assert list(figure_problems([asked]))
    account = Account(conclusions={"call_time": lambda _: Conclusion()})
    told = Subject(target=THEIRS["_target_"], name="theirs", account=account)
    monkeypatch.setattr(wanted_figures, "workload_of", lambda _: told)
    assert list(figure_problems([asked])) == []
