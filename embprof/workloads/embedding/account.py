"""What ``embedding`` tells of itself."""

from embprof.interface.account import Account, Call

# encode() of sentence-transformers has a usual batch size of 32, and sorts texts by characters.
EMBEDDING = Account(
    figures=frozenset(),
    call=Call(name="encode()", verb="encode", item="text", result="embedding"),
)
