"""Files that commands write: whole, or not at all. What is no file, such as a pipe, is written straight."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from forbear.cli.support.failing import fail, wrong_use
from forbear.cli.support.printing import print_file
from forbear.kernel import CaseError

_STREAMS = ("/dev/fd/", "/dev/std", "/proc/self/fd/")
"""Names of what this process has open: where one leads to a file, that file is written, and not replaced."""


def to_standard_output(target: str) -> bool:
    """Whether a target is standard output: as `-`, or by a name of what standard output leads to."""
    if target == "-":
        return True
    try:
        found, out = os.stat(target), os.fstat(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # one of the two is not there, or no path
        return False
    return os.path.samestat(found, out) and not stat.S_ISCHR(found.st_mode)


def is_stream(target: str) -> bool:
    """Whether a target is standard output, a pipe or a device: something without a text of its own to keep."""
    try:
        found = os.stat(target)
    except (OSError, ValueError):
        return target == "-"
    return not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode)


def write_whole(target: str, text: str, inputs: Iterable[Path] = ()) -> None:
    """Writes beside the target and puts the file in its place at once: a crash leaves what was there.

    A link stays one. Standard output, pipes and devices are written straight. Ends the command with 2 where the target
    is one of its inputs, and with 1 where it cannot be written.
    """
    if to_standard_output(target):
        print_file(text)
        return
    content = text.encode("utf-8", "backslashreplace")
    try:
        if is_stream(target) or target.startswith(_STREAMS):
            with open(target, "wb") as stream:
                stream.write(content)
            return
        keep_apart(target, inputs)
        with _replacing(Path(os.path.realpath(target))) as file:
            file.write(content)
    except (OSError, ValueError) as error:
        _cannot_write(target, error)


def write_with_report(target: str, text: str, inputs: Iterable[Path]) -> None:
    """Writes as `write_whole` does; where that is standard output, the report that follows goes to standard error."""
    write_whole(target, text, inputs)
    if to_standard_output(target):
        click.get_current_context().with_resource(redirect_stdout(sys.stderr))


def _same_file(target: str, file: Path) -> bool:
    try:
        return os.path.samefile(target, file)
    except OSError:  # one of the two is not there
        return False


@contextmanager
def whole_file(target: str, inputs: Iterable[Path] = ()) -> Iterator[BinaryIO]:
    """A file to write to at length, which takes the place of the target when all is written, as in `write_whole`. A
    target that is no file of its own is refused: what is written there could not be taken back."""
    try:
        refuse_streams(target)
        keep_apart(target, inputs)
        with _replacing(Path(os.path.realpath(target))) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except CaseError:  # it is a ValueError, of what was to be written
        raise
    except (OSError, ValueError) as error:
        _cannot_write(target, error)


def refuse_streams(target: str) -> None:
    """Ends the command with 2 where what is written to a target could not be taken back."""
    if is_stream(target) or target.startswith(_STREAMS):
        wrong_use(f"{target!r} is no file that could be written whole or not at all: name a file")


def keep_apart(target: str, inputs: Iterable[Path]) -> None:
    if any(_same_file(target, file) for file in inputs):
        wrong_use(f"{target!r} is read by this command, so it is not written: name another file")


def _cannot_write(target: str, error: Exception) -> NoReturn:
    reason = getattr(error, "strerror", None) or "it is no path"
    fail(f"{target!r} cannot be written: {reason.lower()}")


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file beside a path, which takes its place when all is well."""
    try:
        found = os.stat(path).st_mode
    except FileNotFoundError:
        found = 0o666 & ~_umask()
    else:
        if stat.S_ISDIR(found):
            raise IsADirectoryError(0, "it is a folder")
        if not os.access(path, os.W_OK):
            raise PermissionError(0, "permission denied")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".forbear.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.chmod(temporary, stat.S_IMODE(found))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
