"""``embprof gate``: how its options become overrides, and what it ends with."""

import random
from collections.abc import Sequence

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from embprof.commands import gate
from embprof.config.compose import compose
from embprof.config.quoting import literal
from embprof.config.references import resolve
from embprof.errors import RequestError

ODD = (
    *("", " ", "a", " a b ", "a,b", "a='b c'", '"', "'", "''", "\\", "\\\\", "\\'", "\\\\'", "'\\"),
    *("\n", "\\\n", "\t", "1.5", "1e5", "0123456", "-1", "null", "true", "[1,2]", "{a: 1}", "a=b"),
    *("${batch_size}", "x=${batch_size}", "\\${a}", "\\\\${a}", "${", "${${a}}", "$", "é 中", "#"),
    *("${a}\\", "'${a}'", "choice(1,2)", "range(1,3)", "~a", "+a=1", "@", "%", "a:b", "a=\\,b"),
)


def through_hydra(text: str) -> object:
    """What becomes of a text that is given as an override and resolved."""
    parsed = OverridesParser.create().parse_override(f"against.a={literal(text)}")
    assert not parsed.is_sweep_override()
    return OmegaConf.to_container(OmegaConf.create({"a": parsed.value()}), resolve=True)


def asked(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[list[str], bool]:
    """The overrides that a command line becomes, and whether it is a sweep."""
    found: list[tuple[list[str], bool]] = []

    def measure(overrides: Sequence[str], *, multirun: bool) -> int:
        found.append((list(overrides), multirun))
        return 3

    monkeypatch.setattr(gate, "measure", measure)
    assert gate.main(words) == 3, "the exit code is that of the measuring"
    return found[0]


@pytest.mark.parametrize("text", ODD)
def test_any_text_of_an_option_arrives_as_it_is(text: str) -> None:
    assert through_hydra(text) == {"a": text}


@pytest.mark.parametrize("seed", range(300))
def test_any_mixture_of_what_is_special_arrives_as_it_is(seed: int) -> None:
    drawn = random.Random(seed)
    text = "".join(drawn.choice("ab'\"\\${}=, \n[]()#:~+-1.") for _ in range(drawn.randrange(16)))
    assert through_hydra(text) == {"a": text}


@pytest.mark.parametrize("text", ["model.name='a b' x=${batch_size}", "\\${a} '${b}'\\", "1.0"])
def test_a_text_arrives_in_the_configuration_as_it_is(text: str) -> None:
    composition = compose([f"against.a={literal(text)}"])
    assert composition.problems == []
    assert resolve(composition.jobs[0].config)["against"]["a"] == text


def test_options_are_keys_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    overrides, multirun = asked(
        monkeypatch,
        *("batch_size=8", "--against", "main", "--a", "threads=1", "--b", "threads=2"),
        *("--a-ref", "v1.0", "--b-ref", "1234567", "--a-python", "../old", "--b-python", "~/new"),
        *("--seconds", "30", "--bound", "5%", "model=mpnet"),
    )
    assert overrides == [
        *("batch_size=8", "model=mpnet", "against.baseline='main'", "against.a='threads=1'"),
        *("against.b='threads=2'", "against.a_ref='v1.0'", "against.b_ref='1234567'"),
        *("against.a_python='../old'", "against.b_python='~/new'"),
        *("against.max_seconds=30.0", "verdict.delta=0.05"),
    ]
    assert not multirun


def test_what_is_not_given_is_left_to_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch) == ([], False)
    assert asked(monkeypatch, "-m", "batch_size=1,2") == (["batch_size=1,2"], True)


def test_an_empty_arm_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "--a", "") == (["against.a=''"], False)


@pytest.mark.parametrize(
    ("seconds", "override"),
    [("30", "30.0"), ("0.5", "0.5"), ("86399.5", "86399.5"), ("1e-9", "1e-09")],
)
def test_seconds_are_not_rounded(
    monkeypatch: pytest.MonkeyPatch, seconds: str, override: str
) -> None:
    overrides, _ = asked(monkeypatch, "--seconds", seconds)
    assert overrides == [f"against.max_seconds={override}"]


@pytest.mark.parametrize("bound", ["five", "-3%", "3%%", "nan", ""])
def test_a_bound_that_is_no_share_is_a_wrong_request(bound: str) -> None:
    with pytest.raises(RequestError, match=r"write a share, as 3% or 0\.03"):
        gate.main([f"--bound={bound}"])


@pytest.mark.parametrize(
    "words", [["--bogus"], ["--seconds", "long"], ["--a"], ["--a", "x=1", "--c", "x=2"]]
)
def test_options_that_it_does_not_take_end_with_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.main(words) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_says_how_to_name_arms_and_what_exit_codes_mean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert gate.main(["--help"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    for part in (
        "--against",
        "--a-ref",
        "--b-python",
        "--seconds",
        "--bound",
        "3 slower, 4 unclear",
    ):
        assert part in page
