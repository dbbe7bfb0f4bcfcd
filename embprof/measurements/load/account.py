"""The accounts of the measurements under load."""

from dataclasses import replace

from embprof.interface.account import Account
from embprof.measurements.load import capacity_figures, charts, columns, figures
from embprof.measurements.load.findings import (
    capacity,
    concurrency,
    failed_calls,
    generator,
    latency_target,
    overload,
)

CLOSED_LOOP = Account(
    figures=figures.CLOSED_LOOP,
    supporting=frozenset({*figures.READ, "cpu_time"}),
    conclusions={figures.ROUND: figures.closed_loop},
    columns=columns.closed_loop,
    rules=(
        capacity.RULE,
        concurrency.RULE,
        failed_calls.RULE,
        generator.RULE,
        latency_target.RULE,
        overload.RULE,
    ),
    charts=(charts.draw,),
    fills=frozenset({"throughput"}),
    times_calls=False,  # several at a time, of which some fail, and soon
    has_own_protocol=True,
)
OPEN_LOOP = replace(
    CLOSED_LOOP,
    figures=figures.OPEN_LOOP,
    conclusions={figures.IN_SYSTEM: figures.open_loop},
    columns=columns.open_loop,
    has_room=False,
    label="The mean response time",
)
CAPACITY = replace(
    CLOSED_LOOP,
    figures=capacity_figures.FIGURES,
    supporting=frozenset(capacity_figures.READ),
    conclusions={capacity_figures.CAPACITY: capacity_figures.conclude},
    columns=columns.capacity,
    has_room=False,
    label="The rate that can be promised",
    fills=frozenset(),
)
