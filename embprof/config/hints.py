"""What was probably meant by a word that is not known."""

import difflib
from collections.abc import Sequence


def did_you_mean(word: str, known: Sequence[str], prefix: str = "") -> str:
    """``, did you mean batch_size?``, by the key or its last part; empty if none is near.

    ``prefix`` stands before what was meant.
    """
    by_last_part = {name.rsplit(".", 1)[-1]: name for name in reversed(known)}
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if not close:
        last = word.rsplit(".", 1)[-1]
        close = [by_last_part[hit] for hit in difflib.get_close_matches(last, by_last_part, n=1)]
    return f", did you mean {prefix}{close[0]}?" if close else ""
