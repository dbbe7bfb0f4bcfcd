"""Pairs of evidence and claim to logits of three labels with a cross-encoder: claim verification.

Both texts go through the network together, so nothing of a claim can be kept for the next piece of
evidence, and a batch is as long as its longest pair. Predictions should not depend on the batch,
the type or the order of the work; whether they do is read beside the speed
(:mod:`embprof.workloads.nli.agreement`).
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, StrictInt, StrictStr

from embprof.backends.finding import is_reference, made
from embprof.corpora.distinct import distinct
from embprof.corpora.labels import LABELS, all_three
from embprof.corpora.pairs import PLACE, Pair
from embprof.interface import nested
from embprof.interface.backend import Task
from embprof.interface.inputs_ahead import Ahead
from embprof.model import Samples
from embprof.workloads.network_workload import NetworkWorkload
from embprof.workloads.nli.pair_inputs import PairInputs
from embprof.workloads.repeated_texts import repeated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embprof.interface.backend import Judge
    from embprof.workloads.nli.agreement import Lacks, Predictions

FEWEST_TOKENS = 6
"""One of each text, and the special ones: three of BERT's kind, four of RoBERTa's."""
SAMPLE_SEED = 0
"""The pairs that are compared are the same whatever the seed of a job."""

TARGET = "embprof.workloads.nli.Nli"
"""The class path of this workload, alone or as a part of another."""


@dataclass(kw_only=True)
class Nli(NetworkWorkload, PairInputs):
    """One ``predict(pairs, batch_size)`` per step, with pairs in random order."""

    account: ClassVar[str] = "embprof.workloads.nli.account.NLI"

    task: ClassVar[Task] = "judge"

    agreement_pairs: Annotated[
        StrictInt,
        Field(
            ge=0,
            le=1_000_000,
            description="Distinct pairs whose predictions are compared with the reference, at "
            "most; 0 compares none. It takes 381 that agree to rule out that 1 % is lost.",
        ),
    ]
    label_names: Annotated[
        Sequence[StrictStr] | None,
        Field(
            description="What the logits mean, in their order, for a model that does not say: "
            "[contradiction, entailment, neutral]; null is as the model has it."
        ),
    ]
    items: str = field(default="pairs", init=False)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """A limit that leaves nothing of a pair, and names that are not those of three labels."""
        for place, node in _nli_places(config):
            truncation, names = node.get("truncation"), node.get("label_names")
            if isinstance(truncation, int) and truncation < FEWEST_TOKENS:
                yield (
                    f"truncation={truncation}: must be at least {FEWEST_TOKENS} for pairs (special "
                    "tokens count, and one is left of each text)"
                )
            if names is not None and all_three(names) is None:
                yield (
                    f"{place}.label_names={names}: must be three names, one of each: entailment, "
                    f"contradiction, neutral (or {', '.join(LABELS)})"
                )

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels in the order of the logits; the model's own if unknown."""
        given = None if self.label_names is None else all_three(self.label_names)
        return given or self._encoder.labels()

    @classmethod
    def remarks(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """A file of so few pairs that they are measured again and again."""
        return repeated(config, "pairs", PLACE)

    def load(self) -> None:
        """Loads the model onto the device.

        Raises DeviceUnavailableError, ModelNotFoundError, and RequestError for a model that has
        not three labels.
        """
        self._encoder: Judge = made(self.backend).judge(self.network)
        self._own_limit = self._encoder.limit
        self._encoder.truncate(self.cut, self.truncation)
        self._pairs = self.stream(self._encoder, self.seed)
        self._inputs = Ahead(self._draw)
        self._compared: Predictions | None = None

    def prepare(self, steps: int) -> None:
        """Draws the pairs of the next steps.

        Raises RequestError for a pair that cannot be cut as asked.
        """
        self._inputs.prepare(steps)

    def step(self) -> int:
        """Judges one call's pairs; returns how many. The logits are on the host by then."""
        pairs = self._inputs.take()
        self._encoder.predict(pairs, batch_size=self.batch_size)
        return len(pairs)

    def predict(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Logits of the pairs, (N, 3), in the order of ``labels``."""
        texts = [self.in_order(pair) for pair in pairs]
        return self._encoder.predict(texts, batch_size=self.batch_size)

    def quality(self) -> Sequence[Samples]:
        """Agreement with the reference first, then accuracy, how far logits lie, what is cut."""
        from embprof.workloads.nli import agreement

        if not self.agreement_pairs:
            return ()
        self._compared = self._compare()
        return agreement.samples(self._compared)

    def files(self) -> Sequence[Path]:
        """``agreement.json``: agreement by label and by margin, and the pairs that changed."""
        from embprof.workloads.nli import agreement

        if self._compared is None:
            return ()
        file = Path(tempfile.mkdtemp(prefix="embprof-")) / "agreement.json"
        content = json.dumps(agreement.document(self._compared), indent=1, ensure_ascii=False)
        file.write_text(content, encoding="utf-8")
        return (file,)

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts about the loaded model, and with what its predictions are compared."""
        facts = {"labels": ", ".join(self.labels), **self._encoder.description()}
        if self.agreement_pairs:
            facts["reference"] = "the same weights in float32, one pair at a time"
        return facts

    def _draw(self) -> list[tuple[str, str]]:
        pairs = itertools.islice(self._pairs, self.texts_per_call or self.batch_size)
        return [self.in_order(pair) for pair in pairs]

    def sample(self, count: int) -> Sequence[tuple[str, str]]:
        """Distinct pairs as the model is given them, at most so many."""
        found = distinct(self.stream(self._encoder, self.seed), count)
        return [self.in_order(pair) for pair in found]

    def _compare(self) -> Predictions:
        import numpy as np

        from embprof.workloads.nli.agreement import Predictions
        from embprof.workloads.nli.reference import Reference

        encoder, limit = self._encoder, self._encoder.limit
        backend = made(self.backend)
        reference = Reference(
            network=self.network,
            truncate=self.cut,
            loaded=encoder if is_reference(backend.name, backend.dtype) else None,
        )
        pairs = distinct(self.stream(encoder, SAMPLE_SEED), self.agreement_pairs)
        texts = [self.in_order(pair) for pair in pairs]
        cut = np.array(encoder.tokens(texts)) > limit
        logits, uncut = reference.logits(texts, limit), None
        if self.truncation is not None and self.model["weights"] != "random":
            uncut = logits.copy()
            if cut.any():
                whole = [texts[at] for at in np.flatnonzero(cut)]
                uncut[cut] = reference.logits(whole, self._own_limit)
        return Predictions(
            pairs=pairs,
            labels=self.labels,
            own=self.predict(pairs),
            reference=logits,
            cut=cut,
            uncut=uncut,
            lacks=self._lacks(pairs),
        )

    def _lacks(self, pairs: Sequence[Pair]) -> Lacks:
        """What is not there for an accuracy."""
        from embprof.workloads.nli.agreement import Lacks

        if self.model["weights"] == "random":
            return Lacks.WEIGHTS
        if all_three(self.labels) is None:
            return Lacks.NAMES
        if self.evidence_length is not None:
            return Lacks.WHOLE_EVIDENCE
        return Lacks.NOTHING if any(pair.label for pair in pairs) else Lacks.LABELS


def _nli_places(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each place of this workload: the workload itself, or a part of one."""
    workload = config["workload"]
    for place, node in [((), workload), *nested.plugins(workload)]:
        if node.get("_target_") == TARGET:
            yield ".".join(("workload", *place)), node
