"""`forbear` as a process that starts in a fraction of the time: a server has imported the command, and forks for each
run. Each run has its own memory, folder, environment and streams; only its modules are there already. By night each run
is a process started anew."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path

import pytest

AFRESH = os.environ.get("FORBEAR_PROFILE", "ci") != "ci"


def forked(
    arguments: Sequence[str],
    *,
    given: bytes,
    cwd: Path | None,
    env: Mapping[str, str],
    seconds: float,
    merged: bool = False,
) -> tuple[int, bytes, bytes]:
    """The exit code, output and errors of `forbear` with arguments; where `merged`, errors go into the output."""
    if AFRESH:
        command = [sys.executable, "-m", "forbear", *arguments]
        done = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            cwd=cwd,
            env=env,
            timeout=seconds,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr or b""
    context = server()
    (stdin, into), (out, stdout), (err, stderr) = (context.Pipe(duplex=False) for _ in range(3))
    process = started(arguments, (stdin, stdout, stdout if merged else stderr), cwd=cwd, env=env)
    for theirs in (stdin, stdout, stderr):
        theirs.close()
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(3) as threads:
        threads.submit(fill, into, given)
        said = [threads.submit(drain, stream) for stream in (out, err)]
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), seconds)
        output, errors = (one.result(max(1.0, ends - time.monotonic())) for one in said)
    assert process.exitcode is not None
    return process.exitcode, output, errors


def started(
    arguments: Sequence[str], streams: Sequence[Connection | None], *, cwd: Path | None, env: Mapping[str, str]
) -> ForkServerProcess:
    """A run by day with its standard input, output and errors, any of which may be closed, or lead anywhere: a
    `Connection` of any number of an open file is passed on."""
    process = server().Process(
        target=command_line, args=(list(arguments), str(cwd or Path.cwd()), dict(env), tuple(streams))
    )
    process.start()
    return process


@cache
def server() -> ForkServerContext:
    """The server, which has imported what any command does, and built the parser."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["forking_preloaded"])
    with pytest.MonkeyPatch.context() as patch:  # the server imports by the path that it is started with
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
        ensure_running()
    return context


def command_line(arguments: list[str], cwd: str, env: dict[str, str], streams: tuple[Connection | None, ...]) -> None:
    """What a run does in its process: it takes its streams, folder and environment, and is `forbear`."""
    from forbear.cli.main import main

    for number, stream in enumerate(streams):
        if stream is None:
            os.close(number)
        else:
            os.dup2(stream.fileno(), number)
    for stream in {*streams} - {None}:
        assert stream is not None
        stream.close()
    stdin, stdout, stderr = (stream is not None for stream in streams)  # a Python that starts has None for a closed one
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False) if stdin else None
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False) if stdout else None
    sys.stderr = (
        os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False) if stderr else None
    )
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.argv = ["forbear", *arguments]
    main(prog_name="forbear")


def fill(stream: Connection, given: bytes) -> None:
    with stream, open(stream.fileno(), "wb", closefd=False) as file:
        try:
            file.write(given)
            file.flush()
        except BrokenPipeError:  # it ended without reading all
            file.detach()


def drain(stream: Connection) -> bytes:
    with stream, open(stream.fileno(), "rb", closefd=False) as file:
        return file.read()
