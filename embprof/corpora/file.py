"""The user's own texts: one per line (txt), or one column of csv, jsonl or parquet."""

from dataclasses import dataclass

from embprof.corpora import Unit
from embprof.corpora.passages import Passages
from embprof.corpora.rows import SUFFIXES, Table
from embprof.corpora.text_files import lines

PLAIN = ".txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Passages):
    """Texts of a file; blank ones are left out."""

    path: str
    column: str = "text"
    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts in the order of the file.

        Raises ValueError, naming the file, when it is missing, cannot be read as what its name
        says, lacks the column or holds no text.
        """
        table = Table(path=self.path, place="corpus", columns={"column": self.column})
        file = table.file((PLAIN, *SUFFIXES))
        if file.suffix.lower() == PLAIN:
            try:
                found = lines(file)
            except (ValueError, OSError) as error:
                raise table.unreadable(error) from None
        else:
            found = [row["column"] for row in table.rows()]
        texts = [text for text in found if text.strip()]
        if not texts:
            raise ValueError(f"corpus.path={self.path}: holds no text")
        return texts
