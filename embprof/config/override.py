"""An override as it was typed (``batch_size=8``, ``~truncation``), taken apart in one place.

Hydra's grammar allows no "=" in a key, so the first one ends it. Whoever reads the overrides of a
stored run needs no more than that, and must not wait for Hydra: its parser takes 0.25 s to import
and 0.4 ms an override. What a value means is Hydra's to say (:mod:`embprof.config.compose`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

QUOTED = re.compile(r"(['\"])(.*)\1", re.DOTALL)
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """``sign`` is ``+``, ``++``, ``~`` or nothing; ``text`` is the value as it was typed.

    ``key`` has its package, if one was given (``corpus@workload.corpus``).
    """

    sign: str
    key: str
    text: str

    @property
    def signed_key(self) -> str:
        """What stands before the "="."""
        return self.sign + self.key

    @property
    def root(self) -> str:
        """The first part of the key: ``model`` of ``model.name``."""
        return self.key.partition(".")[0]

    @property
    def meant(self) -> str:
        """The value without the quotes and backslashes that Hydra's grammar needs."""
        quoted = QUOTED.fullmatch(self.text)
        return ESCAPED.sub(r"\1", quoted[2] if quoted else self.text)


def parse(line: str) -> Override:
    """The parts of an override; never fails, for what cannot be read is told by ``compose``."""
    before, _, text = line.partition("=")
    key = before.lstrip("+~")
    return Override(sign=before[: len(before) - len(key)], key=key, text=text)


def by_key(lines: Iterable[str]) -> dict[str, Override]:
    """The last override of each key."""
    return {override.key: override for override in map(parse, lines)}
