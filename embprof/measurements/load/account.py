"""The accounts of the measurements under load."""

from embprof.interface.account import Account
from embprof.measurements.load import capacity_figures, charts, figures
from embprof.measurements.load.columns import capacity as capacity_columns
from embprof.measurements.load.columns import closed_loop as closed_loop_columns
from embprof.measurements.load.columns import open_loop as open_loop_columns
from embprof.measurements.load.findings import (
    capacity,
    concurrency,
    failed_calls,
    generator,
    latency_target,
    overload,
)

SUPPORTING = frozenset({*figures.READ, "cpu_time"})
RULES = (
    capacity.RULE,
    concurrency.RULE,
    failed_calls.RULE,
    generator.RULE,
    latency_target.RULE,
    overload.RULE,
)

CLOSED_LOOP = Account(
    supporting=SUPPORTING,
    conclusions={figures.ROUND: figures.closed_loop},
    columns=closed_loop_columns.columns,
    rules=RULES,
    charts=(charts.draw,),
    fills=frozenset({"throughput"}),
    has_own_protocol=True,
)
OPEN_LOOP = Account(
    supporting=SUPPORTING,
    conclusions={figures.IN_SYSTEM: figures.open_loop},
    columns=open_loop_columns.columns,
    has_room=False,
    label="The mean response time",
    rules=RULES,
    charts=(charts.draw,),
    fills=frozenset({"throughput"}),
    has_own_protocol=True,
)
CAPACITY = Account(
    supporting=frozenset(capacity_figures.READ),
    conclusions={capacity_figures.CAPACITY: capacity_figures.conclude},
    columns=capacity_columns.columns,
    has_room=False,
    label="The rate that can be promised",
    rules=RULES,
    charts=(charts.draw,),
    has_own_protocol=True,
)
