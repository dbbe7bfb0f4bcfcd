"""Values of YAML as the user wrote them."""

from __future__ import annotations

from typing import Any


def plain_values(value: Any) -> Any:
    """Lists and dicts in place of those that Hydra makes of them for a class that it creates."""
    from omegaconf import OmegaConf  # whoever has made such a class has it

    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
