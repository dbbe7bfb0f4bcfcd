"""The user's own texts: one per line (txt), or one column of csv, jsonl or parquet."""

from collections.abc import Sequence
from dataclasses import dataclass

from embprof.corpora import Unit
from embprof.corpora.passages import Passages, fingerprint
from embprof.corpora.rows import SUFFIXES, Table
from embprof.corpora.survey import left_out
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
        return self._with_text(self._rows())

    def survey(self) -> tuple[str, str | None]:
        """The fingerprint, and what is to be said of rows that are no text of their own."""
        rows = self._rows()
        texts = self._with_text(rows)
        return fingerprint(texts), left_out(f"corpus.path={self.path}", rows, texts)

    def _with_text(self, rows: Sequence[str]) -> list[str]:
        texts = [text for text in rows if text.strip()]
        if not texts:
            raise ValueError(f"corpus.path={self.path}: holds no text")
        return texts

    def _rows(self) -> list[str]:
        table = Table(path=self.path, place="corpus", columns={"column": self.column})
        file = table.file((PLAIN, *SUFFIXES))
        if file.suffix.lower() != PLAIN:
            return [row["column"] for row in table.rows()]
        try:
            return lines(file)
        except (ValueError, OSError) as error:
            raise table.unreadable(error) from None
