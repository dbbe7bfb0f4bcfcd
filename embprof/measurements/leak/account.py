"""The accounts of ``leak`` and of the pass that locates a leak."""

from embprof.interface.account import Account, Gap
from embprof.measurements.documents import memory_profile
from embprof.measurements.leak import charts, columns, figures
from embprof.measurements.leak.findings import leak

LEAK = Account(
    figures=figures.FIGURES,
    conclusions={figures.IN_USE: figures.conclude},
    columns=columns.columns,
    has_room=False,
    label="Memory in use",
    method="What is in use after each call, in two fresh processes of N and 2N calls: a leak goes "
    "on with the calls, a cache stops.",
    rules=(leak.RULE,),
    charts=(charts.draw,),
    documents={"memory_profile.json": memory_profile.DOCUMENT},
    gap=Gap(
        title="Whether memory leaks was not measured",
        changes={"measurement": "leak"},
        of_process=True,
        order=30,
    ),
    is_timed=False,
    has_own_protocol=True,
    fits_no_scenario=True,
)
PLACE = Account(is_timed=False, has_own_protocol=True)
