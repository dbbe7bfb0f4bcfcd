"""How a race is said: what one row costs beside another, by the rounds that both were in."""

import math

from embprof.interface.figure import throughput_name
from embprof.interface.figures import singular
from embprof.report.change import Change, items_of
from embprof.units import counted, percent


def takes(found: Change) -> str:
    """``takes 4.0 % more (2 to 6 %) time per text``: the second beside the first."""
    assert found.pair is not None, "it is of a race"
    return f"{_verb(found)} {more_cost(*_costs(found))} {what(found)}"


def beside(found: Change, after: object, before: object) -> str:
    """``32 takes 4.0 % more (2 to 6 %) time per text than 64``."""
    return f"{after} {takes(found)} than {before}"


def cost(found: Change) -> str:
    """``4.0 % more (2 to 6 %) time per text, in the same 40 rounds``."""
    assert found.pair is not None, "it is of a race"
    rounds = counted(found.pair.rounds, "round")
    return f"{more_cost(*_costs(found))} {what(found)}, in the same {rounds}"


def apart(found: Change, unclear: str) -> str:
    """``unclear``, or that both are the same for practical purposes."""
    is_same = found.pair is not None and found.pair.word == "same"
    return "are the same for practical purposes" if is_same else unclear


def more_cost(ratio: float, low: float | None, high: float | None) -> str:
    """``4.0 % more (2.0 to 6.0 %)``, ``between 2.0 % less and 7.0 % more`` where it may be both."""
    if low is None or high is None:
        return f"{_signless(ratio)} {'more' if ratio >= 1 else 'less'} (no interval)"
    if low < 1 < high:
        return between(low, high)
    near, far = (low, high) if low >= 1 else (high, low)
    ends = f"{_signless(near).removesuffix(' %')} to {_signless(far)}"
    return f"{_signless(ratio)} {'more' if low >= 1 else 'less'} ({ends})"


def between(low: float, high: float) -> str:
    """``between 2.0 % less and 7.0 % more``, each end of a ratio of costs with its own word."""
    if not math.isfinite(high):
        return f"{_end(low)} or more" if low else "any difference"
    if low < 1 < high:
        return f"between {_end(low)} and {_end(high)}"
    near, far = (low, high) if low >= 1 else (high, low)
    return f"between {_signless(near).removesuffix(' %')} and {_end(far)}"


def what(found: Change) -> str:
    """What it is more of: ``time per text``, else the name of the figure."""
    items = items_of(found.after)
    return f"time per {singular(items)}" if found.metric == throughput_name(items) else found.metric


def _verb(found: Change) -> str:
    return "takes" if what(found).startswith("time per ") else "has"


def _costs(found: Change) -> tuple[float, float | None, float | None]:
    """Ratio of the costs and its ends, of a ratio of values."""
    ratio = found.ratio
    if not found.is_rate:
        return ratio.value, ratio.low, ratio.high
    low = None if ratio.high is None else 1 / ratio.high
    high = None if ratio.low is None else 1 / ratio.low
    return 1 / ratio.value, low, high


def _signless(ratio: float) -> str:
    return percent(round(abs(ratio - 1), 9))


def _end(ratio: float) -> str:
    return f"{_signless(ratio)} {'more' if ratio >= 1 else 'less'}"
