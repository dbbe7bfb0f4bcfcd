"""Whatever happens while measuring becomes an ending with its reason."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from embprof.errors import WorkerError
from embprof.interruptions import Terminated
from embprof.model import Status
from embprof.run.ending import OK, Ending, Phase, ending_of, interrupted
from embprof.tracking.folder import RunFolder


def raising(error: BaseException) -> Callable[[], None]:
    def measure() -> None:
        raise error

    return measure


def phase(name: str = "measuring", time_limit: float | None = None) -> Phase:
    made = Phase(lambda _: None, time_limit=time_limit)
    made.enter(name)
    return made


def test_what_ends_well_is_ok() -> None:
    assert ending_of(lambda: None, phase(), []) == OK


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (WorkerError(Status.FAILED, "it broke"), Status.FAILED, "it broke (while measuring)"),
        (
            WorkerError(Status.OUT_OF_MEMORY, "killed"),
            Status.OUT_OF_MEMORY,
            "killed (while measuring)",
        ),
        (KeyboardInterrupt(), Status.INTERRUPTED, "ctrl-C, while measuring"),
        (Terminated("SIGHUP"), Status.INTERRUPTED, "SIGHUP, while measuring"),
        (ValueError("ours"), Status.FAILED, "ValueError: ours (while measuring)"),
    ],
)
def test_an_error_is_an_ending_with_what_happened_and_when(
    error: BaseException, status: Status, reason: str
) -> None:
    ending = ending_of(raising(error), phase(), [])
    assert (ending.status, ending.reason) == (status, reason)


def test_of_a_fault_of_ours_the_traceback_is_kept_of_a_worker_s_its_own() -> None:
    ours = ending_of(raising(ZeroDivisionError("x")), phase(), [])
    assert ours.details.startswith("Traceback")
    assert "ZeroDivisionError: x" in ours.details
    theirs = ending_of(raising(WorkerError(Status.FAILED, "x", "their traceback")), phase(), [])
    assert theirs.details == "their traceback"


def test_a_disk_that_fails_is_passed_on_with_the_folders_closed() -> None:
    closed: list[int] = []
    folders = [SimpleNamespace(close=lambda at=at: closed.append(at)) for at in (0, 1)]
    with pytest.raises(OSError, match="full"):
        ending_of(raising(OSError("full")), phase(), cast(list[RunFolder], folders))
    assert closed == [0, 1]


def test_only_a_limit_of_all_phases_together_is_named_where_it_was_passed() -> None:
    late = WorkerError(Status.TIMEOUT, "did not answer to observe within the time limit")
    assert phase(time_limit=90).reason(late) == (
        "not finished within time_limit=1 min 30 s, while measuring"
    )
    assert phase().reason(late) == f"{late.reason} (while measuring)"


def test_a_phase_is_shown_with_which_it_is_and_named_without() -> None:
    shown: list[str] = []
    one = Phase(shown.append)
    assert one.name == "starting"
    one.enter("loading", " (restart 2 of 5)")
    assert (one.name, shown) == ("loading", ["loading (restart 2 of 5)"])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyboardInterrupt(), "ctrl-C, while measuring"),
        (Terminated("SIGHUP"), "SIGHUP, while measuring"),
    ],
)
def test_an_interruption_says_by_what_and_while_what(error: KeyboardInterrupt, reason: str) -> None:
    assert interrupted(error, "measuring") == Ending(status=Status.INTERRUPTED, reason=reason)
