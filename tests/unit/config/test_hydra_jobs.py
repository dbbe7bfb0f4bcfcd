"""What Hydra does around a job that is composed already: once, and as its own launcher would."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from embprof.config import folders
from embprof.config.compose import compose
from embprof.config.composition import Composition
from embprof.config.hydra_jobs import HydraJobs
from embprof.errors import RequestError

CALLBACK = f"{__name__}.Heard"
SWEEP = ("-m", "batch_size=8,16", "question=hi there", "+hydra.job.env_set.FOO=bar")
EVENTS: list[str] = []


class Heard:
    """A callback of the user's own."""

    def __getattr__(self, name: str) -> object:
        return lambda **_: EVENTS.append(name)


def composed(*words: str) -> Composition:
    multirun, overrides = words[0] == "-m", [word for word in words if word != "-m"]
    found = compose(overrides, multirun=multirun)
    assert found.problems == []
    return found


@pytest.fixture(autouse=True)
def _nothing_heard() -> None:
    EVENTS.clear()


def test_a_job_gets_hydras_folder_and_what_hydra_sets_for_it(tmp_path: Path) -> None:
    seen: list[tuple[int, str | None, str]] = []

    def task(number: int) -> None:
        seen.append((number, os.environ.get("FOO"), HydraConfig.get().runtime.output_dir))

    HydraJobs(composed(*SWEEP)).run([0, 1], tmp_path, task)
    assert seen == [(number, "bar", str(tmp_path / str(number))) for number in (0, 1)]
    assert "FOO" not in os.environ
    files = {name: tmp_path / "1" / ".hydra" / f"{name}.yaml" for name in ("overrides", "hydra")}
    assert yaml.safe_load(files["overrides"].read_text()) == [
        "batch_size=16",
        "question=hi\\ there",
    ]
    own = yaml.safe_load(files["hydra"].read_text())["hydra"]
    assert own["mode"] == "MULTIRUN"
    assert own["job"]["num"] == 1
    assert own["overrides"]["hydra"] == ["+hydra.job.env_set.FOO=bar"]
    kept = yaml.safe_load((tmp_path / "multirun.yaml").read_text())["hydra"]
    assert kept["overrides"]["task"] == ["batch_size=8,16", "question=hi there"]


def test_the_configuration_kept_is_the_one_composed_references_and_all(tmp_path: Path) -> None:
    composition = composed(*SWEEP)
    HydraJobs(composition).run([1], tmp_path, lambda _: None)
    kept = OmegaConf.load(tmp_path / "1" / ".hydra" / "config.yaml")
    assert OmegaConf.to_container(kept, resolve=False) == composition.jobs[1].config
    assert not (tmp_path / "0").exists(), "a job that is answered has nothing to run"


def test_running_composes_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with initialize_config_dir(str(folders.shipped("conf")), version_base="1.3"):
        loader = type(GlobalHydra.instance().config_loader())
    count = [0]
    load: Callable[..., Any] = loader.load_configuration

    def counted(*given: Any, **named: Any) -> Any:
        count[0] += 1
        return load(*given, **named)

    monkeypatch.setattr(loader, "load_configuration", counted)
    composition = composed("-m", "batch_size=range(1,21)")
    HydraJobs(composition).run(range(20), tmp_path, lambda _: None)
    assert count == [1], "one composition serves all jobs that choose the same options"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("-m", "seed=1,2"),
            ["multirun_start", "job_start", "job_end", "job_start", "job_end", "multirun_end"],
        ),
        (("seed=1",), ["run_start", "job_start", "job_end", "run_end"]),
    ],
)
def test_callbacks_hear_of_a_sweep_and_of_a_job_alone(
    tmp_path: Path, words: tuple[str, ...], said: list[str]
) -> None:
    composition = composed(*words, f"+hydra.callbacks.mine._target_={CALLBACK}")
    HydraJobs(composition).run(range(len(composition.jobs)), tmp_path, lambda _: None)
    assert [event.removeprefix("on_") for event in EVENTS] == said


def test_a_callback_that_cannot_be_made_is_told_before_the_first_job() -> None:
    with pytest.raises(RequestError, match=r"hydra\.callbacks: .*nowhere"):
        HydraJobs(composed("seed=1", "+hydra.callbacks.mine._target_=nowhere.Mine"))


def test_an_exception_of_one_job_is_raised_when_all_have_run(tmp_path: Path) -> None:
    seen: list[int] = []

    def task(number: int) -> None:
        seen.append(number)
        if number == 0:
            raise LookupError("a fault")

    with pytest.raises(LookupError, match="a fault"):
        HydraJobs(composed("-m", "seed=1,2")).run([0, 1], tmp_path, task)
    assert seen == [0, 1]
