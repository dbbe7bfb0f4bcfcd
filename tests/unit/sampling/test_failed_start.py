"""How a start ended, in the words of a job's reason."""

import pytest

from embprof.model import Status
from embprof.sampling import failed_start
from embprof.sampling.failed_start import Failed, failure
from embprof.sampling.failures import describe


def test_an_error_of_the_started_process_keeps_its_name_and_its_traceback() -> None:
    error = Failed.like("ModuleNotFoundError", "No module named 'x'", "Traceback\n  line 3")
    said = describe(error)
    assert (said.status, said.reason) == (Status.FAILED, "ModuleNotFoundError: No module named 'x'")
    assert "line 3" in said.details


@pytest.mark.parametrize(
    ("kind", "status"),
    [("OutOfMemoryError", Status.OUT_OF_MEMORY), ("DeviceUnavailableError", Status.SKIPPED)],
)
def test_what_an_error_means_for_a_job_is_what_it_means_in_a_worker(
    kind: str, status: Status
) -> None:
    assert describe(Failed.like(kind, "why", "")).status == status


def test_a_process_that_was_killed_says_by_what_and_its_last_line() -> None:
    said = str(failure(-11, "first\nFatal: last words\n", oom_kills_before=0))
    assert said == "the started process was killed by signal 11 (SIGSEGV): Fatal: last words"


def test_a_process_that_ended_without_an_answer_says_its_code() -> None:
    said = str(failure(3, "", oom_kills_before=0))
    assert said == "the started process was ended by itself with exit code 3, without an answer"


@pytest.mark.parametrize(("before", "status"), [(4, Status.OUT_OF_MEMORY), (5, Status.FAILED)])
def test_a_process_that_the_kernel_ended_for_want_of_memory_is_told_from_another(
    monkeypatch: pytest.MonkeyPatch, before: int, status: Status
) -> None:
    monkeypatch.setattr(failed_start, "oom_kills", lambda: 5)
    assert describe(failure(-9, "", oom_kills_before=before)).status == status
