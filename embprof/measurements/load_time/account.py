"""The account of ``load_time``."""

from embprof.interface.account import Account, Gap
from embprof.measurements.documents import embedding_profile, memory_profile
from embprof.measurements.load_time import charts, columns, figures, picture, table
from embprof.measurements.load_time.findings import cold_start, first_call, import_cost

LOAD_TIME = Account(
    figures=figures.FIGURES,
    supporting=frozenset({"cpu_time"}),
    conclusions={figures.QUANTITY: figures.start},
    columns=columns.columns,
    has_room=False,
    label="A start",
    method="A process a reading, from the start of its interpreter to its first answer.",
    rules=(cold_start.RULE, first_call.RULE, import_cost.RULE),
    charts=(charts.draw,),
    documents={
        "embedding_profile.json": embedding_profile.DOCUMENT,
        "memory_profile.json": memory_profile.DOCUMENT,
    },
    pictures={"load_time.svg": picture.draw, "load_time.json": table.document},
    gap=Gap(
        title="How long a start takes was not measured",
        changes={"measurement": "load_time", "texts_per_call": 1},
        of_process=True,
        order=40,
    ),
    has_own_protocol=True,
    fits_no_scenario=True,
)
