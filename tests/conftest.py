"""What every kind of test may ask."""

from collections.abc import Callable

import pytest

Agree = Callable[..., bool]


@pytest.fixture
def agree() -> Agree:
    """Whether A, B and the change of the cost that are shown can be of one estimate.

    They can if some values that round to what is shown have exactly that ratio.
    """

    def can_be_one(a: str, b: str, change: str, *, better: str) -> bool:
        (a_low, a_high), (b_low, b_high) = _rounded_from(a), _rounded_from(b)
        low, high = _rounded_from(change.removesuffix("%").strip())
        if better == "higher":  # the cost is the inverse
            (a_low, a_high), (b_low, b_high) = (b_low, b_high), (a_low, a_high)
        slack = 1e-9
        return b_low / a_high <= 1 + high / 100 + slack and b_high / a_low >= 1 + low / 100 - slack

    return can_be_one


def _rounded_from(shown: str) -> tuple[float, float]:
    """The least and the largest number that is shown so."""
    digits = len(shown.partition(".")[2])
    value, half = float(shown.replace(",", "")), 0.5 * 10.0**-digits
    return value - half, value + half
