"""What the keys of a job are for: its question, how it is answered, or neither."""

PROTOCOL_KEYS = frozenset(
    {
        "order",
        "restarts",
        "iterations",
        "doubling",
        "precision",
        "max_seconds",
        "slice_seconds",
        "warmup",
        "time_limit",
        "memory_limit_mb",
        "isolation",
    }
)
"""How precisely a question is answered: two jobs that differ in these alone ask the same."""

HOUSEKEEPING_KEYS = frozenset(
    {
        "question",
        "strict",
        "resume",
        "report",
        "tracking",
        "baseline",
        "race",
        "parity",
        "verdict",
        "against",
        "targets",
        "limits",
    }
)
"""What changes neither the question nor the answer."""

LATER_KEYS = ("prompt", "truncate_dim")
"""Keys that came when jobs were stored already, whose null asks what those asked without them."""
LATER_PARAMETERS = frozenset({*LATER_KEYS, "document_prompt"})
"""The same of parameters of workloads, beside a model."""

THROUGH_WORKLOAD_KEYS = frozenset({"cross_encoder", "database"})
"""What reaches the question only through a workload that refers to it, and stands in it then."""
