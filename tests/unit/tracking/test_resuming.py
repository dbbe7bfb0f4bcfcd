"""Taking a sweep up again: which one, and what of it is answered."""

from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.errors import RequestError
from embprof.model import Job, Run, Status
from embprof.tracking import index, resuming
from embprof.tracking.places import Places
from embprof.tracking.recovery import active
from embprof.tracking.sweep_folder import SweepFolder

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]

SWEEP_ID = "20260101-000000-abcd"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """One sweep that answered job 0 and failed at job 1."""
    places = Places(root=tmp_path / "mlruns")
    SweepFolder(path=places.sweep(SWEEP_ID)).write(
        {"overrides": ["batch_size=8,16"], "multirun": True}
    )
    return places


def test_without_resume_the_request_is_as_it_was_asked(places: Places) -> None:
    request = resuming.read(["batch_size=8", "seed=1"], places, multirun=True)
    assert (request.overrides, request.multirun) == (("batch_size=8", "seed=1"), True)
    assert request.folder is None
    assert resuming.answered([], request, places) == {}


@pytest.mark.parametrize("none", ["resume=", "resume=null"])
def test_resume_may_be_null(places: Places, none: str) -> None:
    request = resuming.read([none, "seed=1"], places, multirun=False)
    assert (request.overrides, request.folder) == (("seed=1",), None)


@pytest.mark.parametrize("wanted", ["last", SWEEP_ID])
def test_resume_alone_asks_what_the_sweep_was_asked(
    places: Places, run: MakeRun, wanted: str
) -> None:
    index.append(places.index, run(sweep_id=SWEEP_ID))
    request = resuming.read([f"resume={wanted}"], places, multirun=False)
    assert (request.overrides, request.multirun) == (("batch_size=8,16",), True)
    assert request.folder is not None
    assert request.folder.sweep_id == SWEEP_ID


def test_resume_with_overrides_changes_what_was_asked_key_by_key(places: Places) -> None:
    asked = SweepFolder(path=places.sweep(SWEEP_ID)).read()["overrides"]
    request = resuming.read(
        ["batch_size=4", "seed=1", f"resume={SWEEP_ID}"], places, multirun=False
    )
    kept = [line for line in asked if not line.startswith("batch_size=")]
    assert (request.overrides, request.multirun) == ((*kept, "batch_size=4", "seed=1"), True)
    assert request.folder is not None


def test_last_is_the_newest_sweep_even_if_nothing_of_it_was_answered(places: Places) -> None:
    newer = SweepFolder(path=places.sweep("20990101-000000-0000"))
    newer.write({"overrides": ["seed=7"], "multirun": False})
    request = resuming.read(["resume=last"], places, multirun=False)
    assert request.overrides == ("seed=7",)


def test_last_is_never_a_gate_and_a_gate_cannot_be_taken_up_again(places: Places) -> None:
    gate = "20990101-000000-0000"
    SweepFolder(path=places.sweep(gate)).write({"overrides": [], "kind": "gate"})
    request = resuming.read(["resume=last"], places, multirun=False)
    assert request.folder is not None
    assert request.folder.sweep_id == SWEEP_ID
    with pytest.raises(RequestError, match=f"resume={gate}: this was a gate; run the gate again"):
        resuming.read([f"resume={gate}"], places, multirun=False)


@pytest.mark.parametrize("wanted", ["20250101-000000-ffff"])
def test_a_sweep_that_is_not_there_is_an_error_that_says_where_it_was_looked_for(
    places: Places, wanted: str
) -> None:
    with pytest.raises(RequestError, match=f"resume={wanted}: there is no such sweep") as caught:
        resuming.read([f"resume={wanted}"], places, multirun=False)
    assert str(places.sweeps) in str(caught.value)


def test_a_sweep_that_is_still_running_is_an_error(places: Places) -> None:
    with active(places, SWEEP_ID), pytest.raises(RequestError, match="still running"):
        resuming.read([f"resume={SWEEP_ID}"], places, multirun=False)


def test_only_a_job_of_the_same_question_environment_and_axes_is_answered(
    places: Places, job: MakeJob, run: MakeRun
) -> None:
    index.append(places.index, run(0, sweep_id=SWEEP_ID))
    index.append(places.index, run(1, sweep_id=SWEEP_ID, status=Status.FAILED))
    request = resuming.read([f"resume={SWEEP_ID}"], places, multirun=False)
    more_restarts = {**job().config, "restarts": 2}
    more_precise = {**job().config, "precision": 0.001}
    jobs = [
        job(0),
        job(1),
        job(2),
        job(3, key="key0", environment="another machine"),
        job(4, key="key0", config=more_restarts),
        job(5, key="key0", config=more_precise),
    ]
    assert set(resuming.answered(jobs, request, places)) == {0, 5}
