# What the worker runs in Python: one session, and a function that answers.
import json
import time
from pathlib import Path

from pyodide.ffi import run_sync

from forbear.editors.studio.session import Session


class _Superseded(Exception):
    pass


def _between(pause, waits):
    """Looks up now and then, and ends the search where something else waits."""
    last = time.monotonic()

    def between():
        nonlocal last
        if time.monotonic() - last > 0.03:
            run_sync(pause())
            if waits():
                raise _Superseded
            last = time.monotonic()

    return between


def answer(method, args, pause=None, waits=None):
    """An answer as JSON; None where the search made way."""
    args = json.loads(args)
    if method in ("findings", "change") and pause is not None:
        args.append(_between(pause, waits))
    try:
        return json.dumps(getattr(_session, method)(*args))
    except _Superseded:
        return None


_session = Session(Path())  # the working folder: so files go by their names
