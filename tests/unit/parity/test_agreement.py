import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.parity.agreement import Agreement, agreement, figures, samples

Array = NDArray[np.float64]


def vectors(texts: int, dimensions: int = 32, seed: int = 0) -> Array:
    """Clouds of texts around themes, as a corpus is."""
    drawn = np.random.default_rng(seed)
    themes = drawn.normal(size=(max(1, texts // 10), dimensions))
    return themes[drawn.integers(len(themes), size=texts)] + drawn.normal(size=(texts, dimensions))


def noisy(those: Array, size: float, seed: int = 1) -> Array:
    noise = np.random.default_rng(seed).normal(size=those.shape)
    return np.asarray(those + size * noise)


def means(found: Agreement) -> tuple[float, ...]:
    assert found.cosine is not None
    assert found.ranks is not None
    every = (found.cosine, found.nearest, found.top10, found.ranks)
    return tuple(float(one.mean()) for one in every)


@pytest.mark.parametrize("texts", [3, 11, 12, 300, 700])
def test_identical_vectors_agree_exactly(texts: int) -> None:
    found = agreement(vectors(texts), vectors(texts))
    assert means(found) == (1.0, 1.0, 1.0, 1.0)


def test_two_texts_are_enough_but_for_an_order() -> None:
    found = agreement(vectors(2), vectors(2))
    assert found.nearest.tolist() == [1.0, 1.0]
    assert found.top10.tolist() == [1.0, 1.0]
    assert found.ranks is None
    assert {one.name: one.note for one in figures(found)}["rank_correlation"] == "n/a (n<3)"


def test_lengths_do_not_count() -> None:
    those = vectors(200)
    lengths = np.random.default_rng(2).uniform(0.1, 10, size=(200, 1))
    assert means(agreement(those, those * lengths)) == pytest.approx((1, 1, 1, 1), abs=1e-6)


def test_a_rotation_keeps_neighbours_and_no_cosine() -> None:
    those = vectors(300)
    rotation, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(32, 32)))
    cosine, *others = means(agreement(those, those @ rotation))
    assert others == pytest.approx([1, 1, 1], abs=1e-6)
    assert cosine < 0.5


def test_more_noise_keeps_less() -> None:
    those = vectors(300)
    found = [means(agreement(those, noisy(those, size))) for size in (0.0, 0.05, 0.2, 0.5, 1.0)]
    for of_one_figure in zip(*found, strict=True):
        assert list(of_one_figure) == sorted(of_one_figure, reverse=True)
        assert len(set(of_one_figure)) == len(found)


def test_a_cosine_is_that_of_the_angle() -> None:
    found = agreement(np.eye(2), np.array([[1.0, 1.0], [0.0, -2.0]]))
    assert found.cosine == pytest.approx([np.sqrt(0.5), -1.0])


def test_other_dimensions_have_no_cosine_but_neighbours() -> None:
    those = vectors(400)
    found = agreement(those, np.hstack([those, np.zeros((400, 8))]))
    assert found.cosine is None
    assert (found.nearest.mean(), found.top10.mean()) == (1.0, 1.0)
    notes = {one.name: one.note for one in figures(found) if one.estimate is None}
    assert notes == dict.fromkeys(
        ["cosine_mean", "cosine_p01", "cosine_min"], "n/a (other dimensions)"
    )


@pytest.mark.parametrize("copies", [2, 5, 15, 30])
def test_texts_that_repeat_lose_nothing_by_rounding(copies: int) -> None:
    those = np.repeat(vectors(40), copies, axis=0)
    found = agreement(those, noisy(those, 3e-7))
    assert found.nearest.min() == 1.0
    assert found.top10.min() == 1.0
    assert found.ranks is not None
    assert found.ranks.min() > 0.999


def test_a_tie_that_is_broken_by_more_than_rounding_is_right_either_way() -> None:
    those = np.repeat(vectors(40), 2, axis=0)
    found = agreement(those, noisy(those, 1e-3))
    assert found.nearest.min() == 1.0


def test_ties_at_the_tenth_place_do_not_make_up_for_what_is_lost() -> None:
    """Nine nearest and many for the tenth place; who takes up ten of these has kept one."""
    angles = np.array([0.0, *[0.1 + 0.01 * n for n in range(9)], *[0.5] * 20])
    before = np.column_stack([np.cos(angles), np.sin(angles)])
    moved = np.where((angles > 0) & (angles < 0.5), 2.0, angles)
    after = np.column_stack([np.cos(moved), np.sin(moved)])
    assert agreement(before, after).top10[0] == pytest.approx(0.1)


def test_the_share_of_ten_is_that_of_an_exact_search() -> None:
    before, after = vectors(200), noisy(vectors(200), 0.5)

    def tens(those: Array) -> list[set[int]]:
        unit = those / np.linalg.norm(those, axis=1, keepdims=True)
        similar = unit @ unit.T
        np.fill_diagonal(similar, -np.inf)
        return [set(row[:10]) for row in np.argsort(-similar, axis=1).tolist()]

    expected = [len(a & b) / 10 for a, b in zip(tens(before), tens(after), strict=True)]
    assert agreement(before, after).top10.tolist() == pytest.approx(expected)


def test_ranks_correlate_as_scipy_says() -> None:
    from scipy.stats import spearmanr

    before, after = vectors(60), noisy(vectors(60), 0.5)
    found = agreement(before, after).ranks
    assert found is not None

    def others(those: Array, row: int) -> Array:
        unit = those / np.linalg.norm(those, axis=1, keepdims=True)
        return np.delete(unit @ unit[row], row)

    expected = [spearmanr(others(before, n), others(after, n)).statistic for n in range(60)]
    assert found.tolist() == pytest.approx(expected, abs=1e-4)


def test_vectors_that_are_all_the_same_have_no_order_to_correlate() -> None:
    flat = np.ones((20, 4))
    found = agreement(vectors(20, 4), flat)
    assert found.ranks is not None
    assert found.ranks.max() == 0.0
    both = agreement(flat, flat)
    assert both.ranks is not None
    assert both.ranks.min() == 1.0


@pytest.mark.parametrize(
    ("before", "after"),
    [(np.ones((1, 3)), np.ones((1, 3))), (np.ones((3, 3)), np.ones((4, 3)))],
)
def test_texts_must_be_two_and_as_many_on_both_sides(before: Array, after: Array) -> None:
    with pytest.raises(ValueError, match="need two of each"):
        agreement(before, after)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        agreement(np.full((3, 3), np.nan), np.ones((3, 3)))


def test_readings_are_one_a_text() -> None:
    found = samples(agreement(vectors(50), noisy(vectors(50), 0.3)))
    assert [(one.name, one.unit, len(one.values)) for one in found] == [
        ("cosine", "1", 50),
        ("nearest_kept", "%", 50),
        ("top10_kept", "%", 50),
        ("rank_correlation", "1", 50),
    ]
    assert {one.better for one in found} == {"higher"}


def test_figures_have_intervals_within_what_is_possible() -> None:
    found = figures(agreement(vectors(600), noisy(vectors(600), 0.2)))
    assert [one.name for one in found] == [
        *("cosine_mean", "cosine_p01", "cosine_min"),
        *("nearest_kept_percent", "top10_kept_percent", "rank_correlation"),
    ]
    for one in found:
        assert one.estimate is not None
        if one.name == "cosine_min":
            assert one.estimate.bounds is None
            continue
        assert one.estimate.bounds is not None
        low, high = one.estimate.bounds
        assert low <= one.estimate.value <= high <= (100 if one.unit == "%" else 1)


def test_a_first_percentile_takes_enough_texts() -> None:
    found = figures(agreement(vectors(367), noisy(vectors(367), 0.2)))
    assert found[1].note == "n/a (n<368)"


def test_intervals_cover_what_many_texts_say() -> None:
    """400 texts of 40,000: cosines of both kinds of error, most small and a few large."""
    drawn = np.random.default_rng(5)
    before = drawn.normal(size=(40_000, 16))
    sizes = np.exp(drawn.normal(-1.5, 0.8, size=(40_000, 1)))
    after = before + sizes * drawn.normal(size=before.shape)

    def cosines(rows: NDArray[np.int64]) -> Agreement:
        unit = [
            those[rows] / np.linalg.norm(those[rows], axis=1)[:, None] for those in (before, after)
        ]
        ones = np.ones(len(rows))
        return Agreement(cosine=np.einsum("nd,nd->n", *unit), nearest=ones, top10=ones, ranks=ones)

    truth = cosines(np.arange(40_000)).cosine
    assert truth is not None
    expected = {"cosine_mean": truth.mean(), "cosine_p01": np.quantile(truth, 0.01)}
    hits = dict.fromkeys(expected, 0)
    for _ in range(300):
        found = figures(cosines(drawn.choice(40_000, size=400, replace=False)))
        for one in found:
            if one.name in expected:
                assert one.estimate is not None
                assert one.estimate.bounds is not None
                low, high = one.estimate.bounds
                hits[one.name] += bool(low <= expected[one.name] <= high)
    assert min(hits.values()) >= 0.91 * 300


def test_intervals_of_neighbours_cover_what_as_many_other_texts_say() -> None:
    drawn = np.random.default_rng(6)
    found = []
    for _ in range(60):
        before = drawn.normal(size=(150, 6))
        after = before + 0.25 * drawn.normal(size=before.shape)
        found.append({one.name: one.estimate for one in figures(agreement(before, after))})
    for name in ("nearest_kept_percent", "top10_kept_percent", "rank_correlation"):
        estimates = [one for each in found if (one := each[name]) is not None]
        truth = float(np.mean([one.value for one in estimates]))
        bounds = [one.bounds for one in estimates if one.bounds is not None]
        assert sum(low <= truth <= high for low, high in bounds) >= 0.92 * 60, name
