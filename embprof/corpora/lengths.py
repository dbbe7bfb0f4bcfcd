"""Text lengths: one number, a distribution around one, or whatever the corpus has.

``128`` is fixed, ``lognormal:128:0.5`` has median 128 and a standard deviation of 0.5 in the
logarithm (the usual shape of passage lengths), ``own`` leaves texts as they are.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Draws the length of each next text; ``median`` None leaves every text as it is."""

    median: int | None
    sigma: float = 0.0

    @classmethod
    def parse(cls, text_length: int | str) -> Lengths:
        """From the configuration's ``text_length``; raises ValueError for anything else."""
        if text_length == "own":
            return cls(median=None)
        if isinstance(text_length, int):
            return cls(median=text_length)
        kind, median, sigma = text_length.split(":")
        if kind != "lognormal":
            raise ValueError(f"text_length={text_length}: must be a number, own or lognormal:M:S")
        return cls(median=int(median), sigma=float(sigma))

    def draw(self, rng: random.Random, *, shortest: int = 1) -> int | None:
        """The next length, or None for a text's own; a drawn one is at least ``shortest``."""
        if self.median is None or self.sigma == 0:
            return self.median
        return max(shortest, round(math.exp(rng.gauss(math.log(self.median), self.sigma))))
