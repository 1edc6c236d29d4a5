"""Reads rule files of a revision of the git repository of the working folder: `REV:PATH`.

Nothing of a revision is written to the disk. Git gives each file when it is read, by the name of its object, so no name
in a commit is ever used as a path of the disk.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
from collections.abc import Mapping
from subprocess import DEVNULL, PIPE

from attrs import frozen

from forbear.base.source import MAXIMUM_BYTES
from forbear.check.files.locations import PACK, SUFFIX, InTree, is_file, is_folder
from forbear.cli.support.failing import wrong_use

_LINK = "120000"


@frozen
class _Entry:
    mode: str
    object: str


@frozen
class Revision:
    """The rule files of a revision. Links in it are not followed."""

    name: str
    files: Mapping[str, _Entry]

    def read(self, file: str) -> bytes:
        """The bytes of a file; if it is too large, one byte more than `MAXIMUM_BYTES`. Raises `OSError`."""
        entry = self.files.get(file)
        if entry is None:
            raise FileNotFoundError
        if entry.mode == _LINK:
            raise OSError(0, "it is a link, and links of a revision are not followed")
        command = ["git", "cat-file", "blob", entry.object]
        with subprocess.Popen(command, env=_environment(), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL) as git:
            assert git.stdout is not None
            content = git.stdout.read(MAXIMUM_BYTES + 1)
        if git.returncode and len(content) <= MAXIMUM_BYTES:
            raise OSError(0, f"the repository here lacks its text; `git show {self.name}:{file}` may fetch it")
        return content


def is_revision(path: str) -> bool:
    """Returns true if a path is of the form `REV:PATH`, and not the path of a file.

    Ends the command with 2 if it is both: whoever adds a file of that name must not choose what is compared.
    """
    if ":" not in path or path.startswith(PACK):
        return False
    if not os.path.lexists(path):
        return True
    if _commit(path.partition(":")[0]) is not None:
        wrong_use(f"{path!r} names a revision, and a file or folder that is here: write ./{path} for the latter")
    return False


def in_revision(revision_path: str) -> InTree:
    """Returns the file or folder that `REV:PATH` names.

    As in git, PATH is relative to the top of the repository or, with `./`, to the working folder. Ends the command with
    2 if there is no such file or folder.
    """
    revision, _, path = revision_path.partition(":")
    if shutil.which("git") is None:
        wrong_use("REV:PATH needs the program git, and it is not installed")
    if _git("rev-parse", "--show-toplevel") is None:
        wrong_use(f"{revision_path!r} names a revision, and here is no git repository")
    commit = _commit(revision)
    if commit is None:
        wrong_use(f"there is no revision {revision!r}, and no file {revision_path!r}")
    prefix = _git("rev-parse", "--show-prefix") or ""
    if path.startswith(("./", "../")):
        path = posixpath.join(prefix, path)
    where = InTree(Revision(revision, _rule_files(revision, commit)), posixpath.normpath(path))
    if not is_file(where) and not is_folder(where):
        wrong_use(
            f"revision {revision!r} has no rule file or folder {path!r}; "
            "it starts at the top of the repository, or with ./ in the working folder"
        )
    return where


def _commit(revision: str) -> str | None:
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def _rule_files(revision: str, commit: str) -> Mapping[str, _Entry]:
    """The rule files of a commit by name, which may hold any bytes. Ends the command with 2 if the commit is broken."""
    listed = _git("ls-tree", "-r", "-z", "--full-tree", commit)
    if listed is None:
        wrong_use(f"revision {revision!r} cannot be read: the repository here lacks parts of it, or they are broken")
    files: dict[str, _Entry] = {}
    for line in listed.split("\0"):
        about, _, name = line.partition("\t")
        if not name.endswith(SUFFIX):
            continue
        mode, kind, object_name = about.split()
        if kind != "blob":
            continue
        if name in files:
            wrong_use(f"revision {revision!r} is broken: it has two files {name!r}")
        files[name] = _Entry(mode, object_name)
    return files


def _git(*arguments: str) -> str | None:
    """The output of git; None if it fails."""
    try:
        done = subprocess.run(
            ["git", *arguments], env=_environment(), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, check=False
        )
    except (FileNotFoundError, ValueError):  # git is not installed, or an argument holds a NUL character
        return None
    return None if done.returncode else done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def _environment() -> dict[str, str]:
    """The environment for git. It forbids git to fetch objects that a partial clone lacks, since the configuration of
    the repository may name a program for that."""
    return {**os.environ, "GIT_ALLOW_PROTOCOL": ""}
