"""Cuts and joins pieces of text to an exact length, in characters or in tokens.

Characters are cut where the count says. Tokens cannot be: a word cut in two may become more tokens
or fewer than its parts. So whole words are taken while they fit, and single-token fillers make up
the rest; the result is counted by the tokeniser itself before it is used.
"""

from collections.abc import Iterator

from embprof.corpora import CountTokens, Unit

FILLERS = ("a", "the", ".")


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
    while total < length:
        for word in next(pieces).split():
            words.append(word)
            total += count_tokens(word) - special
            if total >= length:
                break
    # Words are counted one by one above; in a sentence they may merge, so the sum is only a guess.
    while words and count_tokens(" ".join(words)) > length:
        words.pop()
    for filler in FILLERS:
        filled = list(words)
        while (total := count_tokens(" ".join(filled))) < length:
            filled.append(filler)
        if total == length:
            return " ".join(filled)
    raise ValueError(f"text_length={length} tokens: this tokeniser has no filler of a single token")
