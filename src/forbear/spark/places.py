"""Where files are for Spark: on the file systems of Hadoop. Which one a path without a scheme is on, its configuration
says.

A folder appears whole or not at all: it is written beside the target and takes its place by a rename, as each file of
one machine does. That is one step on a local disk and on HDFS. In an object store a rename copies one object after the
other, so such a target is refused.
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
"""The file systems that rename a folder in one step."""


class Misplaced(ValueError):
    """A path that cannot be meant; the message says why."""


class NotWritten(OSError):
    """A folder that could not be put in its place; the message says why."""


@frozen(eq=False)
class Place:
    """A path on a file system of Hadoop, both as Java has them, and its whole name."""

    path: Any
    system: Any
    name: str


def place_of(session: SparkSession, text: str) -> Place:
    """Where a path leads. Links of the local disk are followed."""
    jvm: Any = session._jvm
    path = jvm.org.apache.hadoop.fs.Path(text)
    system = path.getFileSystem(_configuration(session))
    path = system.makeQualified(path)
    if system.getScheme() == "file":
        path = system.makeQualified(jvm.org.apache.hadoop.fs.Path(os.path.realpath(path.toUri().getPath())))
    return Place(path, system, path.toString())


def local_name(session: SparkSession, path: Path) -> str:
    """The whole name of a file of this machine."""
    return place_of(session, f"file://{os.path.realpath(path)}").name


def found(session: SparkSession, text: str) -> list[str]:
    """The whole names of what is under a path, which may be a pattern such as `accounts/*.csv`."""
    place = place_of(session, text)
    statuses = place.system.globStatus(place.path) or ()
    return [place_of(session, status.getPath().toString()).name for status in statuses]


def _configuration(session: SparkSession) -> Any:
    return session._jsparkSession.sessionState().newHadoopConf()


@contextmanager
def whole_folder(session: SparkSession, target: str, inputs: Iterable[str]) -> Iterator[str]:
    """A name to write a folder under, which takes the place of the target when all is well. What is there stays until
    then.

    `inputs` are whole names of what is read. Raises `Misplaced` where the target is one of them, or in or above one,
    and where it is neither a file nor a folder of parts that an engine wrote; `NotWritten` where it cannot be.
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
    """A name beside a target, of which nothing is left in the end."""
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
    """Two renames where something is there already: none replaces a folder. It comes back if the second fails."""
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
