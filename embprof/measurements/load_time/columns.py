"""The columns of a start: its total, what it goes on, and whether it was warm or cold."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, outcome, value, whole
from embprof.model import Run


def columns(_: Sequence[Run]) -> list[Column]:
    """The columns of runs that started something."""
    return [
        outcome("start", "start"),
        value("total_load_s", "total s"),
        interval("total_load_s"),
        value("import_time_s", "import s"),
        interval("import_time_s", spare=3),
        value("model_init_s", "init s"),
        interval("model_init_s", spare=4),
        value("first_encode_ms", "first ms"),
        value("steady_encode_ms", "steady ms", spare=5),
        whole("load_memory_mb", "memory MB", spare=2),
    ]
