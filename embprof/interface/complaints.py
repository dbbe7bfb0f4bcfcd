"""What pydantic found wrong, in the words of this project."""

from typing import Any

COMPLAINTS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be one of {expected}",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must match {pattern}",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "value_error": "{error}",
    "model_type": "must be a mapping",
    "finite_number": "must be a finite number",
}
"""By pydantic's name of the error; its context fills the braces."""


def complaint(detail: Any) -> str:
    """One error of pydantic's as ``must be …``."""
    template = COMPLAINTS.get(detail["type"])
    bounds = {
        name: f"{value:g}" if isinstance(value, float) else value  # 0 and not 0.0
        for name, value in detail.get("ctx", {}).items()
    }
    return template.format(**bounds) if template else str(detail["msg"])


def shown(value: object) -> str:
    """A value as it is typed."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
