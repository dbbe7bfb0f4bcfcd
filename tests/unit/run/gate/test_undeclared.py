"""Arms may differ in what was declared, and in nothing else."""

import pytest

from embprof.run.gate.arms import Declared
from embprof.run.gate.undeclared import in_vain, undeclared

NOTHING = Declared(overrides=False, interpreter=False, code=False)
CODE = Declared(overrides=False, interpreter=False, code=True)
OVERRIDES = Declared(overrides=True, interpreter=False, code=False)
INTERPRETER = Declared(overrides=False, interpreter=True, code=False)
Seen = dict[str, set[tuple[str, object]]]


def facts(a: dict[str, object] | None = None, b: dict[str, object] | None = None) -> Seen:
    """What both arms ran, with what differs in one."""
    both = {"code": "c0de", "python": "3.11.7", "torch": "2.9", "scipy": None}
    return {"a": set({**both, **(a or {})}.items()), "b": set({**both, **(b or {})}.items())}


@pytest.mark.parametrize("declared", [NOTHING, CODE, OVERRIDES, INTERPRETER])
def test_arms_that_are_alike_can_be_compared_whatever_was_declared(declared: Declared) -> None:
    assert undeclared(facts(), declared, None, None) is None


@pytest.mark.parametrize("declared", [NOTHING, CODE, OVERRIDES])
@pytest.mark.parametrize("name", ["torch", "scipy", "python"])
def test_libraries_differ_only_where_an_interpreter_was_declared(
    declared: Declared, name: str
) -> None:
    seen = facts(b={name: "9.9"})
    assert undeclared(seen, declared, None, None) == f"the arms differ, undeclared, in {name}"
    assert undeclared(seen, INTERPRETER, None, None) is None


def test_all_libraries_that_differ_are_named() -> None:
    seen = facts(a={"torch": None}, b={"scipy": "1.17"})
    assert str(undeclared(seen, OVERRIDES, None, None)).endswith("in scipy, torch")


def test_code_may_not_differ_in_a_trial_of_equal_arms() -> None:
    seen = facts(b={"code": "other"})
    assert "different code" in str(undeclared(seen, NOTHING, None, None))


@pytest.mark.parametrize("declared", [CODE, OVERRIDES, INTERPRETER])
def test_code_may_differ_where_anything_was_declared(declared: Declared) -> None:
    """Overrides may choose another module; another environment may bring one."""
    assert undeclared(facts(b={"code": "other"}), declared, None, None) is None


@pytest.mark.parametrize("declared", [NOTHING, CODE, OVERRIDES, INTERPRETER])
@pytest.mark.parametrize(("arm", "name"), [("a", "code"), ("b", "code"), ("b", "torch")])
def test_what_changed_while_it_was_measured_voids_the_row(
    declared: Declared, arm: str, name: str
) -> None:
    seen = facts()
    seen[arm].add((name, "moved"))
    said = undeclared(seen, declared, None, None)
    assert said == f"{name} of arm {arm.upper()} changed while it was measured"


def test_a_baseline_is_gated_with_the_code_it_was_measured_with() -> None:
    assert undeclared(facts(), CODE, {"code_sha256": "c0de"}, "main") is None
    new = facts(b={"code": "new"})
    assert undeclared(new, CODE, {"code_sha256": "c0de"}, "main") is None


@pytest.mark.parametrize("stored", [{"code_sha256": "of a dirty tree"}, {}])
def test_code_of_a_baseline_that_is_in_no_commit_cannot_be_had(stored: dict[str, object]) -> None:
    said = str(undeclared(facts(), CODE, stored, "main"))
    assert "the code that main was measured with is no longer to be had" in said
    assert "set the baseline again from a clean commit" in said


def test_a_baseline_without_any_code_of_the_users_has_none_to_be_found() -> None:
    seen = facts(a={"code": None}, b={"code": None})
    assert undeclared(seen, NOTHING, {"items": "texts"}, "main") is None


def test_equal_code_is_worth_a_word_where_two_commits_were_declared() -> None:
    assert "the same code" in str(in_vain(facts(), CODE))
    none = facts(a={"code": None}, b={"code": None})
    assert "neither arm imported any code" in str(in_vain(none, CODE))


def test_code_that_differs_as_declared_or_was_not_declared_is_not() -> None:
    assert in_vain(facts(b={"code": "other"}), CODE) is None
    assert in_vain(facts(), OVERRIDES) is None
