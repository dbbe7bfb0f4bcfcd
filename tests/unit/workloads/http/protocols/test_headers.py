"""Keys come from variables, and are never quoted."""

import pytest

from embprof.workloads.http.protocols import headers

SECRET = "sk-1234567890"


def test_a_key_is_a_bearer_token_and_other_headers_are_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", f" {SECRET}\n")
    monkeypatch.setenv("TENANT", "seven")
    wanted = headers.from_variables("MY_KEY", {"X-Tenant": "TENANT"})
    assert list(headers.problems(wanted)) == []
    found = headers.read(wanted)
    assert found["Authorization"] == f"Bearer {SECRET}"
    assert found["X-Tenant"] == "seven"
    assert found["Content-Type"] == "application/json"
    assert SECRET not in repr(wanted)


def test_without_keys_there_are_the_usual_headers() -> None:
    assert headers.read(headers.from_variables(None, {})) == headers.ALWAYS


@pytest.mark.parametrize("content", [None, "", "  "])
def test_a_variable_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    if content is not None:
        monkeypatch.setenv("MY_KEY", content)
    (problem,) = headers.problems(headers.from_variables("MY_KEY", {}))
    assert problem.startswith("workload.api_key_env=MY_KEY: there is no such")


def test_a_value_that_could_be_no_header_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", f"{SECRET}\nX-Injected: 1")
    (problem,) = headers.problems(headers.from_variables("MY_KEY", {}))
    assert "characters that no header may have" in problem
    assert SECRET not in problem


def test_a_name_that_could_be_no_header_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT", "seven")
    (problem,) = headers.problems(headers.from_variables(None, {"X Tenant:": "TENANT"}))
    assert "is no name of a header" in problem
