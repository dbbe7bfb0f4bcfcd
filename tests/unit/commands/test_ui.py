"""``embprof ui`` names the pages to look at first."""

from pathlib import Path

from embprof.commands import ui
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder

URI = "sqlite:///x"


def store(tmp_path: Path, **tracking: dict[str, str]) -> Places:
    """Sweeps in order of time, each with what it says of where it was logged."""
    places = Places(root=tmp_path)
    for at, said in enumerate(tracking.values()):
        SweepFolder(path=places.sweep(f"2026010{at + 1}-000000-aaaa")).write({"tracking": said})
    return places


def test_the_last_sweep_and_the_jobs_of_its_experiment_are_named(tmp_path: Path) -> None:
    places = store(
        tmp_path,
        first={"uri": URI, "experiment_id": "1", "run_id": "one"},
        second={"uri": URI, "experiment_id": "7", "run_id": "two"},
        elsewhere={"uri": "http://server", "experiment_id": "3", "run_id": "three"},
    )
    view = "viewStateShareKey=embprof-{}&compareRunsMode=CHART"
    assert [path for _, path in ui._pages(places, URI)] == [
        f"/#/experiments/7/runs?{view.format('last')}",
        "/#/experiments/7/runs/two",
        f"/#/experiments/7/runs?{view.format('jobs')}",
    ]


def test_a_store_that_does_not_say_has_its_address_alone(tmp_path: Path) -> None:
    places = store(tmp_path, old={"uri": URI, "run_id": "one"})
    assert list(ui._pages(places, URI)) == []
    assert list(ui._pages(Places(root=tmp_path / "none"), URI)) == []
