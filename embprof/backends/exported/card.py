"""What must be known of an exported model beside its graph: ``encoder.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from embprof.interface.backend import Task

FILE = "encoder.json"
TOKENIZER = "tokenizer.json"
Side = Literal["left", "right"]
Strategy = Literal["longest_first", "only_first", "only_second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How texts become the graph's inputs, and what comes out of it.

    ``inputs``: names of the graph's inputs. ``prompt``: what stands before each text where nothing
    else is asked for; ``prompts``: those of the model's files, by their names. ``limit``: tokens at
    which texts are cut. ``strategy`` None cuts nothing. ``width``: dimensions of a vector, or the
    number of logits. ``labels``: names of the logits, empty for an encoder. ``special_tokens``:
    whether the tokeniser adds its own; ``splits_special``: whether their names in a text are read
    as plain words. ``ignored_id``: the unknown token of a table of vectors, which counts for
    nothing.
    """

    task: Task
    inputs: tuple[str, ...]
    width: int
    limit: int
    prompt: str
    strategy: Strategy | None
    cut_side: Side
    pad_side: Side
    pad_id: int
    pad_type_id: int
    special_tokens: bool
    splits_special: bool
    parameters: int
    prompts: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    assumed_pooling: str | None = None
    ignored_id: int | None = None


def write(card: Card, folder: Path) -> None:
    """Puts the card into a folder."""
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False)
    (folder / FILE).write_text(text, encoding="utf-8")


def read(folder: Path) -> Card:
    """The card of a folder; raises OSError without one."""
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    listed = {name: tuple(content[name]) for name in ("inputs", "labels")}
    return Card(**{**content, **listed})
