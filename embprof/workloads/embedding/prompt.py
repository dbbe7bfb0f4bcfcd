"""The prompt that an encoder puts before texts: set as it is asked for, and what it costs."""

import contextlib
from collections.abc import Iterator, Mapping

from embprof.errors import RequestError
from embprof.interface.backend import Encoder, Prompted
from embprof.models.prompts import NoPromptError, text_of


def put_before(encoder: Encoder, asked: str) -> None:
    """Has the encoder put that prompt of its model, or that text, before each text.

    Raises RequestError for a name that the model has not, and for an encoder of somebody else's
    that puts nothing before texts.
    """
    if not isinstance(encoder, Prompted):
        raise RequestError(
            [f"prompt={asked}: {type(encoder).__name__} puts no prompt before texts; leave it out"]
        )
    try:
        encoder.prompt = text_of(asked, encoder.prompts())
    except NoPromptError as error:
        raise RequestError([f"prompt={asked}: the model {error}"]) from None


def prompt_of(encoder: Encoder) -> str:
    """What stands before each text; empty where nothing does, as far as is known."""
    return encoder.prompt if isinstance(encoder, Prompted) else ""


@contextlib.contextmanager
def prompted(encoder: Encoder, text: str) -> Iterator[None]:
    """Within it, the text stands before each, in place of what does otherwise."""
    assert isinstance(encoder, Prompted), "a prompt was put before its texts already"
    before, encoder.prompt = encoder.prompt, text
    try:
        yield
    finally:
        encoder.prompt = before


def cost_of_prompt(encoder: Encoder) -> Mapping[str, str | int]:
    """The prompt, and how many tokens more each text has by it; nothing without one."""
    if not isinstance(encoder, Prompted) or not (prompt := encoder.prompt):
        return {}
    (whole,) = encoder.tokens([""])
    with prompted(encoder, ""):
        (bare,) = encoder.tokens([""])
    return {"prompt": prompt, "prompt_tokens": whole - bare}
