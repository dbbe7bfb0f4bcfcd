"""The table of a comparison: its cells, its width, what is said below it."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from embprof.comparison.sets import Compared, compare
from embprof.model import Stored, StoredRuns
from embprof.report.comparisons import judgement, legend, markdown, results, some, title
from embprof.units import signed

MakeStored = Callable[..., Stored]
MakeCompared = Callable[..., Compared]


def shown(compared: Compared, width: int = 100) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(results(compared, width))
    return out.getvalue().rstrip("\n").split("\n")


def test_a_row_shows_both_values_the_change_its_interval_and_the_verdict(
    compared: MakeCompared,
) -> None:
    heading, _, first, second, *_ = shown(compared())
    assert heading.split() == [
        *("#", "batch", "A", "texts/s", "B", "texts/s", "change"),
        *("95", "%", "interval", "verdict", "detects"),
    ]
    assert first.split()[:6] == ["0", "8", "100", "80.0", "+25", "%"]
    assert "slower" in first
    assert " … +" in first
    assert "-20 %" in second
    assert "faster" in second


def test_a_row_that_failed_shows_what_there_is(compared: MakeCompared) -> None:
    assert shown(compared())[6].split() == ["4", "128", "1,600", "unclear"]


def test_an_incomparable_row_shows_the_values_and_the_change_without_an_interval(
    compared: MakeCompared,
) -> None:
    assert shown(compared())[7].split() == [
        "5",
        "256",
        "3,203",
        "6,400",
        "-50",
        "%",
        "incomparable",
    ]


def test_the_table_fits_a_hundred_columns_and_has_no_colours_there(compared: MakeCompared) -> None:
    lines = shown(compared())
    assert max(len(line.rstrip()) for line in lines) <= 100
    assert not any("…" in line.replace(" … ", "") for line in lines)
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize("width", [80, 72, 60, 50, 45, 40])
def test_what_does_not_fit_is_left_out_by_the_column_and_told(
    compared: MakeCompared, width: int
) -> None:
    lines = shown(compared(), width)
    assert max(len(line.rstrip()) for line in lines) <= width
    assert all(word in lines[0] for word in ("#", "batch", "change", "verdict"))
    assert not any("…" in line.replace(" … ", "") for line in lines)
    assert any(line.startswith("left out") for line in legend(compared(), width)) == (width < 80)


def test_the_legend_says_what_plus_means_and_where_the_noise_is_from(
    compared: MakeCompared,
) -> None:
    lines = legend(compared())
    assert lines[0] == (
        "change: of the time an item takes, the inverse of throughput_texts_per_s; + is slower"
    )
    assert lines[1] == (
        "slower, faster: by over 1.0 %, falsely in at most 1.0 %, 4 rows together; "
        "same: within 3.0 %"
    )
    assert "noise: the spread of 6 stored sessions" in lines


def test_the_legend_gives_the_reason_of_every_row_without_a_verdict(compared: MakeCompared) -> None:
    lines = legend(compared())
    assert "#4 unclear: B failed: it | <broke>" in lines
    assert "#5 incomparable: cpu_model: one / two" in lines
    assert "unclear: measure both sides again, in turn: embprof gate" in lines


def test_the_legend_says_what_else_differs(compared: MakeCompared) -> None:
    config = {"batch_size": 8, "backend": {"dtype": "float32"}, "max_seconds": 60, "seed": 1}
    lines = legend(compared(config=config))
    assert "environment: python 3.11 → 3.12" in lines
    assert any(line.startswith("measured otherwise: max_seconds 20 → 60") for line in lines)
    assert any(line.startswith("differs in some rows or row by row: ") for line in lines)


def test_the_mean_is_said_with_the_number_of_its_rows(compared: MakeCompared) -> None:
    (line,) = [line for line in legend(compared()) if line.startswith("geometric mean")]
    assert line == (
        "geometric mean of 4 rows: +0.4 % (no interval: rows of a session share its noise)"
    )


def test_what_only_one_side_has_is_named(stored: MakeStored) -> None:
    a = StoredRuns(name="a", sessions=(tuple(stored(number=n, session="a") for n in range(12)),))
    b = StoredRuns(name="b", sessions=((stored(session="b"),),))
    (line,) = [line for line in legend(compare(a, b)) if line.startswith("only in A")]
    assert line.startswith("only in A: batch_size=16; batch_size=32; ")
    assert line.endswith("… and 3 more")


def test_rows_of_different_questions_say_so(stored: MakeStored) -> None:
    a = StoredRuns(name="a", sessions=((stored(key="x", config={"device": "cpu"}),),))
    b = StoredRuns(name="b", sessions=((stored(key="y", session="b", config={"device": "mps"}),),))
    lines = legend(compare(a, b))
    assert "the questions are not the same" in lines
    assert "differs: device cpu → mps" in lines


def test_rows_of_several_figures_name_the_figure(stored: MakeStored) -> None:
    def side(name: str) -> StoredRuns:
        latency = stored(3.0, number=1, session=name, figure="latency_p50_ms", better="lower")
        return StoredRuns(name=name, sessions=((stored(session=name), latency),))

    found = compare(side("a"), side("b"))
    lines = shown(found)
    assert "figure" in lines[0]
    assert "latency_p50_ms" in lines[3]
    assert legend(found)[0].endswith("+ is worse")


def test_the_title_names_both_sides_and_their_sessions(compared: MakeCompared) -> None:
    assert title(compared()) == ["A: main, 6 sessions", "B: new, 6 runs"]


def test_a_name_in_brackets_is_no_markup(stored: MakeStored) -> None:
    sides = [
        StoredRuns(
            name=name,
            sessions=(
                tuple(
                    stored(number=n, session=name, config={"path": f"[red]{n}[/red]"})
                    for n in (0, 1)
                ),
            ),
        )
        for name in "ab"
    ]
    assert "[red]1[/red]" in shown(compare(*sides))[3]


def test_without_a_bound_nothing_is_judged(compared: MakeCompared) -> None:
    assert judgement(compared()) == []


def test_with_a_bound_rows_beyond_it_and_open_ones_are_named(compared: MakeCompared) -> None:
    beyond, undecided = judgement(compared(bound=0.05))
    assert beyond == "regression of more than 5.0 %: #0 (+25 %)"
    assert undecided == (
        "more than 5.0 % can be neither shown nor ruled out: #4, #5; "
        "measure both sides again, in turn: embprof gate"
    )


def test_with_a_bound_that_no_row_reaches_that_is_said(stored: MakeStored) -> None:
    side = StoredRuns(name="a", sessions=((stored(),),))
    assert judgement(compare(side, side, bound=0.05)) == ["no row is worse by more than 5.0 %"]


def test_markdown_holds_the_same_cells_and_the_legend(compared: MakeCompared) -> None:
    lines = markdown(compared(bound=0.05)).split("\n")
    assert lines[0] == "**A: main, 6 sessions**  "
    assert lines[3] == (
        "| # | batch | A texts/s | B texts/s | change | 95 % interval | verdict | detects |"
    )
    assert lines[4] == "|" + "---|" * 8
    assert lines[5].startswith("| 0 | 8 | 100 | 80.0 | +25 % | +24 … +26 % | slower | +")
    assert lines[12] == "- regression of more than 5.0 %: row 0 (+25 %)"
    assert "- row 4 unclear: B failed: it \\| &lt;broke&gt;" in lines


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.031, "+3.1 %"), (-0.25, "-25 %"), (0.0, "0.0 %"), (-0.0001, "0.0 %"), (11.0, "+1100 %")],
)
def test_a_change_has_its_sign(share: float, said: str) -> None:
    assert signed(share) == said


def test_a_long_list_is_cut_and_the_rest_counted() -> None:
    assert some(str(n) for n in range(1008)) == "0, 1, 2, 3, 4, 5, 6, 7, … and 1,000 more"
