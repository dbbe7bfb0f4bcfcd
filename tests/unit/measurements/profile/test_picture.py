"""A call as a bar of its stages."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from embprof.measurements.profile.picture import mean_times
from embprof.model import Run, Samples, Slice
from embprof.report.pictures import pictures


def piece(*, warmup: bool = False, **ms: float) -> Slice:
    values = {"staged_call": sum(ms.values()), **{f"stage_{name}": v for name, v in ms.items()}}
    samples = tuple(
        Samples(name=name, unit="ms", better="lower", values=(value,))
        for name, value in values.items()
    )
    return Slice(restart=0, warmup=warmup, started=0.0, seconds=1.0, samples=samples)


def test_times_are_means_in_the_order_of_a_call_without_warm_up() -> None:
    slices = [
        piece(warmup=True, tokenize=100.0, forward=100.0),
        piece(tokenize=1.0, forward=8.0),
        piece(tokenize=3.0, forward=8.0),
    ]
    assert list(mean_times(slices).items()) == [("tokenize", 2.0), ("forward", 8.0)]


def test_the_title_says_which_stage_is_largest(run: Callable[..., Run]) -> None:
    config = {
        "batch_size": 8,
        "device": "cpu",
        "measurement": {"_target_": "embprof.measurements.profile.Profile"},
    }
    made = run(config=config)
    ((name, svg),) = pictures(made, [piece(tokenize=2.0, forward=8.0)])
    assert name == "stages.svg"
    assert ET.fromstring(svg).tag.endswith("svg")
    assert "80 % of a call is forward (batch 8, cpu, 10.0 ms)" in svg


def test_warm_up_alone_is_no_picture(run: Callable[..., Run]) -> None:
    assert list(pictures(run(), [piece(warmup=True, forward=8.0)])) == []


@pytest.mark.parametrize("left", [-0.001, 0.0])
def test_a_rest_below_zero_is_drawn_as_none(left: float) -> None:
    assert mean_times([piece(forward=8.0, other=left)])["other"] == 0.0
