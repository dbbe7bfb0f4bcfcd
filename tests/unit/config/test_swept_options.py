"""Keys of options that are swept: of every option they are set, of some they are told of.

What is composed here is what runs, so every job is composed by Hydra alone, too, and must be equal.
"""

from pathlib import Path

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import OmegaConf

from embprof.config import folders, sources
from embprof.config.compose import compose
from embprof.config.composition import Composition

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


def by_hydra(composition: Composition) -> list[object]:
    """Each job as Hydra composes it from the job's own overrides."""
    sources.register()
    with initialize_config_dir(str(folders.shipped("conf")), version_base="1.3"):
        composed = [hydra_compose("config", list(job.overrides)) for job in composition.jobs]
    return [OmegaConf.to_container(one) for one in composed]


@pytest.mark.parametrize(
    "overrides",
    [
        ("workload=one,two", "workload.x='a, b'", "workload.place={p: 7}"),
        ("workload=one,two", "workload.x=${batch_size}", "workload.place={q: {r: 7}}"),
        ("workload=two,three", "+workload.normalize=true"),
        ("workload=one", "workload.x=1,2", "workload.place.p=9", "batch_size=8"),
    ],
)
def test_a_key_that_every_option_has_is_set_in_all_of_them(overrides: tuple[str, ...]) -> None:
    planned = compose(overrides, multirun=True)
    assert planned.problems == []
    assert len(planned.jobs) == 2
    assert by_hydra(planned) == [job.config for job in planned.jobs]


def test_a_value_means_in_a_job_of_a_sweep_what_hydra_takes_it_for() -> None:
    values = ["1", "a b", "[1,2]", "{a: 1}", "a.b:c", "int(3)", "true", ""]
    for value in values:
        planned = compose([f"model.name={value}", "batch_size=1,2"], multirun=True)
        assert planned.problems == []
        assert by_hydra(planned)[1] == planned.jobs[1].config


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
    assert said == "workload.plaze=1: there is no key workload.plaze, did you mean workload.place?"


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
