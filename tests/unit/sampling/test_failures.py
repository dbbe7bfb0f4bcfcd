"""What an exception in a worker means for its job."""

import pytest
from hydra.utils import instantiate

from embprof.errors import DeviceUnavailableError
from embprof.model import Status
from embprof.sampling.failures import REASON_LENGTH, describe


class OutOfMemoryError(RuntimeError):
    """As torch names its own."""


def raised(error: BaseException) -> BaseException:
    """The error with a traceback, as a worker catches it."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("std::bad_alloc"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_want_of_memory_is_known_by_its_class_or_its_words(error: Exception) -> None:
    assert describe(raised(error)).status == Status.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "error", [ValueError("wrong"), RuntimeError("a memory of summer"), SystemExit(3), KeyError("x")]
)
def test_anything_else_is_a_failure(error: BaseException) -> None:
    assert describe(raised(error)).status == Status.FAILED


def test_the_reason_is_class_and_first_line_and_the_details_the_traceback() -> None:
    failure = describe(raised(ValueError("wrong value\nand more\nlines")))
    assert failure.reason == "ValueError: wrong value"
    assert "Traceback" in failure.details
    assert "and more" in failure.details


def test_an_exception_without_words_is_named_by_its_class() -> None:
    assert describe(raised(MemoryError())).reason == "MemoryError"


def test_a_long_reason_is_cut() -> None:
    failure = describe(raised(ValueError("x" * 10_000)))
    assert len(failure.reason) == len("ValueError: ") + REASON_LENGTH


def test_a_device_that_the_runtime_cannot_drive_skips_the_job() -> None:
    failure = describe(raised(DeviceUnavailableError("the installed PyTorch has no CUDA")))
    assert (failure.status, failure.reason, failure.details) == (
        Status.SKIPPED,
        "the installed PyTorch has no CUDA",
        "",
    )


def test_what_went_wrong_in_a_plug_ins_constructor_is_the_reason() -> None:
    with pytest.raises(Exception, match="Error in call to target") as caught:
        instantiate({"_target_": "embprof.testing.Sleep", "second": 1})
    reason = describe(caught.value).reason
    assert "unexpected keyword argument 'second'" in reason
    assert "\n" not in reason
