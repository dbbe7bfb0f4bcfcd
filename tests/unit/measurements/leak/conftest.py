"""What a search through memory finds is the test's own."""

import gc

import pytest


@pytest.fixture(autouse=True)
def _others_are_no_garbage() -> None:
    """Leaves what was there before to itself: all of a test process takes a second to look at."""
    gc.collect()
    gc.freeze()
