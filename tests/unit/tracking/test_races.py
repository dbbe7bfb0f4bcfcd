"""The races of a sweep on disk: what is written is what is read."""

import dataclasses
import math
from pathlib import Path

from embprof.race import PairedRatio, Race, Standing
from embprof.tracking.races import (
    RACES,
    add_race,
    each_once,
    race_of,
    read_races,
    standing_digest,
    standing_of,
)


def race(seed: str = "one") -> Race:
    pair = PairedRatio(
        a="s/0",
        b="s/1",
        ratio=1.25,
        low=1.2,
        high=1.3,
        sure_low=1.16,
        sure_high=1.35,
        word="slower",
        rounds=20,
    )
    standings = (
        Standing(run="s/0", word="fastest", rank=1, ratio=1.0, low=1.0, high=1.0, rounds=20),
        Standing(run="s/1", word="slower", rank=2, ratio=1.25, low=1.2, high=1.3, rounds=20),
    )
    return Race(
        figure="throughput_texts_per_s",
        leader="s/0",
        standings=standings,
        pairs=(pair,),
        rounds=20,
        seconds=30.0,
        alpha=0.01,
        bound=0.05,
        theta=0.01,
        seed=seed,
    )


def test_races_are_read_as_they_were_written_one_after_the_other(tmp_path: Path) -> None:
    assert read_races(tmp_path) == ()
    add_race(tmp_path, race())
    assert read_races(tmp_path) == (race(),)
    add_race(tmp_path, race("another"))
    assert read_races(tmp_path) == (race(), race("another"))


def test_a_pair_is_found_from_either_row() -> None:
    pair, turned = race().pair("s/0", "s/1"), race().pair("s/1", "s/0")
    assert pair is not None
    assert turned is not None
    assert (pair.word, turned.word) == ("slower", "faster")
    assert turned.ratio == 1 / 1.25
    assert turned.sure_low == 1 / 1.35
    assert turned.turned() == pair
    assert race().pair("s/0", "s/2") is None


def test_a_run_has_the_newest_race_that_it_was_in(tmp_path: Path) -> None:
    sweep = tmp_path / "s"
    (sweep / "resumed-1" / "1").mkdir(parents=True)
    assert race_of("s/0", sweep / "0") is None
    add_race(sweep, race())
    add_race(sweep, race("another"))
    assert race_of("s/0", sweep / "0") == race("another")
    assert race_of("s/0", sweep / "resumed-1" / "1") == race("another")
    assert race_of("s/2", sweep / "2") is None
    assert race_of("t/0", sweep / "0") is None
    standing = standing_of("s/1", sweep)
    assert standing is not None
    assert standing.rank == 2
    assert standing_of("s/2", sweep) is None
    assert each_once([race(), None, race("another")]) == [race("another")]


def test_a_digest_tells_one_standing_from_another() -> None:
    first, second = race().standings
    assert standing_digest(first) == standing_digest(race("another").standings[0])
    assert standing_digest(first) != standing_digest(second)


def test_nothing_known_turned_is_still_nothing_known() -> None:
    (pair,) = race().pairs
    unknown = dataclasses.replace(pair, sure_low=0.0, sure_high=math.inf, word="open")
    assert (unknown.turned().sure_low, unknown.turned().sure_high) == (0.0, math.inf)


def test_a_pair_of_which_nothing_is_known_is_kept_as_json_has_it(tmp_path: Path) -> None:
    known = race()
    unknown = dataclasses.replace(known.pairs[0], sure_low=0.0, sure_high=math.inf, word="open")
    kept = dataclasses.replace(known, pairs=(unknown,))
    add_race(tmp_path, kept)
    assert "Infinity" not in (tmp_path / RACES).read_text()
    assert read_races(tmp_path) == (kept,)
