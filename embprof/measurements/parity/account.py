"""The account of ``parity``."""

from embprof.interface.account import Account
from embprof.measurements.parity import columns, figures
from embprof.measurements.parity.findings import named_faults

PARITY = Account(
    figures=figures.FIGURES,
    supporting=figures.READ,
    columns=columns.columns,
    label="Faults of structure",
    method=(
        "Texts of the corpus and odd built-in ones are embedded, and held against the vectors of "
        "torch in float32, one text at a time. Built-in probes show what differs. Nothing is timed."
    ),
    rules=(named_faults.RULE,),
    times_calls=False,
    is_timed=False,
    has_own_protocol=True,
    fits_no_scenario=True,
)
