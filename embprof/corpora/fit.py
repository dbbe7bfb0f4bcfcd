"""Cuts and joins pieces of text to an exact length, in characters or in tokens.

Characters are cut where the count says. Tokens cannot be: a word cut in two may become more tokens
or fewer than its parts. So whole words are taken while they fit, and up to three fillers of a
single token make up the rest. Where that would take more (a long word, a script without blanks),
the word that did not fit is cut between characters first: a text is never made of fillers. The
result is counted by the tokeniser itself before it is used.
"""

import bisect
from collections.abc import Iterator, Sequence

from embprof.corpora import CountTokens, Unit

FILLERS = ("a", "the", ".")
MOST_FILLERS = 3
"""So many at the end of a text of dozens of tokens change neither its time nor its meaning much."""


def fit(pieces: Iterator[str], length: int, unit: Unit, count_tokens: CountTokens) -> str:
    """Exactly ``length`` characters or tokens of the pieces."""
    if unit == "tokens":
        return fit_tokens(pieces, length, count_tokens)
    return fit_characters(pieces, length)


def shortest_text(unit: Unit, count_tokens: CountTokens) -> int:
    """The least length a text can have: one character, or one token beside the special ones."""
    return 1 if unit == "characters" else count_tokens("") + 1


def fit_characters(pieces: Iterator[str], length: int) -> str:
    """Exactly ``length`` characters of the pieces joined by blanks; never ends in a blank."""
    text = next(pieces)
    while len(text) < length:
        text = f"{text} {next(pieces)}"
    text = text[:length]
    return text if not text.endswith(" ") else f"{text[:-1]}s"


def fit_tokens(pieces: Iterator[str], length: int, count_tokens: CountTokens) -> str:
    """Exactly ``length`` tokens of the pieces' words; raises ValueError if there is no way."""
    special = count_tokens("")
    if length <= special:
        raise ValueError(
            f"text_length={length} tokens: must be more than the {special} tokens (special ones, a "
            "prompt) that this model adds to every text"
        )
    words: list[str] = []
    total = special
    for word in (word for piece in pieces for word in piece.split()):
        words.append(word)
        total += count_tokens(word) - special  # a guess: words in a row may merge
        if total >= length:
            total = count_tokens(" ".join(words))
        if total >= length:
            break
    left_out = ""
    while words and (total := count_tokens(" ".join(words))) > length:
        left_out = words.pop()
    if left_out and (length - total > MOST_FILLERS or not words):
        beginning = _longest_beginning(words, left_out, length, count_tokens)
        words += [beginning] if beginning else []
    for filler in FILLERS:
        filled = list(words)
        while (total := count_tokens(" ".join(filled))) < length:
            filled.append(filler)
        if total == length:
            return " ".join(filled)
    raise ValueError(f"text_length={length} tokens: this tokeniser has no filler of a single token")


def _longest_beginning(
    words: Sequence[str], word: str, length: int, count_tokens: CountTokens
) -> str:
    """As much of ``word`` as fits behind the words into ``length`` tokens."""

    def fits(characters: int) -> bool:
        return count_tokens(" ".join([*words, word[:characters]])) <= length

    fitting = bisect.bisect_left(range(1, len(word) + 1), True, key=lambda n: not fits(n))
    while fitting and not fits(fitting):  # one more character may make fewer tokens
        fitting -= 1
    return word[:fitting]
