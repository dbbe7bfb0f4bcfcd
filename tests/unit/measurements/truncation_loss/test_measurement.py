"""What cutting costs a made-up encoder whose embeddings are the mean of its words' vectors."""

import functools
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.interface.figures import figures
from embprof.measurements.truncation_loss import TruncationLoss
from embprof.measurements.truncation_loss import figures as conclusion
from embprof.model import Figure, Samples, Slice
from embprof.testing import FakeClock

OWN_LIMIT = 12
TOPICS = 40
FILLER = "of the and with for from"


@dataclass(kw_only=True)
class Encoder:
    """Two special tokens and one a word; ``noise`` is added to all embeddings but those alone."""

    corpus: Sequence[str]
    truncation: int | None = None
    noise: float = 0.0
    items: str = "texts"
    embedded: list[tuple[int, int]] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    def load(self) -> None:
        pass

    def step(self) -> int:
        return 1

    def close(self) -> None:
        pass

    def limits(self) -> tuple[int, int]:
        return OWN_LIMIT, self.truncation or OWN_LIMIT

    def sample(self, count: int) -> Sequence[str]:
        return self.corpus[:count]

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [2 + len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        self.embedded.append((len(texts), limit))
        self.clock.advance(0.5)
        means = [np.mean([_word(w) for w in text.split()[: limit - 2]], axis=0) for text in texts]
        noise = self.noise if len(texts) > 1 else 0.0
        rng = np.random.default_rng(0)
        return np.asarray(means + noise * rng.normal(size=(len(texts), 32)), dtype=np.float32)


@functools.cache
def _word(word: str) -> NDArray[np.float64]:
    return np.random.default_rng(zlib.crc32(word.encode())).normal(size=32)


def _pairs() -> list[str]:
    """Two texts a topic: the word that makes them neighbours comes last."""
    return [f"{name}{n} {FILLER} topic{n}" for n in range(TOPICS) for name in ("a", "b")]


def _observe(
    encoder: Encoder, passes: int = 1, texts: int = 1000
) -> tuple[TruncationLoss, dict[str, Samples]]:
    measurement = TruncationLoss(texts=texts, clock=encoder.clock)
    measurement.open(encoder)
    return measurement, {one.name: one for one in measurement.observe(passes)}


def _figures(samples: dict[str, Samples]) -> dict[str, Figure]:
    piece = Slice(
        restart=0, warmup=False, started=0.0, seconds=1.0, samples=tuple(samples.values())
    )
    assert figures([piece], "texts", frozenset(conclusion.READ)) == (), (
        "all figures are those of the conclusion"
    )
    return {figure.name: figure for figure in conclusion.conclude([piece]).figures}


def _value(figure: Figure) -> float:
    assert figure.estimate is not None
    return figure.estimate.value


def test_cutting_where_no_text_reaches_changes_nothing() -> None:
    encoder = Encoder(corpus=_pairs(), truncation=10)
    measurement, samples = _observe(encoder)
    assert set(samples["cosine_to_full"].values) == {1.0}
    found = _figures(samples)
    assert _value(found["neighbour_changed_percent"]) == 0
    assert _value(found["neighbour_changed_mixed_percent"]) == 0
    assert _value(found["top10_kept_percent"]) == 100
    assert _value(found["texts_cut_percent"]) == 0
    assert _value(found["tokens_kept_percent"]) == 100
    (file,) = measurement.close()
    assert json.loads(file.read_text())["lost_most"] == []


def test_cutting_off_what_texts_are_about_changes_their_neighbours() -> None:
    encoder = Encoder(corpus=_pairs(), truncation=9)
    _, samples = _observe(encoder)
    found = _figures(samples)
    assert _value(found["texts_cut_percent"]) == 100
    assert _value(found["tokens_kept_percent"]) == pytest.approx(100 * 9 / 10)
    assert _value(found["neighbour_changed_percent"]) > 80
    assert _value(found["cosine_to_full"]) < 0.99
    assert _value(found["cosine_to_full_p05"]) < _value(found["cosine_to_full"])
    for name in ("cosine_to_full", "neighbour_changed_percent", "top10_kept_percent"):
        estimate = found[name].estimate
        assert estimate is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < estimate.value < estimate.high
        assert estimate.basis == "80 texts"


def test_an_old_index_and_one_made_anew_are_two_questions() -> None:
    short = [f"c{n} topic{n}" for n in range(TOPICS)]
    encoder = Encoder(corpus=[*_pairs(), *short], truncation=9)
    _, samples = _observe(encoder)
    values = [samples[n].values for n in ("neighbour_changed", "neighbour_changed_mixed")]
    assert values[0] != values[1]
    assert set(values[0]) | set(values[1]) <= {0.0, 1.0}


def test_texts_that_are_not_cut_are_not_embedded_again() -> None:
    short = [f"c{n} topic{n}" for n in range(TOPICS)]
    encoder = Encoder(corpus=[*_pairs(), *short], truncation=9, noise=0.1)
    _, samples = _observe(encoder)
    batches = [batch for batch in encoder.embedded if batch[0] > 1]
    assert batches == [(3 * TOPICS, OWN_LIMIT), (2 * TOPICS, 9)]
    assert samples["cosine_to_full"].values[2 * TOPICS :] == (1.0,) * TOPICS


def test_what_the_model_itself_cuts_is_no_loss_but_is_counted() -> None:
    encoder = Encoder(corpus=[f"{text} and {'more ' * 20}" for text in _pairs()])
    _, samples = _observe(encoder)
    found = _figures(samples)
    assert _value(found["cosine_to_full"]) == 1
    assert _value(found["texts_cut_percent"]) == 100
    assert _value(found["tokens_kept_percent"]) < 50


def test_the_first_reading_is_the_time_of_a_pass_and_a_second_pass_adds_no_evidence() -> None:
    encoder = Encoder(corpus=_pairs(), truncation=9)
    _, samples = _observe(encoder, passes=2)
    assert next(iter(samples)) == "pass_time"
    assert samples["pass_time"].values == (1.0, 1.0)
    assert samples["pass_time"].items == (80, 80)
    assert len(samples["cosine_to_full"].values) == 80


def test_the_first_pass_that_counts_is_the_one_that_is_concluded_from() -> None:
    _, samples = _observe(Encoder(corpus=_pairs(), truncation=9))
    one = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=tuple(samples.values()))
    once, twice = conclusion.conclude([one]), conclusion.conclude([one, one])
    assert once == twice


def test_noise_is_measured_and_told_apart_from_loss() -> None:
    quiet, _ = _observe(Encoder(corpus=_pairs(), truncation=9))
    noisy, _ = _observe(Encoder(corpus=_pairs(), truncation=9, noise=0.5))
    assert quiet.description()["repeated_cosine_min"] == pytest.approx(1.0)
    assert quiet.description()["repeated_neighbours_changed"] == 0
    assert float(str(noisy.description()["repeated_cosine_min"])) < 0.95
    assert int(str(noisy.description()["repeated_neighbours_changed"])) > 0
    assert noisy.description()["texts"] == 80
    assert noisy.description()["cut_at_tokens"] == 9


def test_the_texts_that_lost_most_are_listed_with_their_neighbours() -> None:
    measurement, samples = _observe(Encoder(corpus=_pairs(), truncation=9))
    (file,) = measurement.close()
    document = json.loads(file.read_text())
    assert file.name == "truncation_loss.json"
    assert (document["cut_at_tokens"], document["full_at_tokens"]) == (9, OWN_LIMIT)
    lost = document["lost_most"]
    assert len(lost) == 20
    assert lost[0]["cosine_to_full"] == pytest.approx(
        min(samples["cosine_to_full"].values), abs=1e-6
    )
    own = lost[0]["text"].split()[-1]
    assert lost[0]["nearest_in_full"].endswith(own)


def test_no_more_texts_are_compared_than_asked_for() -> None:
    _, samples = _observe(Encoder(corpus=_pairs(), truncation=9), texts=30)
    assert len(samples["cosine_to_full"].values) == 30
    found = _figures(samples)["cosine_to_full_p05"]
    assert (found.estimate, found.note) == (None, "n/a (72 texts needed)")


def test_too_few_texts_have_no_neighbours_worth_the_name() -> None:
    with pytest.raises(ValueError, match="has 7 distinct texts; neighbours need 20 at least"):
        TruncationLoss().open(Encoder(corpus=_pairs()[:7]))


def test_a_cut_beyond_the_models_own_limit_cuts_nothing() -> None:
    with pytest.raises(ValueError, match=r"truncation=13: .* its own limit is 12 tokens"):
        TruncationLoss().open(Encoder(corpus=_pairs(), truncation=13))


def test_a_workload_that_cuts_no_texts_is_told() -> None:
    @dataclass
    class Nap:
        items: str = "naps"

        def load(self) -> None: ...

        def step(self) -> int:
            return 1

        def close(self) -> None: ...

    with pytest.raises(TypeError, match="Nap cuts no texts"):
        TruncationLoss().open(Nap())
