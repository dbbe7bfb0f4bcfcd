"""What a finding is: something that stored figures show, and what could be done about it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a reader is to do with a finding."""

    ADVICE = "advice"
    """Something to change."""
    FACT = "fact"
    """Something to know; nothing is to be changed."""
    GAP = "gap"
    """Something that these runs cannot tell, and the command that would."""
    CONTRADICTION = "contradiction"
    """Figures that do not agree with each other."""


class Effort(StrEnum):
    """How much work a change is; the groups of a plan."""

    QUICK = "quick win"
    """A setting."""
    MEDIUM = "medium"
    """Days: code around the model changes, or quality has to be checked."""
    LONG = "long term"
    """Weeks: another model, another runtime, another machine."""


class Level(StrEnum):
    """How high a priority, a severity or a risk is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What a change is expected to bring, of one metric: 0.25 is 25 % better, by its interval.

    ``low`` and ``high`` are None where the runs support no interval.
    """

    metric: str
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Never without evidence: the figures in words, and the ids of the runs that they are from.

    ``title`` says the finding with its figures, ``advice`` what to change. ``component`` and
    ``time_share`` (0.4: 40 % of the time) are set for bottlenecks. ``cost`` is what a change would
    take in quality or memory, ``check`` the complete command that shows whether it brought what was
    expected. ``rule`` is the name of the rule that found it, which adds it where it is not given.
    ``axes``: the keys whose values it weighs against each other, so that it answers a sweep of them
    even where it says that nothing can be told.
    """

    kind: Kind
    title: str
    evidence: tuple[str, ...]
    runs: tuple[str, ...]
    rule: str = ""
    advice: str | None = None
    improvement: Improvement | None = None
    effort: Effort | None = None
    priority: Level = Level.LOW
    risk: str | None = None
    cost: str | None = None
    check: str | None = None
    component: str | None = None
    axes: tuple[str, ...] = ()
    time_share: float | None = None
