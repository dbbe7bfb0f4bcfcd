"""What ``pipeline`` tells of itself."""

from embprof.interface.account import Account
from embprof.workloads.pipeline import columns, figures
from embprof.workloads.pipeline.findings import pipeline_baseline, pipeline_switches, pipeline_tail

ADVICE = {
    "embed": "Embed fewer phrasings of a claim, several claims a call, or with a smaller model.",
    "search": "Search for all phrasings at once, and through an index where passages are many.",
    "nli": "Judge fewer passages, shorter ones, or with a smaller cross-encoder.",
}
"""What makes a stage quicker, by stage."""

PIPELINE = Account(
    figures=figures.FIGURES,
    stage_advice=lambda _, stage: ADVICE.get(stage),
    supporting=frozenset({figures.STEP}),
    conclusions={figures.STEP: figures.conclude},
    columns=columns.columns,
    rules=(pipeline_baseline.RULE, pipeline_tail.RULE, *pipeline_switches.RULES),
)
