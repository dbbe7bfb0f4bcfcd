"""What workers know of a saved export before anything is run: its card and its tokeniser."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embprof.backends.exported import card as cards
from embprof.backends.exported.tokens import Tokens
from embprof.interface.host_stages import HostStages


class Saved(HostStages):
    """What networks and tables have in common."""

    def __init__(self, folder: Path) -> None:
        self._card = cards.read(folder)
        self._tokens = Tokens(folder, self._card)

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, a prompt's included; UNLIMITED where they are not."""
        return self._tokens.limit

    @limit.setter
    def limit(self, tokens: int) -> None:
        self._tokens.limit = tokens

    def tokens(self, inputs: Sequence[Any]) -> list[int]:
        """Tokens of each input before any cut, the prompt and special tokens included."""
        return self._tokens.count(inputs)

    @property
    def prompt(self) -> str:
        """What stands before each text; of a pair, before the first."""
        return self._tokens.prompt

    @prompt.setter
    def prompt(self, text: str) -> None:
        self._tokens.prompt = text

    def prompts(self) -> Mapping[str, str]:
        """The prompts that the model's files have, by their names."""
        return self._card.prompts
