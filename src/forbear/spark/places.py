"""Paths of Spark, which are on the file systems of Hadoop. A path without a scheme is on the one that is configured.

A folder is replaced as a whole or not at all: it is written next to the target and then renamed. On a local disk and on
HDFS a rename is atomic. In an object store it copies one object after the other, so such a target is refused.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RENAMING = ("file", "hdfs", "viewfs")
"""The schemes of file systems that rename a folder in one step."""


class Misplaced(ValueError):
    """A path that the command refuses. The message says why."""


class NotWritten(OSError):
    """A folder could not be written. The message says why."""


@frozen(eq=False)
class Place:
    """A path on a file system of Hadoop: two objects of Java, and the qualified name."""

    path: Any
    system: Any
    name: str


def place_of(session: SparkSession, text: str) -> Place:
    """The place of a path. Links on the local disk are followed."""
    jvm: Any = session._jvm
    path = jvm.org.apache.hadoop.fs.Path(text)
    system = path.getFileSystem(_configuration(session))
    path = system.makeQualified(path)
    if system.getScheme() == "file":
        path = system.makeQualified(jvm.org.apache.hadoop.fs.Path(os.path.realpath(path.toUri().getPath())))
    return Place(path, system, path.toString())


def local_name(session: SparkSession, path: Path) -> str:
    """The qualified name of a file on this machine."""
    return place_of(session, f"file://{os.path.realpath(path)}").name


def found(session: SparkSession, text: str) -> list[str]:
    """The qualified names of what matches a path, which may be a pattern such as `accounts/*.csv`."""
    place = place_of(session, text)
    statuses = place.system.globStatus(place.path) or ()
    return [place_of(session, status.getPath().toString()).name for status in statuses]


def _configuration(session: SparkSession) -> Any:
    return session._jsparkSession.sessionState().newHadoopConf()


@contextmanager
def whole_folder(session: SparkSession, target: str, inputs: Iterable[str]) -> Iterator[str]:
    """Gives a temporary name to write a folder to. The folder replaces the target at the end of the block, unless an
    exception is raised.

    `inputs` are qualified names of what is read. Raises `Misplaced` where the target is, contains or lies in one of
    them, and where it is a folder with other files than parts that an engine wrote; `NotWritten` where writing fails.
    """
    place = place_of(session, target)
    if place.system.getScheme() not in RENAMING:
        raise Misplaced(
            f"{target!r} is in an object store, which cannot put a folder in its place in one step: write to a local "
            "disk or to HDFS and copy from there, or use `forbear.spark.apply` in a program of your own"
        )
    parent = place.path.getParent()
    if parent is None or not place.system.exists(parent):
        raise NotWritten(f"{target!r} cannot be written: there is no folder for it")
    if any(_within(place.name, name) or _within(name, place.name) for name in inputs):
        raise Misplaced(f"{target!r} is read by this command, so it is not written: name another folder")
    if not _replaceable(place):
        raise Misplaced(f"{target!r} is a folder with other things than parts of an answer: name another one")
    temporary = _sibling(session, place)
    try:
        yield temporary.name
        _put(session, temporary, place, target)
    except BaseException:
        temporary.system.delete(temporary.path, True)
        raise


@contextmanager
def scratch_folder(session: SparkSession, target: str) -> Iterator[str]:
    """Gives the name of a temporary folder next to a target. It is deleted at the end of the block."""
    scratch = _sibling(session, place_of(session, target))
    try:
        yield scratch.name
    finally:
        scratch.system.delete(scratch.path, True)


def _within(inner: str, outer: str) -> bool:
    return f"{inner}/".startswith(f"{outer.rstrip('/')}/")


def _replaceable(place: Place) -> bool:
    if not place.system.exists(place.path) or place.system.getFileStatus(place.path).isFile():
        return True
    names = [status.getPath().getName() for status in place.system.listStatus(place.path)]
    return all(name.startswith(("part-", "_", ".")) for name in names)


def _sibling(session: SparkSession, place: Place) -> Place:
    jvm: Any = session._jvm
    path = jvm.org.apache.hadoop.fs.Path(place.path.getParent(), f".forbear.{uuid.uuid4().hex}")
    return Place(path, place.system, path.toString())


def _put(session: SparkSession, temporary: Place, place: Place, target: str) -> None:
    """Renames the temporary folder to the target. No rename replaces a folder, so the old one is moved away first, and
    moved back if the second rename fails."""
    before = None
    if place.system.exists(place.path):
        before = _sibling(session, place)
        _rename(place, before, target)
    try:
        _rename(temporary, place, target)
    except BaseException:
        if before is not None:
            _rename(before, place, target)
        raise
    if before is not None:
        before.system.delete(before.path, True)


def _rename(source: Place, to: Place, target: str) -> None:
    if not source.system.rename(source.path, to.path):
        raise NotWritten(f"{target!r} cannot be written: the file system does not rename a folder to it")
