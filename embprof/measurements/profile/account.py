"""The account of ``profile``."""

from embprof.interface.account import Account, Gap
from embprof.measurements.documents import embedding_profile
from embprof.measurements.findings import waiting
from embprof.measurements.profile import charts, columns, figures, picture, table
from embprof.measurements.profile.findings import functions, lock_waits, stages

PROFILE = Account(
    figures=figures.FIGURES,
    conclusions={figures.STAGED: figures.stages, figures.PROFILED: figures.profiler},
    columns=columns.columns,
    has_room=False,
    method="Bare calls, calls with timed stages and calls under a profiler in turn; what "
    "looking adds is the difference.",
    rules=(functions.RULE, lock_waits.RULE, stages.RULE, waiting.RULE),
    charts=(charts.stages, charts.difference),
    documents={"embedding_profile.json": embedding_profile.DOCUMENT},
    pictures={"stages.svg": picture.draw},
    difference=table.difference,
    gap=Gap(
        title="Where the time of a call goes was not measured",
        changes={"measurement": "profile"},
        order=10,
    ),
    fills=frozenset({"throughput"}),
    has_own_protocol=True,
)
