"""What may be asked of prompts and dimensions, and that not to ask is what was asked before."""

from dataclasses import replace

import pytest

from embprof.config.plan import key, plan
from embprof.config.question import question
from embprof.errors import RequestError
from tests.unit.conftest import MakeAnswer

LATER = ("prompt", "truncate_dim", "document_prompt")


def problems_of(*words: str) -> tuple[str, ...]:
    with pytest.raises(RequestError) as caught:
        plan(list(words))
    return caught.value.problems


def without(node: dict[str, object]) -> dict[str, object]:
    """The configuration as it was before there were such keys."""
    return {
        name: without(value) if isinstance(value, dict) else value
        for name, value in node.items()
        if name not in LATER
    }


@pytest.mark.parametrize("words", [(), ("workload=vector_search",), ("workload=pipeline",)])
def test_jobs_that_ask_for_neither_have_the_key_they_had(words: tuple[str, ...]) -> None:
    (job,) = plan(list(words)).jobs
    assert job.config["prompt"] is None
    assert key(without(dict(job.config))) == job.key


@pytest.mark.parametrize("asked", ["prompt=query: ", "prompt=", "truncate_dim=64"])
def test_each_value_is_a_question_of_its_own(asked: str) -> None:
    (job,), (plain,) = plan([asked]).jobs, plan([]).jobs
    assert job.key != plain.key
    assert job.environment == plain.environment


def test_a_run_stored_before_asks_what_one_that_asks_for_neither_does(answer: MakeAnswer) -> None:
    run = answer("workload=vector_search").run
    assert question(replace(run, config=without(dict(run.config)))) == question(run)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prompt=qurey",), "prompt=qurey: sentence-transformers/all-MiniLM-L6-v2 has no prompts"),
        (("truncate_dim=385",), "truncate_dim=385: sentence-transformers/all-MiniLM-L6-v2 gives"),
        (("truncate_dim=0",), "truncate_dim=0: must be at least 1"),
        (("prompt=7",), "prompt=7: must be text"),
        (
            ("dimensions=64",),
            "dimensions=64: there is no key dimensions, did you mean",
        ),
        (("prefix=x",), "prefix=x: there is no key prefix, did you mean prompt"),
        (("workload=nli", "prompt=q: "), "prompt=q: : workload=nli puts no prompt before texts"),
        (("workload=sql", "truncate_dim=8"), "truncate_dim=8: workload=sql has no vectors"),
        (
            ("workload=http", "workload.url=http://localhost:1", "prompt=query"),
            "prompt=query: workload=http puts no prompt before texts",
        ),
        (
            ("workload=pipeline", "prompt=q: ", "workload.search.prompt=null"),
            "workload.search: claims are searched for among vectors of another kind",
        ),
        (
            ("workload=vector_search", "workload.document_prompt=passage"),
            "workload.document_prompt=passage: sentence-transformers/all-MiniLM-L6-v2 has no",
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_told_in_a_line_before_any_job(
    words: tuple[str, ...], said: str
) -> None:
    (problem,) = problems_of(*words)
    assert problem.startswith(said)
