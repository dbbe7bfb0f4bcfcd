"""The account of ``memory``."""

from embprof.interface.account import Account, Gap
from embprof.measurements import gpu_figures, peak_memory_charts
from embprof.measurements.documents import memory_profile
from embprof.measurements.memory import charts, columns, figures, picture
from embprof.measurements.memory.findings import memory_growth, memory_parts

MEMORY = Account(
    figures=figures.FIGURES | gpu_figures.WHILE_CALLING | gpu_figures.AT_REST,
    supporting=frozenset({"elapsed", "phase_ends"}),
    conclusions={figures.PHASED: figures.parts, figures.WATCHED: figures.watched},
    columns=columns.columns,
    has_room=False,
    table_note="memory in MB: peak is the high-water mark of a call, calls what calls take beyond "
    "what is loaded",
    label="Peak memory",
    method="A fresh process: the kernel's high-water mark of each call, memory at rest between "
    "calls, and what each phase of its life took.",
    rules=(memory_growth.RULE, memory_parts.RULE),
    charts=(peak_memory_charts.draw, charts.draw),
    documents={"memory_profile.json": memory_profile.DOCUMENT},
    pictures={"memory.svg": picture.draw},
    gap=Gap(
        title="Memory of a process of its own was not measured",
        changes={"measurement": "memory"},
        of_process=True,
        order=20,
    ),
    is_timed=False,
    has_own_protocol=True,
)
