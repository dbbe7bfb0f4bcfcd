"""What is lost of the meaning of texts when they are cut at ``truncation`` tokens.

Every text is embedded in full (to the model's own limit) and cut, and the two are compared: how far
the embedding moved, and whether the text keeps its nearest neighbours. A pass over the texts is one
iteration; the texts are the unit of inference, so a second pass adds nothing.

Two questions about neighbours, for two ways to bring a change of the setting in:

- *re-embedded*: all texts are embedded anew, so a cut text looks among cut texts. This is what the
  setting means, and what ``neighbour_changed_percent`` and ``top10_kept_percent`` answer;
- *mixed*: new texts are cut, the index still holds full ones (``neighbour_changed_mixed_percent``).

What can go wrong, and what is done. *Noise*: the same text in another batch, with other padding,
has an embedding that differs by rounding. So a text that is not cut is not embedded twice: its
input is the same, and what is compared is what cutting did. What noise alone does is measured, on
some texts embedded once more alone, and said in the description. *Density*: in a larger corpus
neighbours lie closer together and change more easily; the shares hold for a corpus of as many texts
as were compared. *Texts that repeat* would be each other's neighbours; distinct ones are compared.
*Meaning*: random weights and random words have none, and are refused.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from embprof.interface.workload import UNLIMITED, Cuts, Workload
from embprof.model import Samples
from embprof.statistics import neighbours

FEWEST_TEXTS = 20
"""Texts without which neighbours say nothing: a top 10 among 10 others is always kept."""
TOP = 10
REPEATED = 64
"""Texts that are embedded once more, alone, to see what noise does."""
LISTED, EXCERPT = 20, 200
"""Texts in the list of those that lost most, and how many characters of each."""


@dataclass(kw_only=True)
class TruncationLoss:
    """Cosine, neighbours and tokens of each text, cut against full. ``texts``: how many at most."""

    account: ClassVar[str] = "embprof.measurements.truncation_loss.account.TRUNCATION_LOSS"

    needs: ClassVar[type] = Cuts
    ungated: ClassVar[str] = "it judges meaning, not time; gate the throughput of both lengths"

    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    texts: int = 1000
    clock: Callable[[], float] = time.perf_counter

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Why a request cannot be answered, before its first job."""
        if config["model"]["weights"] == "random":
            yield (
                "model.weights=random: measurement=truncation_loss judges meaning, and embeddings "
                "of random weights have none; use model.weights=pretrained"
            )
        if config["corpus"]["_target_"].endswith(".Synthetic"):
            yield (
                "corpus=synthetic: measurement=truncation_loss judges meaning, and random words "
                "have none; use corpus=evidence, corpus=claims or corpus=file"
            )
        texts = config["measurement"].get("texts", cls.texts)
        if not isinstance(texts, int) or texts < FEWEST_TEXTS:
            yield f"measurement.texts={texts}: must be a whole number, {FEWEST_TEXTS} at least"

    def open(self, workload: Workload) -> None:
        """Draws the texts and counts their tokens.

        Raises TypeError for a workload that cuts no texts, ValueError for too few distinct texts
        and for a truncation beyond the model's own limit.
        """
        if not isinstance(workload, Cuts):
            raise TypeError(f"{type(workload).__name__} cuts no texts, so nothing of them is lost")
        self._workload = workload
        self._full, self._cut = workload.limits()
        if self._cut > self._full:
            raise ValueError(
                f"truncation={self._cut}: cuts nothing that the model would read, its own limit is "
                f"{self._full} tokens"
            )
        self._texts = list(workload.sample(self.texts))
        if len(self._texts) < FEWEST_TEXTS:
            raise ValueError(
                f"the corpus has {len(self._texts)} distinct texts; neighbours need "
                f"{FEWEST_TEXTS} at least"
            )
        self._tokens = np.array(workload.tokens(self._texts), dtype=np.int64)
        self._kept = np.minimum(self._tokens, self._cut)
        self._is_cut = self._kept < np.minimum(self._tokens, self._full)
        self._described: dict[str, str | int | float | bool | None] = {}
        self._lost: list[dict[str, Any]] = []

    def observe(self, iterations: int) -> Sequence[Samples]:
        """The seconds of each pass first, then one reading for each text of the last pass."""
        seconds: list[float] = []
        readings: list[Samples] = []
        for _ in range(iterations):
            started = self.clock()
            full, cut = self._embeddings()
            seconds.append(self.clock() - started)
            readings = self._compare(full, cut)
            self._repeat(full)
        items = [len(self._texts)] * iterations
        return (Samples.of("pass_time", "s", *seconds, items=items), *readings)

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """How many texts, cut at what, and what noise alone does to embeddings."""
        return self._described

    def close(self) -> Sequence[Path]:
        """``truncation_loss.json``: the texts that lost most, with their neighbours."""
        file = Path(tempfile.mkdtemp(prefix="embprof-")) / "truncation_loss.json"
        document = {
            "schema_version": 1,
            "cut_at_tokens": _known(self._cut),
            "full_at_tokens": _known(self._full),
            "texts": len(self._texts),
            "lost_most": self._lost,
        }
        file.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        return (file,)

    def _embeddings(self) -> tuple[neighbours.Vectors, neighbours.Vectors]:
        """Every text in full, and cut; (N, D) each."""
        full = neighbours.unit_length(self._workload.embed(self._texts, self._full))
        cut = full.copy()
        if self._is_cut.any():
            texts = [self._texts[row] for row in np.flatnonzero(self._is_cut)]
            cut[self._is_cut] = neighbours.unit_length(self._workload.embed(texts, self._cut))
        return full, cut

    def _compare(self, full: neighbours.Vectors, cut: neighbours.Vectors) -> list[Samples]:
        cosines = np.where(self._is_cut, neighbours.cosines(full, cut), 1.0)
        before = neighbours.nearest(full, full, TOP)
        after = neighbours.nearest(cut, cut, TOP)
        mixed = neighbours.nearest(cut, full, 1)
        overlap = neighbours.overlap(before, after)
        self._lost = self._lost_most(cosines, before, after)
        return [
            Samples.of("cosine_to_full", "1", *map(float, cosines), better="higher"),
            Samples.of("neighbour_changed", "1", *map(float, before[:, 0] != after[:, 0])),
            Samples.of("neighbour_changed_mixed", "1", *map(float, before[:, 0] != mixed[:, 0])),
            Samples.of("top10_kept", "1", *map(float, overlap), better="higher"),
            Samples.of("text_tokens", "1", *map(float, self._tokens)),
            Samples.of("kept_tokens", "1", *map(float, self._kept), better="higher"),
        ]

    def _repeat(self, full: neighbours.Vectors) -> None:
        """Embeds some texts once more, each alone: rounding is all that can differ."""
        rows = min(REPEATED, len(self._texts))
        alone = [self._workload.embed([text], self._full)[0] for text in self._texts[:rows]]
        again = full.copy()
        again[:rows] = neighbours.unit_length(np.stack(alone))
        changed = (
            neighbours.nearest(again, full, 1)[:rows] != neighbours.nearest(full, full, 1)[:rows]
        )
        self._described = {
            "texts": len(self._texts),
            "cut_at_tokens": _known(self._cut),
            "full_at_tokens": _known(self._full),
            "repeated_texts": rows,
            "repeated_cosine_min": float(neighbours.cosines(full, again)[:rows].min()),
            "repeated_neighbours_changed": int(changed.sum()),
        }

    def _lost_most(
        self, cosines: neighbours.Vectors, before: NDArray[np.int64], after: NDArray[np.int64]
    ) -> list[dict[str, Any]]:
        return [
            {
                "cosine_to_full": round(float(cosines[row]), 6),
                "tokens": int(self._tokens[row]),
                "text": self._texts[row][:EXCERPT],
                "nearest_in_full": self._texts[before[row, 0]][:EXCERPT],
                "nearest_when_cut": self._texts[after[row, 0]][:EXCERPT],
            }
            for row in np.argsort(cosines, kind="stable")[:LISTED]
            if self._is_cut[row]
        ]


def _known(limit: int) -> int | None:
    """None where nothing is cut."""
    return limit if limit < UNLIMITED else None
