"""The first numbers of vectors, of length 1 again where that is wanted."""

import numpy as np
import pytest

from embprof.errors import RequestError
from embprof.models.vectors import shortened, unit_length

VECTORS = np.array([[3.0, 4.0, 12.0], [0.0, 0.0, 5.0]], np.float32)


def test_the_first_numbers_are_kept() -> None:
    assert shortened(VECTORS, 2, normalize=False).tolist() == [[3.0, 4.0], [0.0, 0.0]]


def test_they_are_of_length_one_again_and_zeros_stay_zeros() -> None:
    found = shortened(VECTORS, 2, normalize=True)
    assert np.allclose(found, [[0.6, 0.8], [0.0, 0.0]])
    assert np.allclose(np.linalg.norm(unit_length(VECTORS), axis=1), 1)


def test_more_than_there_are_is_an_error() -> None:
    with pytest.raises(RequestError, match="truncate_dim=4: vectors have 3 numbers"):
        shortened(VECTORS, 4, normalize=True)
