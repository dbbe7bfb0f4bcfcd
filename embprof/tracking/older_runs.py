"""Runs that an older embprof stored, read as today's would have stored them where that is known.

Until embprof recorded every file that a model is read from, an environment held its weights and its
tokeniser alone. What else a model of the user's was made of is lost. Of the model that comes as a
package it is not: there is one release of it, and whether a run's was that one its source and its
hashes say.
"""

import dataclasses

from embprof.interface import nested
from embprof.machine import fingerprint
from embprof.machine.fingerprint import MODEL_FILES
from embprof.model import Stored
from embprof.models import model_files, weights

PACKAGE = "package"
"""Where the weights of a run came from, in its description."""


def completed(stored: Stored) -> Stored:
    """The run with the files of its models, if it lacks them and all came from the package."""
    if stored.is_foreign or MODEL_FILES in stored.hard:
        return stored
    run = stored.run
    places = [place for place, _ in nested.find(run.config.get("workload", {}), nested.MODEL)]
    sources = {run.description.get(f"{nested.prefix(place)}weights_source") for place in places}
    if sources != {PACKAGE}:
        return stored
    folder = weights.bert_tokenizer_folder()
    if stored.hard.get("tokenizer_sha256") != model_files.tokenizer_sha256(folder):
        return stored
    files = model_files.other_files(folder)
    known = fingerprint.model_files((place, files) for place in places)
    hard = {**stored.hard, MODEL_FILES: known}
    again = dataclasses.replace(run, environment=fingerprint.digest(hard))
    return dataclasses.replace(stored, run=again, hard=hard)
