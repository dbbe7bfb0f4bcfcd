"""The first numbers of vectors, as models are trained for that put what matters most in front.

Source: Kusupati et al. 2022, "Matryoshka Representation Learning".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.errors import RequestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST_LENGTH = 1e-12
"""Vectors shorter than this stay as they are. Source: torch.nn.functional.normalize."""


def shortened(
    vectors: NDArray[np.float32], dimensions: int, *, normalize: bool
) -> NDArray[np.float32]:
    """The first ``dimensions`` of each of (N, D), of length 1 again where that is asked for.

    Raises RequestError where vectors have fewer.
    """
    if dimensions > vectors.shape[1]:
        problem = f"vectors have {vectors.shape[1]} numbers; null is all of them"
        raise RequestError([f"truncate_dim={dimensions}: {problem}"])
    cut = vectors[:, :dimensions]
    return unit_length(cut) if normalize else cut.copy()


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each of (N, D) scaled to length 1; zeros stay zeros."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(lengths, SMALLEST_LENGTH)
    return scaled
