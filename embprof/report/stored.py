"""What lies beside a stored run in its folder."""

from __future__ import annotations

from embprof.model import Comparison
from embprof.report.stored_rows import comparison_in
from embprof.report.study import Answer


def comparison_of(answer: Answer) -> Comparison | None:
    """How it compared with its baseline, or with arm A of its gate; None where it did not."""
    return None if answer.folder is None else comparison_in(answer.folder)
