"""embprof: a declarative experiment runner that profiles embedding services."""

__version__ = "0.1.0"
