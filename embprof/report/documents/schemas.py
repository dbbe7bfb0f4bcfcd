"""The published schemas of the JSON documents, made from the models that write them.

``embprof/report/schemas`` holds them as files for whoever validates without embprof; they are
written by docs/generate_reference.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from embprof.measurements.memory.document import MemoryProfile
from embprof.measurements.throughput.document import EmbeddingProfile
from embprof.report.documents.shapes import Part
from embprof.workloads.embedding.document import TextLengthProfile

FOLDER = Path(__file__).parents[1] / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: Mapping[str, type[Part]] = {
    "embedding_profile.json": EmbeddingProfile,
    "memory_profile.json": MemoryProfile,
    "text_length_profile.json": TextLengthProfile,
}
"""By the name of the document, which is that of its schema too."""


def text(model: type[Part]) -> str:
    """The schema of what a document holds: every key is there, whether or not it is null."""
    made = model.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": DIALECT, **made}, indent=2, ensure_ascii=False) + "\n"
