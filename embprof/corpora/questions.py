"""What to ask of the built-in sentences: claims, and sentences that were held out of them.

The first 205 have nothing in common, so each is a piece of evidence of its own. The others are the
same in other words around them: enough that a server is not asked the same again and again.
"""

from dataclasses import dataclass

from embprof.corpora import Unit
from embprof.corpora.builtin import Builtin
from embprof.corpora.passages import Passages
from embprof.corpora.sentences import held_out

PHRASINGS = (
    "{}",
    "Is it true? {}",
    "{} Is that so?",
    "I have read this: {}",
    "Somebody told me the following. {}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions(Passages):
    """The 104 built-in claims and 101 sentences, then both in four other phrasings: 1,025 texts."""

    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts; the first 205 are independent of each other."""
        plain = [*Builtin(name="claims").texts(), *held_out()]
        return [phrasing.format(text) for phrasing in PHRASINGS for text in plain]
