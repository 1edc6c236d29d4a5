"""Locations of rule files: on the disk, or in a tree that is not checked out, such as a revision of a repository.

A path in a rule file was chosen by whoever wrote that file. So it leads to rule files only: regular files that end in
`.forbear`, through links too. Nothing else is opened, and no message shows a line of it.
"""

from __future__ import annotations

import difflib
import errno
import os
import posixpath
import re
import stat
from collections.abc import Callable, Collection
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from attrs import evolve, frozen

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import MAXIMUM_BYTES, Place, Source
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import did_you_mean, one_of
from forbear.language.syntax.nodes import Name, Text
from forbear.language.syntax.parser import read_source

SUFFIX = ".forbear"


class Tree(Protocol):
    """Rule files that are not on the disk. Their names start at the top, with `/` between folders and none before."""

    @property
    def name(self) -> str:
        """The name of the tree in messages."""

    @property
    def files(self) -> Collection[str]:
        """The names of all its rule files."""

    def read(self, file: str) -> bytes:
        """Returns the content of a file, or at least its first `MAXIMUM_BYTES`. Raises `OSError` if it cannot be
        read.
        """


@frozen
class InTree:
    """A file or a folder of a tree. Nothing of that name may be there, and the name may lead out of the tree."""

    tree: Tree
    file: str

    def __str__(self) -> str:
        return f"{self.tree.name}:{self.file}"


Location: TypeAlias = Path | InTree
"""As a text it is the name used in messages."""


def from_file(where: Location | None, path: str) -> Location:
    """Returns the location of a path that is written in a file; None is a text without a file, in the working
    folder.
    """
    if isinstance(where, InTree):
        return evolve(where, file=posixpath.normpath(posixpath.join(posixpath.dirname(where.file), path)))
    return (Path.cwd() if where is None else where.parent) / path


def is_file(location: Location) -> bool:
    if isinstance(location, InTree):
        return location.file in location.tree.files
    try:
        return location.is_file()
    except (OSError, ValueError):  # a name too long, or one that cannot be one
        return False


def is_folder(location: Location) -> bool:
    if isinstance(location, InTree):
        within = "" if location.file == "." else f"{location.file}/"
        return any(file.startswith(within) for file in location.tree.files)
    try:
        return location.is_dir()
    except (OSError, ValueError):
        return False


def rule_files_in(folder: Location) -> list[Location]:
    """The rule files right in a folder, in the order of their names. Raises `OSError` where it cannot be read."""
    if isinstance(folder, InTree):
        within = "" if folder.file == "." else folder.file
        names = [file for file in folder.tree.files if posixpath.dirname(file) == within]
        return [evolve(folder, file=file) for file in sorted(names)]
    return sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX) and is_regular(path))


def rule_files_below(folder: Path, unreadable: Callable[[OSError], object], *, hidden: bool) -> list[Path]:
    """Returns the rule files in a folder and its subfolders, except for folders that are left out, in order; also
    `hidden` files, or none of them.

    `unreadable` is called with the error of each folder, or file, that cannot be read, so that nothing is silently
    omitted.
    """
    files = []
    for top, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not is_left_out(name)]
        for name in names:
            path = Path(top, name)
            try:
                if name.endswith(SUFFIX) and (hidden or not name.startswith(".")) and is_regular(path):
                    files.append(path)
            except OSError as error:
                unreadable(error)
    return sorted(files)


def is_left_out(name: str) -> bool:
    """Returns true if a folder within another one holds no rule files of its author: it is hidden, as `.git` and
    `.venv` are, or belongs to a tool.
    """
    return name.startswith(".") or name in ("node_modules", "__pycache__", "site-packages")


def is_regular(path: Path) -> bool:
    """Returns true if there is a regular file; not for a broken or circular link. Raises `OSError` if that cannot be
    decided, for which `Path.is_file` returns false from Python 3.14 on.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return False
        raise


def unreadable(name: str, error: OSError) -> Diagnostic:
    """The diagnostic of a file or folder that cannot be read."""
    return _missing(name, _reason(error))


def identity_of(location: Location) -> str:
    """Returns one text for one file, through links and `..`."""
    if isinstance(location, InTree):
        return str(location)
    try:
        return os.path.realpath(location)
    except ValueError:  # it cannot be a path
        return str(location)


def why_no_rule_file(path: Path) -> str | None:
    """Returns why a path that a text or a folder names is not opened. Raises `OSError` and `ValueError` if nothing is
    there.
    """
    return _why_not(os.path.realpath(path), (SUFFIX,), "rule file")


def _why_not(real: str, endings: tuple[str, ...], kind: str) -> str | None:
    mode = os.stat(real).st_mode
    if stat.S_ISDIR(mode):
        return "is a folder"
    if not stat.S_ISREG(mode):
        return f"is a pipe or a device, not a {kind}"
    if not real.endswith(endings):
        ending = " or ".join([f"`{ending}`" for ending in endings])
        return f"leads to a file that does not end in {ending}, so it is not a {kind}"
    return None


class Refused(OSError):
    """A file that is not opened. `strerror` is the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(0, reason)


def open_found(path: Path, endings: tuple[str, ...] = (SUFFIX,), kind: str = "rule file") -> BinaryIO:
    """Opens a file that the user did not name: one in a folder, or one that a text names. Whoever wrote that chose
    where it leads, so it must be a regular file with one of these endings, through links too. Raises `OSError`,
    including `Refused`, and `ValueError` if it is not a path.
    """
    real = os.path.realpath(path)
    reason = _why_not(real, endings, kind)
    if reason is not None:
        raise Refused(reason)
    return open(real, "rb")


def text_found(path: Path, encoding: str = "utf-8-sig") -> str:
    """The text of a rule file that nobody named, as `open_found` opens it. Raises `UnicodeDecodeError` besides."""
    with open_found(path) as file:
        return file.read().decode(encoding)


def _open_rule_file(location: Location) -> BinaryIO:
    if isinstance(location, InTree):
        if location.file.startswith(("/", "../")):
            raise Refused("lies outside the repository, and is not read")
        return BytesIO(location.tree.read(location.file))
    return open_found(location)


def read_rule_file(location: Location, name: str) -> Source | Diagnostic:
    """The text of a file that a rule file or a folder names, or the diagnostic that says why it is not read."""
    return _read(location, name, by_hand=False)


def read_file(path: Path, name: str) -> Source | Diagnostic:
    """The text of a file that somebody names by hand, a pipe for instance, or the diagnostic that says why it cannot
    be read. What is called a rule file is opened as one: it may come from a commit, through a hook, as a link."""
    return _read(path, name, by_hand=not (name.endswith(SUFFIX) and os.path.islink(path)))


def _read(location: Location, name: str, *, by_hand: bool) -> Source | Diagnostic:
    try:
        with location.open("rb") if by_hand and isinstance(location, Path) else _open_rule_file(location) as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except Refused as refused:
        reason = str(refused.strerror)
    except IsADirectoryError:
        reason = "is a folder"
    except (FileNotFoundError, NotADirectoryError):
        reason = "does not exist"
    except OSError as error:
        reason = _reason(error)
    except ValueError:
        reason = "is not a path"
    else:
        return read_source(name, content)
    return _missing(name, reason)


def _reason(error: OSError) -> str:
    return f"cannot be read ({(error.strerror or 'error').lower()})"


def _missing(name: str, reason: str) -> Diagnostic:
    stem = name.rpartition("/")[2].removesuffix(SUFFIX)
    packs = {pack.rpartition("/")[2]: pack for pack in resources.pack_names()}
    words = [word for word in re.split(r"\W+", stem.lower()) if len(word) > 1]
    alike = [one for one in packs if any(word in one.split("-") for word in words)]
    near = [stem] if stem in packs else difflib.get_close_matches(stem.lower(), packs, 1, 0.7) or alike
    place = Place(Source(name, ""), (0, 0))
    meant = [f'"{packs[one]}"' for one in near][:4]
    return diagnosis("missing-file.reason", place, file=name, reason=reason, packs=meant and one_of(meant))


# What a path or a name in a rule file, or on a command line, means: a file, a bundled vocabulary, or a pack.
#
# A pack never leads out of the folder of the packs: what somebody else wrote shall not choose which files are read.


PACK = "pack:"
STANDARD_VOCABULARY = "collections"
STANDARD_NAME = f"{PACK}vocabulary/{STANDARD_VOCABULARY}"
"""The name of the standard vocabulary's file in messages."""


def pack_of(path: str) -> str | None:
    """The pack that a path names: by `pack:NAME`, whether there is one or not, or by the bare name of a bundled pack
    where nothing of that path is there."""
    if path.startswith(PACK):
        return path.removeprefix(PACK)
    return path if path in resources.pack_names() and not Path(path).exists() else None


def pack_file(name: str, place: Place) -> Path | Diagnostic:
    """The file of a bundled pack, or the diagnostic that says that there is none."""
    packs = resources.pack_names()
    if name in packs:
        return resources.folder("rules") / f"{name}{SUFFIX}"
    return diagnosis("missing-file.pack", place, pack=name, nearest=did_you_mean(name.rpartition("rules/")[2], packs))


def resolve(target: Text | Name, source: Source, where: Location | None) -> Location | Diagnostic:
    """The file that a `uses` names."""
    rules = resources.folder("rules")
    place = Place(source, target.span)
    if isinstance(target, Name):
        bundled = sorted(path.stem for path in (rules / "vocabulary").glob(f"*{SUFFIX}"))
        if target.text not in bundled:
            return diagnosis(
                "missing-file.vocabulary",
                place,
                vocabulary=target.text,
                nearest=did_you_mean(target.text, bundled),
                bundled=bundled,
            )
        return rules / "vocabulary" / f"{target.text}{SUFFIX}"
    if target.text.startswith(PACK):
        return pack_file(target.text.removeprefix(PACK), place)
    location = from_file(where, target.text if target.text.endswith(SUFFIX) else f"{target.text}{SUFFIX}")
    if target.text in resources.pack_names() and not is_file(location):
        bare = from_file(where, target.text)
        if not is_file(bare) and not is_folder(bare):
            return pack_file(target.text, place)
    if _in_packs(where) and not _in_packs(location):
        return diagnosis("outside-pack.uses", place, named=target.text)
    return location


def _in_packs(where: Location | None) -> bool:
    return isinstance(where, Path) and Path(identity_of(where)).is_relative_to(identity_of(resources.folder("rules")))


def display(used: Location, where: Location | None, source: Source) -> str:
    """Returns the name of a used file in messages, relative to where the first one was called from."""
    if isinstance(used, InTree):
        return str(used)
    if _in_packs(used) and (source.name.startswith(PACK) or not _in_packs(where)):
        rules = identity_of(resources.folder("rules"))
        return f"{PACK}{Path(identity_of(used)).relative_to(rules).with_suffix('').as_posix()}"
    if not isinstance(where, Path):
        return os.path.normpath(used)
    return os.path.normpath(Path(source.name).parent / os.path.relpath(used, where.parent))
