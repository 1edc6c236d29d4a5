"""Writes the files of commands, as a whole or not at all. Pipes and devices are written directly."""

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
from forbear.kernel.cases import CaseError

_STREAMS = ("/dev/fd/", "/dev/std", "/proc/self/fd/")
"""Names of open descriptors of this process. A file that one refers to is written to, and not replaced."""


def to_standard_output(target: str) -> bool:
    """Returns true if a target is standard output: `-`, or a path to the same file or pipe."""
    if target == "-":
        return True
    try:
        status, out = os.stat(target), os.fstat(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # one of the two does not exist, or is not a valid path
        return False
    return os.path.samestat(status, out) and not stat.S_ISCHR(status.st_mode)


def is_stream(target: str) -> bool:
    """Returns true if a target is standard output, a pipe or a device, and so has no old content to keep."""
    try:
        status = os.stat(target)
    except (OSError, ValueError):
        return target == "-"
    return not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode)


def write_whole(target: str, text: str, inputs: Iterable[Path] = ()) -> None:
    """Writes a text to a temporary file in the folder of the target, and renames it: a crash leaves the old file.

    A link stays a link. Standard output, pipes and devices are written directly. Ends the command with 2 if the target
    is one of `inputs`, and with 1 if it cannot be written.
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
        with replacing(Path(os.path.realpath(target))) as file:
            file.write(content)
    except (OSError, ValueError) as error:
        _cannot_write(target, error)


def write_with_report(target: str, text: str, inputs: Iterable[Path]) -> None:
    """Writes as `write_whole` does. If that is standard output, the report that follows goes to standard error."""
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
    """Gives a temporary file to write to, which replaces the target at the end of the block, as in `write_whole`.

    Ends the command with 2 for standard output, a pipe or a device: what is written there cannot be undone.
    """
    try:
        refuse_streams(target)
        keep_apart(target, inputs)
        with replacing(Path(os.path.realpath(target))) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except CaseError:  # a ValueError, but not of the file
        raise
    except (OSError, ValueError) as error:
        _cannot_write(target, error)


def refuse_streams(target: str) -> None:
    """Ends the command with 2 if what is written to a target cannot be undone."""
    if is_stream(target) or target.startswith(_STREAMS):
        wrong_use(f"{target!r} is not a regular file: name one, as the answer is written whole or not at all")


def keep_apart(target: str, inputs: Iterable[Path]) -> None:
    """Ends the command with 2 if a target is one of the inputs."""
    if any(_same_file(target, file) for file in inputs):
        wrong_use(f"{target!r} is read by this command, so it is not written: name another file")


def _cannot_write(target: str, error: Exception) -> NoReturn:
    reason = getattr(error, "strerror", None) or "it is not a path"
    fail(f"{target!r} cannot be written: {reason.lower()}")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Gives a temporary file in the folder of a path, which replaces the path at the end of the block.

    Raises `OSError`.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    else:
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(0, "it is a folder")
        if not os.access(path, os.W_OK):
            raise PermissionError(0, "permission denied")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".forbear.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
