"""``embprof --help``: the axes, the groups with their options, the scenarios, the sub-commands.

Options are listed from the folders they live in, so the page is never out of date; no library of
weight is imported.
"""

import textwrap
from collections.abc import Sequence

from embprof.config import options, scenarios

GROUPS = ("model", "cross_encoder", "corpus", "backend", "workload", "measurement")

WIDTH = 100
TEXT = 80
"""Width of what stands beside a name, so that no line is wider than 100 columns."""
PAGE = """\
embprof profiles embedding services: what it measures comes with an interval, and every run is kept.

  python -m embprof [overrides]             measure one job
  python -m embprof -m [overrides]          measure a sweep: every combination of the values
  python -m embprof experiment=NAME         measure a scenario, a file experiments/NAME.yaml

  python -m embprof -m batch_size=8,16,32,64,128,256 device=cpu,cuda

AXES: values to set, or to sweep with -m (key=a,b,c or key=range(8,65,8))
  device=cpu|cuda|cuda:N|mps                where it runs; a device that is not there is skipped
  batch_size=32                             texts in one forward pass
  text_length=128                           characters of each text; own; lognormal:128:0.5
  texts_per_call=null                       texts in one timed call; null is one batch
  iterations=null                           timed calls; null measures until precise enough
  restarts=1  doubling=false                processes of each job; each with twice the calls
  truncation=null  normalize=true  threads=null  wait_policy=default|passive|active  seed=0
  prompt=null|query|document|"text: "       before each text; null is what the model does by itself
  truncate_dim=null                         the first numbers of a vector alone; null is all
  allocator=retain|default                  whether workers keep the memory they free
  workload.*=  measurement.*=               parameters of the option that was chosen
  database.dsn=null                         your own PostgreSQL; null starts one for the sweep
PROTOCOL: how precisely a job is answered (max_seconds=null is 20 s, or no bound with iterations=N)
  precision=0.02  max_seconds=null  slice_seconds=0.2  time_limit=900  memory_limit_mb=null
  warmup.iterations=3  warmup.seconds=0.5  warmup.max_seconds=15  isolation=auto|fork|fresh
  baseline=main|NAME|null  verdict.theta=0.01  verdict.delta=0.03  slower: > theta, same: < delta
  +targets.METRIC=N  +limits.METRIC=N       a figure that is wanted; one past its limit: exit code 1
SWEEP
  order=rounds|one_by_one                   a slice of each row in turn, or one after the other
  race.max_seconds=null  race.bound=0.05    all rows together; what is the same in practice
  race.alpha=0.01  race.objective=null      error of what is said; the figure (latency_p95_ms)
  strict=true                               what would be skipped is an error
  resume=last | resume=SWEEP_ID             run only what that sweep has not answered
  report=true                               leave a report of the sweep with its runs
  tracking.experiment=embprof               name of the MLflow experiment

GROUPS: group=option
{groups}
SCENARIOS: experiment=NAME (embprof scenarios says what each is to find out)
{scenarios}
COMMANDS
  embprof plan [-m] [overrides]             list the jobs, run none
  embprof scenarios                         the scenarios, and the question of each
  embprof list                              the sweeps that are stored here, newest first
  embprof show SWEEP | SWEEP/JOB            its table again, or one job in full
  embprof baseline set last                 name stored runs (also: list, unset, export, import)
  embprof report WHAT... [-o DIR]           what stored runs show: HTML, Markdown, JSON, advice
  embprof compare A B                       two stored sweeps, runs or baselines, row by row
  embprof gate [overrides] --a-ref main     is B slower? measures both sides afresh, in turn
  embprof parity A B                        the same answers from two models, backends, servers?
  embprof doctor                            how far this machine can be trusted, and what to mend
  embprof ui [--port N]                     open the runs in MLflow
  embprof sync                              log what a dead tracking server missed
  embprof --version | --help

COMPLETION  eval "$(embprof -sc install=bash)"   (or zsh; fish: embprof -sc install=fish | source)
EXIT CODES  0 done, 1 job failed, 2 wrong request, 3 slower or different, 4 unclear, 130 stopped
Every key is described in docs/reference/configuration.md.
"""


def main(_arguments: Sequence[str]) -> int:
    """Prints the page."""
    print(page())  # noqa: T201  (plain text: rich alone would double the time this takes)
    return 0


def page() -> str:
    """The page for the folder the user stands in."""
    groups = "".join(_group(group) for group in GROUPS)
    own = "".join(
        f"  {name:<17} {textwrap.shorten(question, TEXT, placeholder=' …')}\n"
        for name, question in scenarios.own().items()
    )
    ours = textwrap.fill(
        ", ".join(scenarios.ours()), WIDTH, initial_indent="  ", subsequent_indent="  "
    )
    return PAGE.format(groups=groups, scenarios=f"{own}{ours}\n").rstrip()


def _group(name: str) -> str:
    """Name and options, however many."""
    any_model = ["owner/name, ./folder"] if name in options.OF_MODELS else []
    unreadable = options.unreadable(name)
    readable = [option for option in options.names(name) if option not in unreadable]
    first, *rest = textwrap.wrap(", ".join([*readable, *any_model]), TEXT)
    for problem in unreadable.values():
        rest += textwrap.wrap(f"({problem})", TEXT)
    return "\n".join([f"  {name:<17} {first}", *(f"{'':<20}{line}" for line in rest), ""])
