"""The tag ``embprof.baseline`` says what the files say; MLflow itself is not imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.errors import TrackingError
from embprof.model import Run, Stored
from embprof.tracking import mlflow_store, tagging
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.folder import write_json
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder

MakeRun = Callable[..., Run]

SWEEP_ID = "20260101-000000-abcd"


class Store:
    """Stands where MLflow's store is opened; remembers the tags that were written."""

    def __init__(self) -> None:
        self.tags: dict[str, str | None] = {}
        self.opened: list[str] = []
        self.problem: str | None = None
        self.deleted: set[str] = set()

    def __call__(self, _places: Places, experiment: str) -> Store:
        self.opened.append(experiment)
        if self.problem is not None:
            raise TrackingError(self.problem)
        return self

    def tag(self, run_id: str, name: str, value: str | None) -> None:
        assert name == "embprof.baseline"
        if run_id in self.deleted:
            raise TrackingError(f"MLflow at x: {run_id} was deleted")
        self.tags[run_id] = value


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    fake = Store()
    monkeypatch.setattr(mlflow_store, "MlflowStore", fake)
    return fake


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A sweep of three runs, the last of which MLflow has not got."""
    places = Places(root=tmp_path / "mlruns")
    sweep = SweepFolder(path=places.sweep(SWEEP_ID))
    sweep.write({"experiment": "mine", "tracking": {"run_id": "parent"}})
    for number in range(3):
        (sweep.path / str(number)).mkdir()
    for number in range(2):
        write_json(sweep.path / str(number) / "mlflow.json", {"run_id": f"child{number}"})
    return places


@pytest.fixture
def session(run: MakeRun) -> Callable[..., Session]:
    def make(*numbers: int, whole: bool = False, hard: int = 1) -> Session:
        runs = (run(number, sweep_id=SWEEP_ID) for number in numbers)
        stored = tuple(
            Stored(run=one, hard={"cpus": hard} if hard else {}, soft={}) for one in runs
        )
        return Session(name=SWEEP_ID, set_at="", runs=stored, whole=whole)

    return make


def put(places: Places, name: str, *sessions: Session) -> None:
    Baselines(places).change(name, lambda _: Baseline(name=name, sessions=sessions))


def test_runs_of_a_whole_sweep_are_tagged_with_their_parent(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    whole = session(0, 1, whole=True)
    put(places, "main", whole)
    assert tagging.retag(places, [whole]) is None
    assert store.tags == {"child0": "main", "child1": "main", "parent": "main"}
    assert store.opened == ["mine"]


def test_single_runs_are_tagged_alone(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "main", session(1))
    assert tagging.retag(places, [session(1)]) is None
    assert store.tags == {"child1": "main"}


def test_a_run_of_several_baselines_has_all_their_names(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "z", session(0, 1, whole=True))
    put(places, "a", session(0))
    tagging.retag(places, [session(0, 1, whole=True)])
    assert store.tags == {"child0": "a z", "child1": "z", "parent": "z"}


def test_a_run_of_no_baseline_any_more_loses_the_tag(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "other", session(1))
    tagging.retag(places, [session(0, 1, 2, whole=True)])
    assert store.tags == {"child0": None, "child1": "other", "parent": None}


def test_a_run_that_was_never_logged_is_told_where_it_would_get_the_tag(
    places: Places, session: Callable[..., Session]
) -> None:
    put(places, "main", session(1, 2))
    said = tagging.retag(places, [session(1, 2)])
    assert said == "1 run is not in MLflow, and without the tag embprof.baseline"
    Baselines(places).remove("main")
    assert tagging.retag(places, [session(1, 2)]) is None


def test_runs_of_elsewhere_and_figures_of_others_have_no_tag(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "main", session(7, 8))
    assert tagging.retag(places, [session(7, 8)]) is None
    assert tagging.retag(places, [session(0, hard=0)]) is None
    assert store.opened == [], "MLflow takes seconds to import"


def test_a_store_that_cannot_be_reached_is_told_in_a_line(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "main", session(0))
    store.problem = "MLflow at http://gone cannot be reached (Connection refused)"
    said = tagging.retag(places, [session(0)])
    assert said is not None
    assert said.startswith(store.problem)
    assert said.endswith("the baseline itself is on disk")
    assert "\n" not in said


def test_a_run_that_mlflow_has_lost_does_not_keep_others_from_their_tag(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "main", session(0, 1))
    store.deleted = {"child0"}
    said = tagging.retag(places, [session(0, 1)])
    assert store.tags == {"child1": "main"}
    assert said is not None
    assert "1 of 2 runs could not be tagged" in said


def test_a_damaged_baseline_is_told_and_costs_only_tags(
    places: Places, session: Callable[..., Session], store: Store
) -> None:
    put(places, "main", session(0))
    (places.baselines / "broken.json").write_text("{")
    said = tagging.retag(places, [session(0)])
    assert said is not None
    assert "broken.json: not a JSON file" in said
    assert store.tags == {}


def test_only_sessions_that_differ_are_tagged_again(session: Callable[..., Session]) -> None:
    one, two, three = session(0), session(1), session(2)
    before = Baseline(name="main", sessions=(one, two))
    after = Baseline(name="main", sessions=(two, three))
    assert tagging.differing(before, after) == [one, three]
    assert tagging.differing(None, after) == [two, three]
    assert tagging.differing(before, before) == []
