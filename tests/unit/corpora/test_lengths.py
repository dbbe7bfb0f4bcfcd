"""Lengths of texts: fixed, lognormal, or their own."""

import math
import random
import statistics

import pytest

from embprof.corpora.lengths import Lengths


def draws(text_length: int | str, count: int, seed: int = 0) -> list[int]:
    lengths, rng = Lengths.parse(text_length), random.Random(seed)
    drawn = [lengths.draw(rng) for _ in range(count)]
    assert all(length is not None for length in drawn)
    return [length for length in drawn if length is not None]


def test_a_number_is_every_texts_length() -> None:
    assert set(draws(128, 10)) == {128}


def test_own_leaves_every_text_as_it_is() -> None:
    assert Lengths.parse("own").draw(random.Random(0)) is None


@pytest.mark.parametrize(("median", "sigma"), [(20, 0.2), (128, 0.5), (400, 1.0)])
def test_lognormal_lengths_have_the_median_and_the_spread_asked_for(
    median: int, sigma: float
) -> None:
    drawn = draws(f"lognormal:{median}:{sigma}", 5000)
    assert statistics.median(drawn) == pytest.approx(median, rel=0.06)
    spread = statistics.stdev(math.log(length) for length in drawn)
    assert spread == pytest.approx(sigma, rel=0.06)


def test_no_length_is_below_one() -> None:
    assert min(draws("lognormal:1:3", 500)) == 1


def test_the_same_seed_draws_the_same_lengths() -> None:
    assert draws("lognormal:50:0.5", 50, seed=3) == draws("lognormal:50:0.5", 50, seed=3)
    assert draws("lognormal:50:0.5", 50, seed=3) != draws("lognormal:50:0.5", 50, seed=4)


@pytest.mark.parametrize("wrong", ["uniform:1:2", "long", "lognormal:1", "lognormal:a:b"])
def test_anything_else_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Lengths.parse(wrong)
