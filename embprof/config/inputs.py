"""What jobs read: the weights of their models and the texts of their corpora, found and hashed.

Each is looked up once for all jobs of a request; what is wrong with it, or worth a second look, is
collected on the way. torch is not imported.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hydra.errors import InstantiationException

from embprof.config import model_axes, plugins
from embprof.config.options import OF_MODELS
from embprof.errors import EmbprofError
from embprof.interface import faults, nested
from embprof.interface.network import Model
from embprof.machine import fingerprint
from embprof.models import fitness, foreign_code, positions, weights

TRUST = "trust_remote_code"
"""Key of a model whose own code may be run."""


def model_id(model: Mapping[str, Any]) -> str:
    """What tells one model's configuration from another's within a plan."""
    return fingerprint.digest(model)


def models(config: Mapping[str, Any]) -> list[tuple[nested.Place, Mapping[str, Any]]]:
    """Every model that the job's workload, or a part of it, runs, and where it stands."""
    return list(nested.find(config["workload"], nested.MODEL))


class Inputs:
    """Weights and corpora of a plan, each looked up and hashed once."""

    def __init__(self, *, download: bool, problems: dict[str, None]) -> None:
        self.download = download
        self.problems = problems
        self.weights: dict[str, weights.Weights] = {}
        self.notes: dict[str, None] = {}
        self.refused: list[str] = []  # of the models of the last job that was looked at
        self._seen: dict[str, Any] = {}

    def weights_of(self, config: Mapping[str, Any]) -> list[tuple[nested.Place, weights.Weights]]:
        """Place and weights of each of the job's models, in the order of its configuration."""
        every = []
        self.refused = []
        for place, model in models(config):
            groups = [group for group in OF_MODELS if model == config[group]]
            key = groups[0] if groups else ".".join(("workload", *place))
            found = self._weights(model, key)
            if found is not None:
                every.append((place, found))
                task = plugins.task(config["workload"], place)
                self.problems.update(dict.fromkeys(self._unfit(model, found, task, key)))
                known = model["architecture"] if found.saved is None else found.saved.config
                too_long = positions.problems(known or {}, config["truncation"])
                self.problems.update(dict.fromkeys(too_long))
                if task == fitness.EMBED:
                    about = (config["workload"], place, found.saved)
                    self.refused += dict.fromkeys(model_axes.problems(*about))
                    self.notes.update(dict.fromkeys(model_axes.notes(*about)))
        return every

    def _unfit(
        self, model: Mapping[str, Any], found: weights.Weights, task: str | None, key: str
    ) -> Iterator[str]:
        """Why the model that was found cannot do what it is for."""
        name, saved = str(model["name"]), found.saved
        self.notes.update(dict.fromkeys(found.notes(name, embeds=task == fitness.EMBED)))
        if saved is None:
            return
        is_trusted = bool(model.get(TRUST))
        yield from foreign_code.problems(saved, is_trusted=is_trusted, key=key, name=name)
        taken = foreign_code.notes(saved, is_trusted=is_trusted, key=key, name=name)
        self.notes.update(dict.fromkeys(taken))
        if task in fitness.TASKS:
            yield from fitness.problems(saved, task, weights=model["weights"], key=key, name=name)

    def contents_sha256(self, config: Mapping[str, Any]) -> str:
        """The hash of all that the job reads beside weights: texts, files of statements."""
        nodes = nested.plugins(config["workload"])
        found = [self._content_sha256(place[-1], node) for place, node in nodes]
        known = list(dict.fromkeys(one for one in found if one is not None))
        if len(known) > 1:
            return hashlib.sha256(" ".join(known).encode()).hexdigest()
        return known[0] if known else "none"

    def _weights(self, model: Mapping[str, Any], key: str) -> weights.Weights | None:
        name = model_id(model)
        found: weights.Weights | None = self._once(
            f"model {name}", lambda: weights.find(Model(**model), download=self.download, key=key)
        )
        if found is not None:
            self.weights[name] = found
        return found

    def _content_sha256(self, key: str, node: Mapping[str, Any]) -> str | None:
        """The hash of what a plug-in inside a workload reads; None if it reads nothing."""
        name = f"content {fingerprint.digest(node)}"
        target = str(node["_target_"])

        def contents() -> tuple[str | None, str | None]:
            nothing: tuple[str | None, str | None] = None, None
            return faults.ask(
                target,
                "its fingerprint",
                lambda: plugins.contents(node),
                nothing,
                passing=(EmbprofError, ValueError, OSError, InstantiationException),
            )

        found, note = self._once(name, contents) or (None, None)
        if note is not None:
            self.notes[note] = None
        if found is None and key == nested.CORPUS:
            # Of a corpus that tells nothing of its texts its configuration stands for them.
            return hashlib.sha256(name.encode()).hexdigest()
        return None if found is None else str(found)

    def _once(self, name: str, look_up: Callable[[], Any]) -> Any:
        if name not in self._seen:
            try:
                self._seen[name] = look_up()
            except (EmbprofError, ValueError, OSError, InstantiationException) as error:
                cause = error.__cause__ if isinstance(error, InstantiationException) else None
                self._seen[name] = None
                self.problems[str(cause or error)] = None
        return self._seen[name]
