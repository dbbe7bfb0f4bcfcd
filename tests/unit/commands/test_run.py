"""How ``embprof [overrides]`` reads its command line."""

import pytest

from embprof.commands.run import parse
from embprof.errors import RequestError


def test_overrides_and_flags_are_read_as_hydra_reads_them() -> None:
    asked = parse(["-m", "batch_size=8,16", "device=cpu"])
    assert asked.multirun
    assert asked.overrides == ["batch_size=8,16", "device=cpu"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--config-name", "mine"], "./conf/GROUP/NAME.yaml"),
        (["--config-path", "mine"], "./conf/GROUP/NAME.yaml"),
        (["--config-dir", "mine"], "./experiments/NAME.yaml"),
        (["--experimental-rerun", "x.pickle"], "resume=SWEEP_ID"),
    ],
)
def test_what_embprof_decides_itself_is_refused_with_what_to_do_instead(
    words: list[str], said: str
) -> None:
    with pytest.raises(RequestError) as caught:
        parse(words)
    assert said in str(caught.value)


def test_all_refusals_come_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        parse(["--config-dir", "x", "--experimental-rerun", "y"])
    assert len(caught.value.problems) == 2
