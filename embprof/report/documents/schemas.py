"""The published schemas of the JSON documents, made from the models that write them.

``embprof/report/schemas`` holds them as files for whoever validates without embprof; they are
written by docs/generate_reference.py.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embprof.config import options
from embprof.interface.subjects import subject

FOLDER = Path(__file__).parents[1] / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def models() -> Mapping[str, type[Any]]:
    """The model of each document, by its name, which is that of its schema too."""
    targets = [
        options.target(group, name)
        for group in ("measurement", "workload")
        for name in options.names(group)
    ]
    accounts = (subject(target).account for target in targets if target is not None)
    found = {name: one.model for account in accounts for name, one in account.documents.items()}
    return dict(sorted(found.items()))


def text(model: type[Any]) -> str:
    """The schema of what a document holds: every key is there, whether or not it is null."""
    made = model.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": DIALECT, **made}, indent=2, ensure_ascii=False) + "\n"
