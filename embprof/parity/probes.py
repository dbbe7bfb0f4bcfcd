"""Texts that show by which of its habits a service differs: each group leaves all others alone.

*Plain* texts are short, lower-case, of common English words with single blanks: whatever case,
accents, white space, digits or a limit do, they are spared, so what differs between two services
there differs everywhere. All have as many words, so a batch of them is hardly padded, and letters
enough apart that a service which sorts by length has something to sort. Every other group changes
one thing: pairs are the same text with and without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PLAIN = (
    "we go to a big old red barn",
    "the city built another bridge across the river",
    "children were playing football behind the church building",
    "he put the cup on top of it",
    "several international companies announced important financial results",
    "my dog ran up the hill to me",
    "scientists discovered evidence about extremely ancient human settlements",
    "it was too hot to eat or run",
    "the government promised additional money for public hospitals",
    "she sat in the sun by the sea",
    "traditional music remained popular throughout the eastern provinces",
    "a man sold us six bags of salt",
    "students usually complete their final examination during summer",
    "the old king gave his son a ship",
    "modern computers process enormous amounts of information quickly",
    "do not let the cat in at night",
    "heavy rain damaged many houses near the coast",
    "you can buy tea and milk at ten",
    "professional players require considerable training before championship games",
    "her new film won a prize in may",
    "several different chemical elements conduct electricity remarkably well",
    "the bus to the lake is not on",
    "military officials refused requests concerning classified operations",
    "i saw a bird fly over our car",
)
"""Two dozen subjects of eight words or nearly so."""

CASE = (
    ("The Bank of England raised rates in March", "the bank of england raised rates in march"),
    ("Apple and Orange merged with Windows", "apple and orange merged with windows"),
    ("WE WILL NOT GO THERE AGAIN", "we will not go there again"),
    ("NASA and the US Army", "nasa and the us army"),
    ("John Smith met Mary in Paris", "john smith met mary in paris"),
    ("An answer came On Monday", "an answer came on monday"),
)
"""The same text as people write it, and lower-cased."""

ACCENTS = (
    ("the caf\u00e9 was full of people", "the cafe was full of people"),
    ("he sent his r\u00e9sum\u00e9 to the company", "he sent his resume to the company"),
    ("a na\u00efve view of the world", "a naive view of the world"),
    ("we flew to z\u00fcrich in the winter", "we flew to zurich in the winter"),
    ("the ma\u00f1ana of the ni\u00f1o", "the manana of the nino"),
    ("a jalape\u00f1o with cr\u00e8me", "a jalapeno with creme"),
)
"""The same text with accents and without them."""

WHITE_SPACE = (
    ("the  house is  by the lake", "the house is by the lake"),
    (" a letter came from the school", "a letter came from the school"),
    ("the road goes to the west ", "the road goes to the west"),
    ("the war\tended in the spring", "the war ended in the spring"),
    ("a book\u00a0about the moon", "a book about the moon"),
)
"""The same text with more white space, or another kind of it."""

LINE_ENDS = (
    ("the first line\nand the second line", "the first line and the second line"),
    ("one part\r\nand another part", "one part and another part"),
    ("the last word\n", "the last word"),
)
"""The same text with line ends in place of blanks."""

PROMPTS = (
    "query: ",
    "passage: ",
    "search_query: ",
    "search_document: ",
    "classification: ",
    "clustering: ",
    "Represent this sentence for searching relevant passages: ",
    "Represent this sentence: ",
    "Represent the document for retrieval: ",
    "title: none | text: ",
    "task: search result | query: ",
    "task: sentence similarity | query: ",
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
)
"""What widely used models want before a text. Source: the model cards of E5, BGE, Nomic Embed,
mxbai, Instructor, EmbeddingGemma and Qwen3 Embedding."""

WITH_BEGINNING = (
    ("query: the price of bread in winter", "the price of bread in winter"),
    ("passage: the garden behind the wall", "the garden behind the wall"),
    ("search_document: a train to the north", "a train to the north"),
)
"""Texts that begin as with a prompt; who takes such beginnings off makes these equal."""

NUMBERS = (
    "31,415.92653 of 27182",
    "call 0049 30 90 18 20 at 23:59",
    "1.000.000 and 0.000001 and 1e9",
    "$19.99 or 17% of 2048",
)
HAN = (
    "\u4eba\u5de5\u667a\u80fd\u6b63\u5728\u6539\u53d8\u4e16\u754c",
    "\u4eca\u5929\u5929\u6c14\u5f88\u597d",
    "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd",
    "\u6211\u4eec\u53bb\u706b\u8f66\u7ad9",
)
"""Chinese and Japanese without marks that stripping accents would take off."""
EMOJI = (
    "\U0001f600 what a day \U0001f389",
    "\u2764\ufe0f\u2764\ufe0f\u2764\ufe0f",
    "see you \U0001f44b\U0001f3fd soon \U0001f680",
    "\U0001f1e9\U0001f1ea to \U0001f1eb\U0001f1f7",
)
SCRIPTS = {"numbers": NUMBERS, "Chinese and Japanese": HAN, "emoji": EMOJI}
"""Texts that tokenisers part differently; none has capital letters, accents or odd blanks."""

EMPTY = ("", " ", "\n")
ONE_TOKEN = ("water", "a", "7")

BEGINNINGS = (
    (
        "international government officials discussed environmental protection with farmers",
        "international government officials discussed environmental protection without lawyers",
    ),
    (
        "the university published considerable historical documents about music",
        "the university published considerable historical documents yesterday night",
    ),
    (
        "professional football organizations remain extremely popular in brazil",
        "professional football organizations remain extremely poor nearly everywhere",
    ),
)
"""Different texts that begin alike: who knows a text by its beginning takes one for the other."""

_HEAD = (
    *("water", "house", "music", "river", "school", "paper", "light", "power", "family", "south"),
    *("green", "money", "table", "story", "voice", "state", "heart", "field", "night", "world"),
)
_TAILS = (
    ("horse", "king", "gold", "blood", "sword", "castle", "army", "forest", "snow"),
    ("computer", "phone", "engine", "market", "radio", "police", "bank", "office", "road"),
)
LONGEST = 1_024
"""Words up to which a limit is looked for; most models cut at 128 to 512 tokens, and who reads more
than this is seldom given more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A group of pairs, and the fault that it shows.

    ``merges``: what a side does that makes them equal; ``keeps``: what one does that tells them
    apart.
    """

    name: str
    heading: str
    merges: str
    keeps: str
    pairs: Sequence[tuple[str, str]]


GROUPS = (
    Pairs(
        name="case",
        heading="lower-casing",
        merges="lower-cases texts",
        keeps="tells capital letters apart",
        pairs=CASE,
    ),
    Pairs(
        name="accents",
        heading="accents",
        merges="strips accents",
        keeps="keeps them",
        pairs=ACCENTS,
    ),
    Pairs(
        name="white_space",
        heading="white space",
        merges="takes any white space for one blank",
        keeps="does not",
        pairs=(*WHITE_SPACE, *LINE_ENDS),
    ),
    Pairs(
        name="beginning",
        heading="prompt-like beginnings",
        merges="takes prompt-like beginnings off",
        keeps="reads them",
        pairs=WITH_BEGINNING,
    ),
)
"""Pairs that one side may merge where the other does not."""


def words(count: int) -> str:
    """So many common words, each one token of most vocabularies."""
    return " ".join(_HEAD[(7 * place) % len(_HEAD)] for place in range(count))


def tailed(count: int, tail: int, *, which: int) -> str:
    """So many words, then ``tail`` others: those of the first kind or of the second."""
    others = _TAILS[which]
    end = " ".join(others[place % len(others)] for place in range(tail))
    return f"{words(count)} {end}"


def every() -> list[str]:
    """All built-in probes but the longest, each once."""
    pairs = [one for group in GROUPS for pair in group.pairs for one in pair]
    scripts = [one for group in SCRIPTS.values() for one in group]
    beginnings = [one for pair in BEGINNINGS for one in pair]
    return list(dict.fromkeys([*PLAIN, *pairs, *scripts, *beginnings, *ONE_TOKEN, *EMPTY]))
