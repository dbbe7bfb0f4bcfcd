"""Texts of the built-in corpora."""

import json
from pathlib import Path

from embprof.corpora import builtin

DATA = Path(builtin.__file__).parent / "data"
WORDS = (DATA / "words.txt").read_text(encoding="utf-8").split()


def texts_of(name: str) -> list[str]:
    """Those of ``claims`` or of ``evidence``."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["text"]) for line in lines]
