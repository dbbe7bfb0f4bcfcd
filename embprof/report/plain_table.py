"""Tables of text: on a terminal, where whole columns give way if need be, and as Markdown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2
"""Between two columns: a space of padding, and the box's own."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A heading and the cell of each row. The higher ``spare``, the sooner it is left out."""

    heading: str
    cells: Sequence[str]
    _: KW_ONLY
    spare: int = 0
    is_word: bool = False
    is_left: bool = False
    styles: Sequence[str] = ()

    @property
    def width(self) -> int:
        """Columns of the terminal, with the gap to the next."""
        texts = (line for text in (self.heading, *self.cells) for line in text.splitlines())
        return max(map(cell_len, texts), default=0) + GAP

    def texts(self) -> Iterable[Text]:
        """The cells, as they are: what is in brackets is no markup."""
        return map(Text, self.cells, self.styles or [""] * len(self.cells))


def plain_table(*, padding: int = 1) -> Table:
    """A table without columns, so many spaces between them beside the box's own."""
    return Table(box=box.SIMPLE_HEAD, padding=(0, padding, 0, 0), pad_edge=False, show_edge=False)


def drawn(columns: Sequence[TableColumn]) -> Table:
    """The table for a terminal."""
    table = plain_table()
    for column in columns:
        table.add_column(
            Text(column.heading), justify="left" if column.is_left else "right", no_wrap=True
        )
    for cells in zip(*(column.texts() for column in columns), strict=True):
        table.add_row(*cells)
    return table


def fitting(
    columns: Iterable[TableColumn], width: int
) -> tuple[list[TableColumn], list[TableColumn]]:
    """The columns that fit into ``width``, and those left out, most dispensable first."""
    kept, left_out = list(columns), list[TableColumn]()
    sizes = {id(column): column.width for column in kept}
    while sum(sizes[id(column)] for column in kept) - GAP > width:
        dispensable = max(kept, key=lambda column: column.spare)
        if dispensable.spare == 0:
            break
        kept.remove(dispensable)
        left_out.append(dispensable)
    return kept, left_out


def markdown(
    headings: Iterable[str], rows: Iterable[Iterable[str]], plain: Callable[[str], str] = str
) -> list[str]:
    """The lines of the table; ``plain`` makes text of the cells that Markdown shows as it is."""
    heads = [plain(heading) for heading in headings]
    lines = (f"| {' | '.join(map(plain, row))} |" for row in rows)
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines]
