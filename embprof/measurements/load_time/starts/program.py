"""The first words of a started process; given to a bare interpreter as its whole program.

Nothing of embprof's runs before the imports that a service would do: whatever it imported would be
found done, and would make them look cheaper. So this file imports only what the interpreter has at
hand by then, and hands over to :mod:`~.starts.stages` when the imports are timed.

Arguments: descriptors of the lifeline and of the file for the answer, the folder of embprof, names
of modules and folders of ``sys.path`` (one per line), and the request as JSON.
"""

# ruff: noqa: E402  (the clock is read before anything else, even an import that costs nothing)
import time

FIRST_INSTANT = time.perf_counter()

import fcntl
import os
import sys

lifeline, answer, package, names, paths, request = sys.argv[1:7]
sys.argv[1:] = []


def end_with_parent(line: int) -> None:
    """The kernel ends this process (SIGIO) when the other end of the line is closed.

    No thread waits for it, and code that never gives the interpreter lock back cannot prevent it.
    """
    os.set_inheritable(line, False)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(line, fcntl.F_GETFL)
    fcntl.fcntl(line, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(line, 1) == b"":
            os._exit(1)  # it was closed before we listened
    except BlockingIOError:
        pass


def memory() -> str:
    """What the kernel says of this process; empty where it does not."""
    try:
        status = os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(status, 65536).decode()
    finally:
        os.close(status)


def say(stage: str) -> None:
    """Marks, in the log of imports, where a stage begins."""
    os.write(2, f"\nembprof stage: {stage}\n".encode())


def tell(content: dict[str, object]) -> None:
    """Writes the answer and ends; whatever libraries do at exit is not a start's business."""
    import json

    text = json.dumps(content).encode()
    while text:
        text = text[os.write(int(answer), text) :]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


try:
    end_with_parent(int(lifeline))
    os.set_inheritable(int(answer), False)
    sys.path[:] = paths.split("\n")
    memories = {"bare": memory()}
    say("import")
    started = time.perf_counter()
    for name in filter(None, names.split("\n")):
        __import__(name)
    imported = time.perf_counter()
    memories["imported"] = memory()
    say("harness")

    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "embprof", f"{package}/__init__.py", submodule_search_locations=[package]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["embprof"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["embprof"])
    from embprof.measurements.load_time.starts import stages

    known = {"first_instant": FIRST_INSTANT, "import": imported - started, "memory": memories}
    tell(stages.run(request, known, memory=memory, say=say))
except BaseException as error:  # noqa: BLE001  (whatever it is, it is the reason)
    import traceback

    details = traceback.format_exc()
    while type(error).__name__ == "InstantiationException" and error.__cause__ is not None:
        error = error.__cause__  # Hydra's wrapping of what a plug-in's class raised
    tell({"error": {"kind": type(error).__name__, "message": str(error), "details": details}})
