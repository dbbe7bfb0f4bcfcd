"""Rows of a sweep that nothing can run, though each of their values can be had in another row.

A sweep takes every combination: ``backend=torch,onnx backend.dtype=float32,bfloat16`` asks for ONNX
Runtime in bfloat16, which there is none of. That is no mistake of the user's, so the row is skipped
as one is whose device is not there. A value that no row can have is a mistake.
"""

from collections.abc import Iterable, Mapping, Sequence

Refusals = Mapping[int, Sequence[str]]
"""Why a row cannot be, by its number; none where it can."""


def combinations(overrides: Sequence[Sequence[str]], refused: Refusals) -> dict[int, str]:
    """The refused rows that are impossible combinations alone, and why; by their numbers.

    ``overrides``: what makes up each row, by number: ``backend=onnx``, ``batch_size=8``.
    """
    possible = {
        line for number, row in enumerate(overrides) if not refused.get(number) for line in row
    }
    return {
        number: "; ".join(reasons)
        for number, reasons in refused.items()
        if reasons and possible.issuperset(overrides[number])
    }


def mistakes(refused: Refusals, skipped: Iterable[int]) -> list[str]:
    """What is wrong with the request: the reasons of all refused rows but these, each once."""
    known = frozenset(skipped)
    others = (reasons for number, reasons in refused.items() if number not in known)
    return list(dict.fromkeys(reason for reasons in others for reason in reasons))
