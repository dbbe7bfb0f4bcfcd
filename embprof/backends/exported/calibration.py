"""Static quantisation with nncf: ranges of activations are read from texts before anything is run.

Imports nncf, and torch with it: for the process that builds.
"""

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embprof.backends.exported import card as cards
from embprof.backends.exported.batches import Feeds, batches, padded
from embprof.backends.exported.silent_openvino import openvino
from embprof.backends.exported.tokens import Tokens


def quantise(folder: Path, name: str, texts: Sequence[str]) -> None:
    """Puts an int8 model in place of the one in the folder; ``texts`` give the ranges."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what its libraries deprecate
        import nncf

        nncf.set_log_level(logging.ERROR)
        model = openvino.Core().read_model(os.fspath(folder / name))
        given = {one.get_any_name() for one in model.inputs}
        inputs = [{key: feeds[key] for key in given} for feeds in _feeds(folder, texts)]
        with contextlib.redirect_stdout(io.StringIO()):  # it draws its progress
            quantised = nncf.quantize(
                model,
                nncf.Dataset(inputs),
                model_type=nncf.ModelType.TRANSFORMER,
                subset_size=len(inputs),
            )
    made = folder / f"int8-{name}"
    openvino.save_model(quantised, os.fspath(made), compress_to_fp16=False)
    del model, quantised  # they hold the files that are to be replaced
    for new in (made, made.with_suffix(".bin")):
        new.replace(folder / new.name.removeprefix("int8-"))


def _feeds(folder: Path, texts: Sequence[str]) -> list[Feeds]:
    """Each text by itself, so that no padding counts; to judge, the texts two by two."""
    card = cards.read(folder)
    inputs: list[Any] = list(texts)
    if card.task == "judge":
        inputs = list(zip(texts[::2], texts[1::2], strict=False))
    tokens = Tokens(folder, card)
    prompt, encodings = tokens.prompt_length(), tokens.encode(inputs)
    return [padded(batch, card, prompt) for one in encodings for batch in batches([one], 1)]
