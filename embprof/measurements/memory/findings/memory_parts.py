"""What memory is made of, and how it grows with the size of calls."""

from collections.abc import Iterator, Mapping

from embprof.config import subject
from embprof.config.question import ARGUMENTS, arguments
from embprof.interface.account import Rule
from embprof.interface.finding import Finding
from embprof.report import phrases
from embprof.report.change import change
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Series, Study
from embprof.units import number, percent

PEAK = "peak_rss_mb"
PARTS: Mapping[str, str] = {
    "component_runtime_mb": "libraries",
    "component_weights_mb": "weights",
    "component_activations_mb": "what calls need",
    "component_tokenizer_mb": "the tokeniser",
    "phase_harness_mb": "the interpreter and embprof",
    "component_other_mb": "the rest",
}
SIZES = ("batch_size", "text_length")


def find(study: Study) -> Iterator[Finding]:
    """The parts of the run with the highest peak; the growth along each series of sizes."""
    peaks = [answer for answer in study.of("memory") if answer.value(PEAK) is not None]
    if peaks:
        highest = max(peaks, key=lambda answer: answer.value(PEAK) or 0.0)
        sizes = {name: mb for part, name in PARTS.items() if (mb := highest.value(part))}
        if sizes:
            yield _parts(highest, sizes)
    for axis in (*SIZES, *arguments(peaks)):
        for series in study.series(axis, "memory"):
            found = _growth(series)
            if found is not None:
                yield found


def _parts(answer: Answer, sizes: Mapping[str, float]) -> Finding:
    peak = answer.value(PEAK) or 0.0
    ordered = sorted(sizes, key=lambda name: -sizes[name])
    setting = subject.setting(answer.run.config, "batch_size", "text_length")
    largest = " and ".join(f"{sizes[name]:,.0f} MB are {name}" for name in ordered[:2])
    return fact(
        f"Of a peak of {peak:,.0f} MB ({setting}) {largest}",
        [
            f"{answer.label}: {name} {sizes[name]:,.0f} MB, {percent(sizes[name] / peak)}"
            for name in ordered
        ],
        answer,
    )


def _growth(series: Series) -> Finding | None:
    """From the smallest to the largest size; None where it does not grow."""
    rows = [
        (size, answer, peak)
        for size, answer in zip(series.values, series.answers, strict=True)
        if isinstance(size, int) and (peak := answer.value(PEAK)) is not None
    ]
    if len(rows) < 2 or rows[-1][2] <= rows[0][2]:  # noqa: PLR2004
        return None
    (small, first, low), (large, last, high) = rows[0], rows[-1]
    found = change(first, last, PEAK)
    if found is not None and found.ratio.low is not None and not found.is_distinct:
        return None
    each = (high - low) / (large - small)
    names = {"batch_size": "batches of ", "text_length": "texts of "}
    axis = series.axis.removeprefix(ARGUMENTS)
    what = names.get(axis, f"{axis}=")
    return fact(
        f"Peak memory grows from {low:,.0f} MB with {what}{small} to {high:,.0f} MB with "
        f"{what}{large}{phrases.of(series)}",
        (
            *(f"{phrases.label(answer, size)}: peak {peak:,.0f} MB" for size, answer, peak in rows),
            f"{number(each)} MB more for each more in {axis}, from the first to the last",
        ),
        [answer for _, answer, _ in rows],
        axes=(series.axis,),
    )


RULE = Rule(name="memory_parts", find=find, headline=240)
