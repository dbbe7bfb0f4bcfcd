"""Another pooling for a model of sentence-transformers, for a while. Imports torch: for workers."""

import contextlib
from collections.abc import Iterator
from typing import Any

from sentence_transformers.sentence_transformer.modules import Pooling


@contextlib.contextmanager
def pooled_by(model: Any, pooling: str) -> Iterator[bool]:
    """Within it token vectors become one by ``pooling``; False where the model does not pool.

    All that comes after the pooling stays.
    """
    found = [module for module in model.children() if isinstance(module, Pooling)]
    if len(found) != 1:
        yield False
        return
    before = found[0].pooling_mode
    found[0].pooling_mode = pooling
    try:
        yield True
    finally:
        found[0].pooling_mode = before
