"""A service that asks others and waits for them: one after the other, though they could overlap."""

import time
from concurrent.futures import ThreadPoolExecutor


class Sequential:
    """Asks for several answers; each takes ``seconds``, all of it waiting."""

    def __init__(self, requests: int = 4, seconds: float = 0.02, *, at_once: bool = False) -> None:
        self.waits = [seconds] * requests
        self.at_once = at_once

    def setup(self) -> None:
        """Starts the threads that ask at once."""
        self.threads = ThreadPoolExecutor(len(self.waits))

    def step(self) -> list[str]:
        """All answers, in order."""
        if self.at_once:
            return list(self.threads.map(ask, self.waits))
        return [ask(seconds) for seconds in self.waits]

    def teardown(self) -> None:
        """Ends the threads."""
        self.threads.shutdown()


def ask(seconds: float) -> str:
    """Stands for a request to another service."""
    time.sleep(seconds)
    return "answer"
