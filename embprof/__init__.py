"""embprof: a declarative experiment runner that profiles embedding services."""

from embprof import published_paths

__version__ = "0.1.0"

published_paths.register()
