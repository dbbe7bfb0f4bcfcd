"""The tree of calls on the page: what is between everything is left out, no time is lost."""

from pyinstrument.frame import Frame

from embprof.measurements.profile import measurement
from embprof.measurements.profile.profilers.call_tree import without_glue


def frame(name: str, seconds: float, *children: Frame, file: str = "/lib/a.py") -> Frame:
    return Frame(f"{name}\x00{file}\x001", children=list(children), time=seconds)


def names(tree: Frame | None) -> list[object]:
    return [] if tree is None else [tree.function, *(names(child) for child in tree.children)]


def test_glue_and_the_profiling_itself_are_left_out_and_their_time_is_not() -> None:
    layer = frame("_call_impl", 3.0, frame("forward", 3.0))
    layer.absorbed_time = 1.0
    layer.time = 4.0
    step = frame("step", 5.0, frame("_wrapped_call_impl", 4.0, layer), frame("tidy", 1.0))
    tree = without_glue(frame("call", 5.0, step, file=measurement.__file__), options={})
    assert names(tree) == ["step", ["forward"], ["tidy"]]
    assert tree is not None
    assert tree.time == 5.0
    assert tree.absorbed_time == 1.0


def test_glue_that_calls_nothing_is_where_the_time_is() -> None:
    tree = without_glue(frame("step", 2.0, frame("wrapper", 2.0)), options={})
    assert names(tree) == ["step", ["wrapper"]]


def test_nothing_seen_is_no_tree() -> None:
    assert without_glue(None, options={}) is None
