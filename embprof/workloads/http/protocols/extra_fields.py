"""Fields that a server wants in a request beside the texts: which may be given, and which not."""

from collections.abc import Iterator, Mapping
from typing import Any

from embprof.masking import is_secret

OWN = {
    "openai": {"input": "the texts", "model": "workload.model_name"},
    "tei": {"inputs": "the texts", "normalize": "normalize"},
    "ollama": {"input": "the texts", "model": "workload.model_name"},
}
"""By protocol, the fields that something else fills, and what."""
ENCODING = "encoding_format"
DIMENSIONS = "dimensions"


def problems(protocol: str, fields: Mapping[str, Any]) -> Iterator[str]:
    """Fields that are filled by something else, that must not be stored, that cannot be right."""
    for name, value in fields.items():
        key = f"workload.body.{name}"
        if (filled_by := OWN[protocol].get(name)) is not None:
            yield f"{key}={value}: the field is filled by {filled_by}"
        elif is_secret(name):
            yield (
                f"{key}: is stored with every run; a key goes into a header, from an environment "
                "variable that is named in workload.api_key_env or workload.headers_env"
            )
        elif protocol == "openai" and name == ENCODING and value is not None:
            yield f"{key}={value}: give workload.encoding, or null for a server without the field"
        elif name == DIMENSIONS and value is not None and not _is_count(value):
            yield f"{key}={value}: must be a whole number, 1 at least"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
