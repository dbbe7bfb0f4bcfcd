"""Readings taken out of slices, in the ways in which figures are made of them."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from embprof.model import Slice

ELAPSED = "elapsed"
"""Seconds since its process began: the quantity by which a slice says when it was read."""


def values(slices: Iterable[Slice], name: str) -> list[float]:
    """All readings of a quantity, in order of time."""
    return [value for piece in slices for value in piece.values(name)]


def restarts(measured: Sequence[Slice]) -> list[list[Slice]]:
    """The slices of each restart."""
    return [list(pieces) for _, pieces in groupby(measured, key=lambda piece: piece.restart)]


def by_restart(measured: Sequence[Slice], name: str) -> list[list[float]]:
    """The readings of a quantity, a list for each restart."""
    return [values(pieces, name) for pieces in restarts(measured)]
