"""A server of PostgreSQL, as a fixture of pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import psycopg  # the quick part of the tests runs without it


@pytest.fixture(scope="session")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    """A server of PostgreSQL on a folder of its own, run by somebody who is not root."""
    programs = _programs()
    somebody: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **somebody}
    try:
        if somebody:
            shutil.chown(folder, "nobody", "nogroup")
        data = folder / "data"
        make: list[str | Path] = [programs / "initdb", "-D", data, "-U", "tester"]
        subprocess.run([*make, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, **quiet)
        serve: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder]
        serve += ["-c", "listen_addresses=", "-c", "fsync=off"]
        server: subprocess.Popen[bytes] = subprocess.Popen(serve, **quiet)
        try:
            with _connected(folder, server) as connection:
                yield connection
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Where PostgreSQL is; Debian keeps it out of PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(places[-1]) if places else shutil.which("initdb")
    assert found, "PostgreSQL is not installed: .ci/run says how"
    return Path(os.path.realpath(found)).parent


def _connected(folder: Path, server: subprocess.Popen[bytes]) -> psycopg.Connection[Any]:
    import psycopg

    for _ in range(300):
        try:
            return psycopg.connect(host=str(folder), user="tester", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            time.sleep(0.1)
    raise AssertionError("PostgreSQL does not answer")
