from itertools import combinations

from embprof.parity import probes


def test_plain_texts_leave_every_other_habit_alone() -> None:
    for text in probes.PLAIN:
        assert text.isascii()
        assert text == text.lower() == " ".join(text.split())
        assert text.replace(" ", "").isalpha()


def test_plain_texts_are_as_long_in_words_and_not_in_letters() -> None:
    assert {len(text.split()) for text in probes.PLAIN} == {7, 8}
    letters = [len(text) for text in probes.PLAIN]
    assert max(letters) > 2 * min(letters)
    assert letters != sorted(letters)


def test_a_pair_differs_in_what_its_group_is_about_alone() -> None:
    pairs = {group.name: group.pairs for group in probes.GROUPS}
    assert all(a != b and a.lower() == b for a, b in pairs["case"])
    assert all(" ".join(a.split()) == b for a, b in pairs["white_space"])
    assert all(a.isascii() < b.isascii() and len(a) == len(b) for a, b in pairs["accents"])
    assert all(a.endswith(b) for a, b in pairs["beginning"])


def test_scripts_have_no_capitals_and_no_odd_blanks() -> None:
    for group in probes.SCRIPTS.values():
        for text in group:
            assert text == text.lower() == " ".join(text.split())


def test_texts_that_begin_alike_do_so_for_long() -> None:
    for a, b in probes.BEGINNINGS:
        assert a[:40] == b[:40]
        assert a != b


def test_a_tail_is_all_that_two_long_texts_differ_in() -> None:
    one, other = (probes.tailed(50, 10, which=which) for which in (0, 1))
    assert one.split()[:50] == other.split()[:50] == probes.words(50).split()
    assert not set(one.split()[50:]) & set(other.split()[50:])


def test_every_probe_is_there_once() -> None:
    every = probes.every()
    assert all(one != other for one, other in combinations(every, 2))
    assert "" in every
    assert 60 < len(every) < 150
