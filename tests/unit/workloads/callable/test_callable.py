"""The user's own function as a workload: what it is called with, how often, and what is said."""

import sys
from collections.abc import Callable as Calls
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embprof.config.plan import plan
from embprof.corpora.synthetic import Synthetic
from embprof.errors import RequestError
from embprof.interface.workload import Imports, ImportsAsAsked, Prepares, Refuses
from embprof.measurements.load_time.measurement import imports_of
from embprof.measurements.throughput import Throughput
from embprof.testing import FakeClock
from embprof.workloads.callable import Callable
from embprof.workloads.callable.functions.inputs import Inputs

MODULE = '''
"""Notes what it is called with."""
from typing import Any

calls: list[Any] = []


def answer(limit, kind="a"):
    calls.append((limit, kind))


def embed(texts, width=1):
    calls.append((texts, width))


async def fetch():
    calls.append("awaited")


class Index:
    def __init__(self, size):
        calls.append(("made", size))

    def setup(self):
        calls.append("setup")

    def step(self, texts):
        calls.append(texts)

    async def teardown(self):
        calls.append("teardown")


class Bare:
    def step(self):
        calls.append("step")


def fails():
    raise LookupError("no luck")
'''
MakeCallable = Calls[..., Callable]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the functions of ``called_service`` were called with."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "called_service.py").write_text(MODULE)
    import called_service  # type: ignore[import-not-found]

    yield called_service.calls
    del sys.modules["called_service"]


def make(name: str, **changes: Any) -> Callable:
    given: dict[str, Any] = {
        "arguments": None,
        "items": None,
        "batch": None,
        "inputs": Inputs(values=None, path=None),
        "corpus": Synthetic(),
        "text_length": 12,
        "seed": 0,
    }
    return Callable(function=f"called_service:{name}", **{**given, **changes})


def test_a_function_is_called_with_its_arguments_once_a_step(calls: list[Any]) -> None:
    workload = make("answer", arguments={"limit": 3})
    workload.load()
    workload.prepare(2)
    assert calls == [], "loading and preparing call nothing"
    assert [workload.step(), workload.step()] == [1, 1]
    workload.close()
    assert calls == [(3, "a")] * 2
    assert workload.items == "calls"


def test_with_a_batch_it_gets_a_list_of_that_many_texts_new_each_time(calls: list[Any]) -> None:
    workload = make("embed", batch=4, arguments={"width": 9})
    workload.load()
    workload.prepare(2)
    assert [workload.step() for _ in range(3)] == [4, 4, 4], "the third was not made ahead"
    texts = [text for batch, width in calls for text in batch if width == 9]
    assert len(set(texts)) == 12
    assert {len(text) for text in texts} == {12}
    assert workload.items == "items"


def test_items_of_the_users_own_are_handed_over_instead(calls: list[Any]) -> None:
    workload = make("embed", batch=2, inputs=Inputs(values=["x", "y"], path=None), items="queries")
    workload.load()
    workload.step()
    ((batch, _),) = calls
    assert sorted(batch) == ["x", "y"]
    assert workload.items == "queries"


def test_a_class_is_made_once_set_up_called_and_torn_down(calls: list[Any]) -> None:
    workload = make("Index", arguments={"size": 5}, batch=1, inputs=Inputs(values=["x"], path=None))
    workload.load()
    assert calls == [("made", 5), "setup"]
    workload.step()
    workload.step()
    workload.close()
    assert calls[2:] == [["x"], ["x"], "teardown"]


def test_setup_and_teardown_may_be_left_out(calls: list[Any]) -> None:
    workload = make("Bare")
    workload.load()
    assert workload.step() == 1
    workload.close()
    assert calls == ["step"]


def test_an_async_function_has_run_when_a_step_is_over(calls: list[Any]) -> None:
    workload = make("fetch")
    workload.load()
    workload.step()
    assert calls == ["awaited"]
    workload.close()


@pytest.mark.usefixtures("calls")
def test_the_functions_own_error_is_what_a_step_raises() -> None:
    workload = make("fails")
    workload.load()
    with pytest.raises(LookupError, match="no luck"):
        workload.step()


@pytest.mark.usefixtures("calls")
def test_arguments_that_do_not_fit_are_told_when_it_is_loaded() -> None:
    with pytest.raises(TypeError, match=r"answer\(\) needs limit"):
        make("answer").load()
    with pytest.raises(TypeError, match=r"Index\(\) needs size"):
        make("Index", batch=1).load()


@pytest.mark.usefixtures("calls")
def test_a_measurement_reads_its_calls_and_items() -> None:
    workload = make("embed", batch=3)
    workload.load()
    assert isinstance(workload, Prepares)
    clock = FakeClock()
    measurement = Throughput(clock=clock, cpu_clock=clock)
    measurement.open(workload)
    first = measurement.observe(5)[0]
    assert (first.name, first.items) == ("call_time", (3,) * 5)


def test_what_it_imports_is_told_without_importing_it() -> None:
    node = {"_target_": "embprof.workloads.callable.Callable", "function": "not_here.at_all:f"}
    assert imports_of(node) == ("not_here.at_all",)
    assert isinstance(Callable, ImportsAsAsked | Refuses)
    assert not isinstance(Callable, Imports)
    made = make("answer")
    assert isinstance(made, Imports)
    assert made.imports == ("called_service",)


def problems(*words: str) -> list[str]:
    try:
        plan(["workload=callable", *words])
    except RequestError as error:
        return list(error.problems)
    return []


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the module, which fails where it is imported."""
    (tmp_path / "planned_service.py").write_text(f"{MODULE}\nraise AssertionError\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)


F = "workload.function=planned_service"


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "workload.function: must be given"),
        (("workload.function=planned_service.answer",), "write planned_service:answer"),
        ((f"{F}:anser",), f"{F}:anser: planned_service has no anser, did you mean"),
        ((f"{F}:answer",), "workload.arguments.limit: answer() needs limit"),
        (
            (f"{F}:answer", "workload.arguments={limt: 1, limit: 1}"),
            "workload.arguments.limt: answer() takes no limt, did you mean limit?",
        ),
        ((f"{F}:answer", "workload.arguments=[1]"), "must be a mapping of arguments by name"),
        ((f"{F}:answer", "workload.arguments={a-b: 1}"), "must be a mapping of arguments by name"),
        ((f"{F}:fetch", "workload.batch=4"), f"{F}:fetch: fetch() has no parameter for the list"),
        ((f"{F}:embed", "workload.batch=0"), "workload.batch=0: must be at least 1"),
        ((f"{F}:Bare", "workload.batch=4"), "Bare.step() has no parameter for the list"),
        (
            (f"{F}:fetch", "workload.items=Big calls"),
            "workload.items=Big calls: must be a word in small letters",
        ),
        ((f"{F}:fetch", "workload.inputs.values=[1]"), "add workload.batch=1, or more"),
        (
            (f"{F}:embed", "workload.batch=1", "workload.inputs.path=none.jsonl"),
            "workload.inputs.path=none.jsonl: there is no such file",
        ),
        (
            (f"{F}:embed", "workload.batch=1", "corpus.unit=tokens"),
            "corpus.unit=tokens: a function of your own has no tokenizer",
        ),
    ],
)
def test_what_can_be_told_is_told_before_the_first_job(words: tuple[str, ...], said: str) -> None:
    found = problems(*words)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    "words",
    [
        (f"{F}:fetch",),
        (f"{F}:answer", "workload.arguments={limit: 1}"),
        (f"{F}:answer", "+workload.arguments.limit=1"),
        (f"{F}:embed", "workload.batch=${batch_size}"),
        (f"{F}:Index", "workload.batch=2", "workload.arguments={size: {model: {any: thing}}}"),
        ("workload.function=not_here:f", "against.a_ref=v1", "against.b_ref=v2"),
        ("workload.function=not_here:f", "against.a_python=a", "against.b_python=b"),
    ],
)
def test_a_request_that_can_be_answered_is_not_refused(words: tuple[str, ...]) -> None:
    assert problems(*words) == []


@pytest.mark.usefixtures("_here")
def test_one_arm_from_elsewhere_leaves_the_other_to_be_looked_at() -> None:
    assert len(problems("workload.function=not_here:f", "against.a_ref=v1")) == 1


@pytest.mark.usefixtures("_here")
def test_other_items_make_another_environment(tmp_path: Path) -> None:
    words = (
        "workload=callable",
        f"{F}:embed",
        "workload.batch=1",
        "workload.inputs.path=requests.jsonl",
    )

    def environment(text: str) -> str:
        (tmp_path / "requests.jsonl").write_text(text)
        return plan(words).jobs[0].environment

    assert environment('"a"') == environment('"a"\n') != environment('"b"')


def test_a_sweep_over_arguments_asks_questions_of_its_own() -> None:
    words = ("workload=callable", "workload.function=embprof.examples.heavy_search:HeavySearch")
    jobs = plan([*words, "+workload.arguments.vectors=10,20"], multirun=True).jobs
    assert [job.config["workload"]["arguments"] for job in jobs] == [
        {"vectors": 10},
        {"vectors": 20},
    ]
    assert len({job.key for job in jobs}) == 2
