"""The Spark session of a command, and Spark's errors in one sentence."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from forbear.base.extras import missing_extra
from forbear.portfolio.workers import importing_safely

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CONDITION = re.compile(r"\[[A-Z_.]+\] ")
_STATE = re.compile(r"\s*SQLSTATE: \w+;?\s*")
_LACKS = re.compile(r"^ModuleNotFoundError: No module named '([^']+)'", re.MULTILINE)


class SparkFailed(Exception):
    """Spark failed. The message says why."""


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Gives the active session or, if there is none, a new one by the user's configuration, which ends with the block.

    An exception of Spark in the block is raised as `SparkFailed`. Raises `ModuleNotFoundError` without pyspark.
    """
    import pyspark  # first, so that a missing module is reported by this name
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        active = pyspark.sql.SparkSession.getActiveSession()
        session = active or _started()
        try:
            if not hasattr(session, "_jvm"):
                raise SparkFailed(
                    "a session of Spark Connect does not say where files are: use `forbear.spark.apply` there"
                )
            yield session
        finally:
            if active is None:
                session.stop()
    except (PySparkException, Py4JError) as error:
        raise SparkFailed(_sentence(error)) from None


def _started() -> SparkSession:
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    try:
        with importing_safely():  # Spark starts its workers with the environment that it has itself
            session = SparkSession.builder.getOrCreate()
    except PySparkRuntimeError as error:
        if error.getCondition() == "JAVA_GATEWAY_EXITED":
            raise SparkFailed("Spark did not start: it needs Java 17 or later, on PATH or in JAVA_HOME") from None
        raise
    context = session.sparkContext
    if str(context.master).startswith("local") and "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable  # the workers are on this machine, and need the packages of this Python
    return session


def _sentence(error: Exception) -> str:
    """The first message that has one of Spark's error conditions, and the first line of the root cause."""
    if isinstance(error, ImportError):  # of pandas, say, without which it sends no batch of Arrow
        return missing_extra("Spark", "spark", ImportError(_CONDITION.sub("", str(error))))
    lacking = _LACKS.search(str(error))
    if lacking is not None:
        return f"the workers of Spark have no {lacking[1]}: install forbear there, with its extra `apply`"
    if "Traceback (most recent call last)" in str(error):
        return f"a worker of Spark failed: {str(error).strip().splitlines()[-1]}"
    messages = [line for line in map(_first_line, _causes(error)) if line]
    named = [line for line in messages if _CONDITION.match(line)]
    sentences = dict.fromkeys(_CONDITION.sub("", line) for line in (*named[:1], *messages[-1:]))
    return f"Spark failed: {': '.join(sentences)}"


def _first_line(text: str) -> str:
    """The first line of a Java exception: Spark's error condition without its state, or exception type and message."""
    line = _STATE.sub("", text.strip().partition("\n")[0]).rstrip(". ")
    kind, _, message = line.partition(": ")
    if _CONDITION.match(message):
        return message
    return f"{kind.rpartition('.')[2]}: {message}" if message and "." in kind else line


def _causes(error: Exception) -> Iterator[str]:
    java: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is None:
        yield str(error)
    while java is not None:
        yield str(java.toString())
        java = java.getCause()
