"""Keys of options that are swept: of every option they are set, of some they are told of.

What is planned is what Hydra runs, so each request is given to both.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from embprof.config import hydra_jobs
from embprof.config.compose import Composition, compose

OPTIONS = {
    "one": "x: 0\nplace: {p: 1, q: {r: 2}}\nboth: 0\n",
    "two": "x: 5\nplace: {p: 3, q: {r: 4}}\n",
    "three": "y: 0\n",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workloads of the user's own, of which nothing is imported."""
    folder = tmp_path / "conf" / "workload"
    folder.mkdir(parents=True)
    for name, keys in OPTIONS.items():
        (folder / f"{name}.yaml").write_text(f"_target_: mine.{name.title()}\n{keys}")
    monkeypatch.chdir(tmp_path)


def ran(tmp_path: Path, *overrides: str) -> list[object]:
    """The workload of each job as Hydra composed it."""
    numbers: list[int] = []
    words = hydra_jobs.arguments(overrides, tmp_path / "out", multirun=True)
    hydra_jobs.run(words, numbers.append)
    files = [tmp_path / "out" / str(number) / ".hydra" / "config.yaml" for number in numbers]
    return [OmegaConf.to_container(OmegaConf.load(file))["workload"] for file in files]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "overrides",
    [
        ("workload=one,two", "workload.x='a, b'", "workload.place={p: 7}"),
        ("workload=one,two", "workload.x=${batch_size}", "workload.place={q: {r: 7}}"),
        ("workload=two,three", "+workload.normalize=true"),
        ("workload=one", "workload.x=1,2", "workload.place.p=9", "batch_size=8"),
    ],
)
def test_a_key_that_every_option_has_is_set_in_all_of_them(
    tmp_path: Path, overrides: tuple[str, ...]
) -> None:
    planned = compose(overrides, multirun=True)
    assert planned.problems == []
    assert len(planned.jobs) == 2
    assert ran(tmp_path, *overrides) == [job.config["workload"] for job in planned.jobs]


@pytest.mark.parametrize("value", ["1", "a b", "[1,2]", "{a: 1}", "a.b:c", "int(3)", "true", ""])
def test_a_value_is_handed_to_hydra_as_a_sweep_over_it_alone(value: str) -> None:
    (given,) = hydra_jobs.arguments([f"model.name={value}"], Path("o"), multirun=True)[1:2]
    assert given == f"model.name=choice({value or hydra_jobs.QUOTES})"


@pytest.mark.parametrize(
    "line", ["batch_size=1", "workload.x=1,2", "workload.x=range(1,3)", "~workload.x", "model=a/b"]
)
def test_what_hydra_takes_as_it_is_stays_as_it_is(line: str) -> None:
    assert hydra_jobs.arguments([line], Path("o"), multirun=True)[1] == line
    assert hydra_jobs.arguments(["workload.x=1"], Path("o"), multirun=False)[0] == "workload.x=1"


def problems(*overrides: str, multirun: bool = True) -> list[str]:
    composition: Composition = compose(overrides, multirun=multirun)
    return composition.problems


def test_a_key_that_some_options_lack_is_told_with_those_that_have_it() -> None:
    apart = ": ask for them in commands of their own"
    (said,) = problems("workload=one,two,three", "workload.x=1")
    assert said == f"workload.x=1: workload=three has no x, workload=one, workload=two has{apart}"
    (said,) = problems("workload=one,three", "workload.x=1,2")
    assert said == f"workload.x=1: workload=three has no x, workload=one has{apart}"
    (said,) = problems("measurement=throughput,memory", "measurement.duration=1s")
    assert said.endswith(f"measurement=throughput has no duration, measurement=memory has{apart}")


def test_a_key_that_no_option_has_is_told_once_with_the_nearest() -> None:
    (said,) = problems("workload=one,two", "workload.plaze=1,2")
    assert said.startswith("workload.plaze=1: there is no key workload.plaze, did you mean ")


def test_a_mapping_takes_no_new_key_without_a_plus_at_any_depth() -> None:
    (said,) = problems("workload=one", "workload.place={p: 3, s: 'a, b', q: {t: 1}}")
    assert said.endswith(": write +workload.place.s='a, b' +workload.place.q.t=1")
    assert problems("workload=one", "+workload.place={s: 1}", multirun=False) == []


def test_arguments_of_a_function_are_added_with_a_plus() -> None:
    function = ("workload=callable", "workload.function=a:f")
    assert problems(*function, "workload.arguments.limit=3", multirun=False) == [
        "workload.arguments.limit=3: write +workload.arguments.limit=3"
    ]
    assert problems("workload.arguments.limit=3", multirun=False) != [
        "workload.arguments.limit=3: write +workload.arguments.limit=3"
    ], "an embedding has no arguments"
    for given in ("workload.arguments={limit: 3}", "+workload.arguments.limit=3"):
        (job,) = compose([*function, given]).jobs
        assert job.config["workload"]["arguments"] == {"limit": 3}
