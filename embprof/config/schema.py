"""What every key means and which values it takes: the one schema of embprof's configuration.

The reference page and validation are made from these classes. They are inert: they
describe, and never probe a device, open a file or guess a type.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, StrictStr

from embprof.interface.network import Database, Model, Runtime
from embprof.interface.node import Node, Number, Plugin

MAX_BATCH_SIZE = 1_048_576
MAX_TEXT_LENGTH = 1_000_000
MAX_SIGMA = 3.0
MAX_PROMPT = 10_000
LOGNORMAL = re.compile(r"lognormal:(?P<median>\d+):(?P<sigma>\d+(\.\d+)?)")


def _device(value: str) -> str:
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", value):
        raise ValueError("must be cpu, cuda, cuda:N or mps")
    return value


def _text_length(value: object) -> object:
    if value == "own":
        return value
    if isinstance(value, str) and (parsed := LOGNORMAL.fullmatch(value)):
        if int(parsed["median"]) >= 1 and 0 < float(parsed["sigma"]) <= MAX_SIGMA:
            return value
    elif isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_TEXT_LENGTH:
        return value
    raise ValueError(
        f"must be from 1 to {MAX_TEXT_LENGTH}, own, or lognormal:MEDIAN:SIGMA (lognormal:128:0.5)"
    )


class Warmup(Node):
    """When measuring starts. Warm-up readings are kept, marked, and left out of every figure."""

    iterations: StrictInt = Field(ge=0, le=100_000, description="Calls at least.")
    seconds: Number = Field(ge=0, le=3600, description="Seconds at least.")
    max_seconds: Number = Field(
        gt=0,
        le=3600,
        description="Seconds after which measuring begins even if no steady state was reached; the "
        "run says so then.",
    )


class Bounds(Node):
    """What a verdict needs to be told: shares, 0.03 is 3 %."""

    theta: Number = Field(
        ge=0, lt=1, description="A change too small to care about: slower lies beyond it."
    )
    delta: Number = Field(
        gt=0, lt=1, description="The largest change that still passes for the same."
    )
    alpha: Number = Field(
        gt=0, le=0.2, description="How often a verdict slower or faster may be wrong."
    )


class Race(Node):
    """When rows that are measured in rounds are told apart, and how long they may take."""

    bound: Number = Field(
        gt=0, lt=1, description="Rows that differ by no more are the same for practical purposes."
    )
    alpha: Number = Field(
        gt=0, le=0.2, description="How often any word on any two rows may be wrong."
    )
    max_seconds: Number | None = Field(
        gt=0,
        le=86_400 * 7,
        description="Seconds of measuring that all rows of a race share; null is the sum of what "
        "each would take by itself.",
    )
    objective: StrictStr | None = Field(
        description="The figure that rows are compared in: null is the first (throughput where "
        "there is one), or latency_p50_ms, latency_p95_ms, latency_p99_ms."
    )


class Parity(Node):
    """What may be lost of the answers where a row's backend or type can change them."""

    texts: StrictInt = Field(
        ge=0,
        le=100_000,
        description="Distinct texts of the corpus whose vectors are compared with those of torch "
        "in float32, at most; 0 compares none.",
    )
    min_nearest_kept: Number | None = Field(
        ge=0, le=1, description="Least share of texts that keep their nearest neighbour."
    )
    min_top10_kept: Number | None = Field(
        ge=0, le=1, description="Least share that is kept of the ten nearest neighbours."
    )
    min_probes_cosine: Number | None = Field(
        ge=-1,
        le=1,
        description="Least cosine of an odd built-in text to the reference's: empty, one token, "
        "longer than the limit, another script, beside longer ones.",
    )
    labelled: StrictStr | None = Field(
        min_length=1,
        description="Labelled queries to search with, for nDCG@10 and recall@10: builtin, or a "
        "folder in the layout of BEIR (corpus.jsonl, queries.jsonl, qrels/test.tsv); null is none.",
    )
    max_ndcg10_loss: Number | None = Field(
        ge=0, le=1, description="Most that may be lost of the reference's nDCG@10 (0.02)."
    )


class Against(Node):
    """What a gate measures in turn; null throughout is no gate."""

    baseline: StrictStr | None = Field(
        description="Name of a baseline: arm A is the code it was measured with."
    )
    a: StrictStr | None = Field(description="Overrides of arm A, as on a command line.")
    b: StrictStr | None = Field(description="Overrides of arm B.")
    a_ref: StrictStr | None = Field(description="Git ref of the code that arm A imports.")
    b_ref: StrictStr | None = Field(description="Git ref of the code that arm B imports.")
    a_python: StrictStr | None = Field(description="Interpreter of arm A: another environment.")
    b_python: StrictStr | None = Field(description="Interpreter of arm B.")
    a_a: StrictBool = Field(
        description="Measures though nothing differs between the arms: an A/A trial."
    )
    max_seconds: Number | None = Field(
        gt=0,
        le=86_400,
        description="Seconds a row may take after its first loading; null is 180, less with more "
        "than 5 rows.",
    )
    pairs: StrictInt = Field(
        ge=8, le=1000, description="Pairs of restarts planned for a row; 24 suit three minutes."
    )


class Tracking(Node):
    """Where in MLflow runs are logged."""

    experiment: StrictStr = Field(min_length=1, description="Name of the MLflow experiment.")


class Scenario(Node):
    """One job, complete: every key that the command line, a scenario or a sweep may set."""

    question: StrictStr | None = Field(
        description="What the scenario is to find out, in a sentence."
    )

    device: Annotated[StrictStr, AfterValidator(_device)] = Field(
        description="cpu, cuda, cuda:N or mps. A device that is not there skips its jobs."
    )
    batch_size: StrictInt = Field(
        ge=1, le=MAX_BATCH_SIZE, description="Texts in one forward pass of the network."
    )
    text_length: Annotated[StrictInt | StrictStr, BeforeValidator(_text_length)] = Field(
        description="Length of each text in corpus.unit: a number, own (the corpus's own lengths) "
        "or lognormal:MEDIAN:SIGMA."
    )
    texts_per_call: StrictInt | None = Field(
        ge=1, le=10_000_000, description="Texts handed over in one timed call; null is one batch."
    )
    normalize: StrictBool = Field(description="Scale embeddings to length 1.")
    truncation: StrictInt | None = Field(
        ge=3,
        le=1_000_000,
        description="Cut inputs at this many tokens; null is the model's own limit.",
    )
    prompt: StrictStr | None = Field(
        max_length=MAX_PROMPT,
        description="What is put before each text: one of the model's own prompts by its name "
        "(query, document), or a text with a blank or a colon in it. null is what the model does "
        "by itself; empty (prompt=) puts nothing, whatever the model would.",
    )
    truncate_dim: StrictInt | None = Field(
        ge=1,
        le=100_000,
        description="Keep the first so many numbers of each embedding; null keeps all.",
    )
    threads: StrictInt | None = Field(
        ge=1,
        le=4096,
        description="Compute threads; null is OMP_NUM_THREADS, or one per CPU it may use.",
    )
    wait_policy: Literal["passive", "active", "default"] = Field(
        description="OMP_WAIT_POLICY of the worker: whether idle compute threads sleep or spin; "
        "default leaves it to the OpenMP runtime, as a service does that sets nothing."
    )
    allocator: Literal["retain", "default"] = Field(
        description="retain: freed memory stays with the process, so that no process is lucky or "
        "unlucky with page faults; default, and under memory_limit_mb: as the C library has it."
    )
    seed: StrictInt = Field(ge=0, lt=2**32, description="Seed of texts and random weights.")

    order: Literal["rounds", "one_by_one"] = Field(
        description="Rows that can be are measured in rounds, a slice of each in turn, so that "
        "they meet the same minutes; or one after the other."
    )
    restarts: StrictInt = Field(
        ge=1, le=1000, description="Processes the job is measured in, one after the other."
    )
    iterations: StrictInt | None = Field(
        ge=1,
        le=10_000_000,
        description="Measured calls in each restart, exactly, but for what a target or a limit "
        "needs; null measures until precise enough, or until rows in rounds are told apart.",
    )
    doubling: StrictBool = Field(
        description="Each restart measures twice the iterations of the one before it: what leaks "
        "grows with the calls, what fills a cache does not."
    )
    precision: Number = Field(
        gt=0,
        lt=1,
        description="Half-width of the throughput's interval at which a job by itself stops (0.02 "
        "is ± 2 %); rows in rounds stop when it is known how they stand.",
    )
    max_seconds: Number | None = Field(
        gt=0,
        le=86_400,
        description="Seconds of measuring at most, over all restarts; null is 20, or no "
        "bound where iterations is given. Rows in rounds share what each would have.",
    )
    slice_seconds: Number = Field(
        ge=0.01,
        le=60,
        description="Seconds of calls a worker makes without a word to the parent; in rounds 0.2 "
        "at least.",
    )
    warmup: Warmup = Field(description="When measuring starts.")

    isolation: Literal["auto", "fork", "fresh"] = Field(
        description="fork: workers from a server with imports done; fresh: an interpreter each; "
        "auto: what the measurement needs."
    )
    time_limit: Number = Field(
        gt=0, le=604_800, description="Seconds a job may take before its worker is ended."
    )
    memory_limit_mb: Number | None = Field(
        gt=0, description="Memory a worker may allocate, in MB; null sets no limit."
    )

    strict: StrictBool = Field(
        description="A device that is not there, or values that do not go together, are an error, "
        "not a skip."
    )
    resume: StrictStr | None = Field(
        description="last or a sweep's id: run only what that sweep has not answered yet."
    )
    report: StrictBool = Field(
        description="Make a report of the sweep at its end, and keep it with its runs."
    )
    tracking: Tracking = Field(description="Where in MLflow runs are logged.")
    database: Database = Field(description="Which PostgreSQL server is asked.")
    baseline: StrictStr | None = Field(
        description="Name of the baseline that jobs are compared with, if it has their question; "
        "null compares with none."
    )
    parity: Parity = Field(
        description="How answers are compared with the reference, and what may be lost."
    )
    race: Race = Field(description="How rows that are measured in rounds are told apart.")
    verdict: Bounds = Field(description="What a verdict needs to be told.")
    targets: dict[StrictStr, Number] = Field(
        description="Metric and the value it is to reach, at most or at least as the metric has "
        "it; a target that is missed is marked, and is no verdict."
    )
    limits: dict[StrictStr, Number] = Field(
        description="As targets, but one that is passed, or for which a run has no figure, is an "
        "alert: exit code 1."
    )
    against: Against = Field(description="What a gate measures in turn.")

    model: Model = Field(description="Which network embeds, with which weights.")
    cross_encoder: Model = Field(description="Which network judges pairs, with which weights.")
    corpus: Plugin = Field(description="Where texts come from.")
    backend: Runtime = Field(description="What runs the network.")
    workload: Plugin = Field(description="What is run.")
    measurement: Plugin = Field(description="How it is observed.")


def validate(config: dict[str, Any]) -> Scenario:
    """The validated configuration; raises pydantic's ValidationError with every problem in it."""
    return Scenario.model_validate(config)
