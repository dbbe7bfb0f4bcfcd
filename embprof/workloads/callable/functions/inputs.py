"""The user's own items: a list in YAML, or a file with one JSON value per line."""

import copy
import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictStr


@dataclass(kw_only=True)
class Inputs:
    """Items to draw from; where neither is given, a function gets texts of the corpus."""

    values: Annotated[list[Any] | None, Field(description="The items themselves.")]
    path: Annotated[
        StrictStr | None, Field(description="A file with an item a line, each a JSON value.")
    ]

    def __post_init__(self) -> None:
        """Takes the values as they were written."""
        self.values = plain_values(self.values)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Both at once."""
        node = config["workload"]
        if node["values"] is not None and node["path"] is not None:
            yield "workload.inputs: give values or path, not both"

    @property
    def are_given(self) -> bool:
        """Whether there are any."""
        return self.values is not None or self.path is not None

    def read(self) -> list[Any]:
        """The items in order.

        Raises ValueError where the file cannot be read, and where there are none.
        """
        if self.path is None:
            return _some(list(self.values or ()), "workload.inputs.values=[]")
        key = f"workload.inputs.path={self.path}"
        try:
            lines = Path(self.path).expanduser().read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            raise ValueError(f"{key}: there is no such file (looked in {Path.cwd()})") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{key}: cannot be read: {error}") from None
        numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        return _some([_value(line, f"{key}: line {number}") for number, line in numbered], key)

    def fingerprint(self) -> str:
        """Hex SHA-256 of the items in order; raises as :meth:`read` does."""
        hashed = hashlib.sha256()
        for item in self.read() if self.are_given else ():
            hashed.update(json.dumps(item, sort_keys=True).encode() + b"\n")
        return hashed.hexdigest()

    def stream(self, seed: int) -> Iterator[Any]:
        """The items in random order without end, each time round in another.

        Each is a copy, so that a function may change what it is given.
        """
        rng, order = random.Random(seed), self.read()
        while True:
            rng.shuffle(order)
            yield from map(copy.deepcopy, order)


def _some(items: list[Any], key: str) -> list[Any]:
    if not items:
        raise ValueError(f"{key}: holds no items")
    return items


def _value(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{place} is not JSON: {error.msg}") from None


def plain_values(value: Any) -> Any:
    """Lists and dicts in place of those that Hydra makes of them for a class that it creates."""
    from omegaconf import OmegaConf  # whoever has made such a class has it

    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
