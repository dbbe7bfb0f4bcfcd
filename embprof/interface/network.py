"""The keys that say which network is run, with which weights, and by what."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from embprof.interface.node import Node


class Architecture(Node):
    """The shape of a network: enough to build it with random weights, with no download."""

    model_type: Literal["bert", "mpnet"] = Field(description="Architecture in transformers.")
    hidden_size: StrictInt = Field(ge=1, description="Dimensions of a token and of the embedding.")
    num_hidden_layers: StrictInt = Field(ge=1, description="Encoder layers.")
    num_attention_heads: StrictInt = Field(ge=1, description="Attention heads of a layer.")
    intermediate_size: StrictInt = Field(ge=1, description="Width of the feed-forward part.")
    vocab_size: StrictInt = Field(ge=1, description="Entries of the vocabulary.")
    max_position_embeddings: StrictInt = Field(ge=1, description="Longest input, in tokens.")
    max_tokens: StrictInt = Field(ge=3, description="Inputs are cut at this many tokens.")
    pooling: Literal["mean", "cls"] = Field(description="How token vectors become one.")


class Model(Node):
    """Which network, with which weights."""

    name: StrictStr = Field(min_length=1, description="Hub name, or a path to a saved model.")
    revision: StrictStr | None = Field(description="Commit or tag on the hub; null is the newest.")
    path: StrictStr | None = Field(description="A local folder to load instead of the name.")
    weights: Literal["pretrained", "random"] = Field(
        description="random builds the same architecture with random weights: speed and memory are "
        "those of the real model, but its embeddings mean nothing."
    )
    sha256: StrictStr | None = Field(
        pattern="^[0-9a-f]{64}$", description="Hash the weight file must have; null accepts any."
    )
    architecture: Architecture | None = Field(
        description="The network's shape, for random weights without any download."
    )
    trust_remote_code: StrictBool = Field(
        default=False,
        description="Run code that the model brings with it, with your rights: read it first. "
        "May be left out of an option's file.",
    )


class Database(Node):
    """Which PostgreSQL server is asked."""

    dsn: StrictStr | None = Field(
        min_length=1,
        description="Address of your own server (postgresql://user@host/database), without a "
        "password; null starts one for the sweep.",
    )


class Runtime(BaseModel):
    """What runs the network; the other keys are parameters of its class."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: StrictStr = Field(min_length=1, description="The runtime.")
    dtype: StrictStr = Field(
        min_length=1, description="Type that it computes in: float32, bfloat16, float16, int8."
    )
