"""The imports of one start for a reader: the tree, who took the time, what could come later."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.measurements.load_time.starts.import_log import LATE, Import

SHOWN = 15
SMALLEST_SHARE = 0.005
"""Share of all imports; what costs less is left out of the tree."""
CANDIDATE_SHARE = 0.02
IN_WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A library that another one imports, with all that it imports first; seconds.

    Imported when it is needed, it would save at most that: less where something else needs what it
    brought in, nothing where the first call needs it. Which of these holds, only its user can tell.
    """

    module: str
    imported_by: str
    seconds: float


def candidates(imports: Sequence[Import]) -> list[Candidate]:
    """The imports where one library reaches for another's, the dearest first."""
    total = sum(one.cumulative for one in imports)
    found = [one for outer in imports for one in _foreign(outer)]
    dear = [one for one in found if one.seconds >= CANDIDATE_SHARE * total]
    return sorted(dear, key=lambda one: -one.seconds)


def in_words(found: Sequence[Candidate]) -> str:
    """``sklearn 1.88 s (for sentence_transformers.util.similarity)``, the first few."""
    return "; ".join(
        f"{one.module} {one.seconds:.2f} s (for {one.imported_by})" for one in found[:IN_WORDS]
    )


def write(stages: Mapping[str, Sequence[Import]], folder: Path) -> list[Path]:
    """``imports.json`` and ``imports.txt`` in the folder."""
    imports = stages.get("import", ())
    content = {
        "unit": "s",
        "note": "of the last start; an import found done costs nothing, so order matters",
        "stages": {
            name: sum(one.cumulative for one in found)
            for name, found in stages.items()
            if name != "harness"
        },
        "by_package": _by_package(imports),
        "by_self": [_flat(one) for one in _largest(imports, "own")],
        "by_cumulative": [_flat(one) for one in _largest(imports, "cumulative")],
        "lazy_import_candidates": [
            {"module": one.module, "imported_by": one.imported_by, "saves_at_most": one.seconds}
            for one in candidates(imports)
        ],
        "tree": _pruned(imports, SMALLEST_SHARE * sum(one.cumulative for one in imports)),
        "late": {
            name: _pruned(found, 0.0) for name, found in stages.items() if name in LATE and found
        },
    }
    as_json, as_text = folder / "imports.json", folder / "imports.txt"
    as_json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    as_text.write_text(text(imports), encoding="utf-8")
    return [as_json, as_text]


def text(imports: Sequence[Import]) -> str:
    """Two short tables: the dearest modules with all they import, and by themselves."""
    lines = [f"{'total s':>8} {'self s':>8}  module"]
    lines += [_line(one) for one in _largest(imports, "cumulative")]
    lines += ["", f"{'total s':>8} {'self s':>8}  module, the dearest by itself first"]
    lines += [_line(one) for one in _largest(imports, "own")]
    return "\n".join(lines) + "\n"


def _line(one: Import) -> str:
    return f"{one.cumulative:8.3f} {one.own:8.3f}  {one.name}"


def _foreign(outer: Import) -> Iterator[Candidate]:
    for child in outer.children:
        if child.package != outer.package and not child.package.startswith("_"):
            yield Candidate(module=child.name, imported_by=outer.name, seconds=child.cumulative)
        yield from _foreign(child)


def _by_package(imports: Sequence[Import]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for outer in imports:
        for one in outer.walk():
            seconds[one.package] = seconds.get(one.package, 0.0) + one.own
    return dict(sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN])


def _largest(imports: Sequence[Import], by: str) -> list[Import]:
    every = [one for outer in imports for one in outer.walk()]
    return sorted(every, key=lambda one: -getattr(one, by))[:SHOWN]


def _flat(one: Import) -> dict[str, Any]:
    return {"module": one.name, "self": one.own, "cumulative": one.cumulative}


def _pruned(imports: Sequence[Import], least: float) -> list[dict[str, Any]]:
    return [
        {**_flat(one), "imports": _pruned(one.children, least)}
        for one in imports
        if one.cumulative >= least
    ]
