"""What a model's start spends its time on, as far as its libraries can be watched.

Loading is done by a few functions of transformers, safetensors and PyTorch. Each is wrapped in a
timer; where one calls another the inner one's time is its own, so parts add up to no more than the
whole. What none of them did is *other*. Weights are mapped, not read, until something touches them:
*read* is the time to have them in the network's tensors, wherever the bytes come from. A library
that is not loaded by then is not watched, since importing it here would take its import off the
stage that it belongs to.
"""

import functools
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PARTS = ("tokenizer", "read", "build", "to_device")
WATCHED = (
    # (module, class or none, function, part); transformers 5, safetensors 0.5 and torch 2 have
    # them, earlier versions most.
    (
        "transformers.tokenization_utils_base",
        "PreTrainedTokenizerBase",
        "from_pretrained",
        "tokenizer",
    ),
    ("transformers.modeling_utils", "PreTrainedModel", "from_pretrained", "build"),
    ("transformers.modeling_utils", "PreTrainedModel", "_from_config", "build"),
    ("transformers.modeling_utils", "PreTrainedModel", "_load_pretrained_model", "read"),
    ("safetensors.torch", None, "load_file", "read"),
    ("torch", None, "load", "read"),
    ("torch.nn", "Module", "to", "to_device"),
    ("torch.nn", "Module", "cuda", "to_device"),
)


class Parts:
    """Seconds by part, of the thread that made this."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._thread = threading.get_ident()
        self._inside: list[str] = []
        self._since = 0.0

    def watch(self) -> None:
        """Wraps the functions above, as far as their modules are loaded."""
        for module, kind, name, part in WATCHED:
            owner = sys.modules.get(module)
            if owner is not None and kind is not None:
                owner = getattr(owner, kind, None)
            found = None if owner is None else owner.__dict__.get(name)
            if found is None:
                continue
            for wrapping in (classmethod, staticmethod):
                if isinstance(found, wrapping):
                    setattr(owner, name, wrapping(self.timed(found.__func__, part)))
                    break
            else:
                setattr(owner, name, self.timed(found, part))

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The function, its time taken as that of the part."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            self._switch()
            self._inside.append(part)
            try:
                return function(*args, **kwargs)
            finally:
                self._switch()
                self._inside.pop()

        return call

    def _switch(self) -> None:
        """Books the time until now on the part that was going on."""
        now = self._clock()
        if self._inside:
            part = self._inside[-1]
            self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now
