"""What the nodes of the configuration have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictStr

Number = Annotated[float, Field(strict=True)]
"""A whole or broken number; neither a text nor a boolean."""


class Node(BaseModel):
    """A mapping that takes the keys below and no other."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=()
    )


class Plugin(BaseModel):
    """A group option that names a class by its import path; the other keys are its parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)
    target: Annotated[
        StrictStr,
        Field(
            alias="_target_",
            pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$",
            description="Import path of the class.",
        ),
    ]
