"""A compiled network says what the network says, and shows its stages in one piece."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embprof.backends.compile import Compile
from embprof.interface.stages import INSIDE
from tests.integration.backends import layouts
from tests.integration.backends.workshop import Workshop


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own
@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling needs g++")
def test_a_compiled_network_answers_the_same(
    workshop: Workshop, tmp_path: Path, mixed_texts: Sequence[str]
) -> None:
    network = workshop.network(layouts.save(tmp_path, layouts.word_pieces()))
    backend = Compile(name="compile", dtype="float32", mode="default")
    encoder = backend.encoder(network)
    found = encoder.encode(mixed_texts, batch_size=6, normalize=True)
    reference = workshop.backend("torch float32").encoder(network)
    wanted = reference.encode(mixed_texts, batch_size=6, normalize=True)
    assert np.abs(found - wanted).max() < 1e-4
    with encoder.time_stages() as timer:
        encoder.encode(mixed_texts[:6], batch_size=6, normalize=True)
        times = timer.take()
    assert set(times) == set(encoder.stages())
    assert not any(INSIDE in name for name in times)
