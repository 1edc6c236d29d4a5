"""Rule files as they were in a revision of the git repository that one stands in: `REV:PATH`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath

from forbear.cli.failing import wrong_use
from forbear.policy.files import PACK, SUFFIX


def is_revision(path: str) -> bool:
    """Whether a path is written as `REV:PATH`, and is none of a file that is there."""
    return ":" in path and not path.startswith(PACK) and not Path(path).exists()


@contextmanager
def checked_out(revision_path: str) -> Iterator[Path]:
    """The file or folder that `REV:PATH` names, beside all other rule files of that revision, for as long as needed.

    As in git, PATH starts at the top of the repository, or with `./` where one stands. Ends the command with 2 where
    there is no such thing.
    """
    revision, _, path = revision_path.partition(":")
    top = _git("rev-parse", "--show-toplevel")
    if top is None:
        wrong_use(f"{revision_path!r} names a revision, and here is no git repository")
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        wrong_use(f"there is no revision {revision!r}, and no file {revision_path!r}")
    prefix = _git("rev-parse", "--show-prefix") or ""
    inside = PurePosixPath(prefix, path) if path.startswith(("./", "../")) else PurePosixPath(path)
    with tempfile.TemporaryDirectory(prefix="forbear-") as folder:
        _write_rule_files(commit, top, Path(folder))
        where = Path(folder, inside).resolve()
        if not where.exists() or not where.is_relative_to(Path(folder).resolve()):
            wrong_use(
                f"revision {revision!r} has no rule file or folder {path!r}; "
                "it starts at the top of the repository, or with ./ where you stand"
            )
        yield where


def _write_rule_files(commit: str, top: str, folder: Path) -> None:
    """Writes all rule files of a revision into a folder."""
    listed = _run("-C", top, "ls-tree", "-r", "-z", commit).stdout.decode("utf-8", "surrogateescape")
    files = {}
    for entry in listed.split("\0"):
        about, _, name = entry.partition("\t")  # mode, type and object
        if name.endswith(SUFFIX) and about.split()[1] == "blob":
            files[name] = about.split()[2]
    asked = "".join(f"{object_name}\n" for object_name in files.values())
    answer = BytesIO(_run("-C", top, "cat-file", "--batch", given=asked).stdout)
    for name in files:
        size = int(answer.readline().split()[2])
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer.read(size))
        answer.readline()


def _git(*arguments: str) -> str | None:
    """What git answers, or None where it has none."""
    done = _run(*arguments)
    return None if done.returncode else done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def _run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], input=given.encode(), capture_output=True, check=False)
    except FileNotFoundError:
        wrong_use("REV:PATH needs the program git, and it is not installed")
