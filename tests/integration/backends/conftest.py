"""Each backend's files, built once for all tests of a process."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from embprof.interface.backend import Backend, Builds, Encoder
from tests.integration.backends.texts import WORDS, texts_of
from tests.integration.backends.workshop import Workshop

Ready = Callable[[str], Any]


@pytest.fixture(scope="session")
def mixed_texts() -> Sequence[str]:
    """Short and long ones, in no order of length."""
    claims, evidence = texts_of("claims"), texts_of("evidence")
    long = [" ".join(WORDS[at : at + 30 * at % 290]) for at in range(1, 9)]
    return ["", *claims[:12], *long, "Straße 😀 naïve 東京都 " * 3, *evidence[:12], "no", "  "]


@pytest.fixture(scope="session")
def plain_texts() -> Sequence[str]:
    """Sentences as those that ranges are read from."""
    return [*texts_of("claims")[:20], *texts_of("evidence")[-20:]]


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Makes backends, networks, and what backends need for networks."""
    return Workshop(lambda name: Path(tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session")
def built(workshop: Workshop) -> Ready:
    """A backend for the packaged model, with its files, which those of one identity share."""
    folders: dict[str, str | None] = {}

    @cache
    def ready(which: str) -> Backend:
        backend = workshop.backend(which)
        if not isinstance(backend, Builds):
            return backend
        known = json.dumps(backend.identity())
        if known not in folders:
            workshop.build(backend, workshop.network())
            folders[known] = backend.folder
        backend.folder = folders[known]
        return backend

    return ready


@pytest.fixture(scope="session")
def reference(built: Ready, workshop: Workshop) -> Encoder:
    """The packaged model in float32, as sentence-transformers runs it."""
    encoder: Encoder = built("torch float32").encoder(workshop.network())
    return encoder
