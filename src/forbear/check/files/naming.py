"""What a path or a name in a rule file, or on a command line, means: a file, a bundled vocabulary, or a pack.

A pack never leads out of the folder of the packs: what somebody else wrote shall not choose which files are read.
"""

from __future__ import annotations

import os
from pathlib import Path

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Source
from forbear.check.files.locations import SUFFIX, InTree, Location, from_file, identity_of, is_file, is_folder
from forbear.language.model.names import did_you_mean, listed
from forbear.language.syntax.nodes import Name, Text

PACK = "pack:"
STANDARD_VOCABULARY = "collections"
STANDARD_NAME = f"{PACK}vocabulary/{STANDARD_VOCABULARY}"
"""What the file of the standard vocabulary is called in messages."""


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
    return Diagnostic(
        code="missing-file",
        message=f"there is no pack `{name}`",
        place=place,
        help=did_you_mean(name.rpartition("rules/")[2], packs) or "`forbear packs` lists those that there are",
    )


def resolve(target: Text | Name, source: Source, where: Location | None) -> Location | Diagnostic:
    """The file that a `uses` names."""
    rules = resources.folder("rules")
    place = Place(source, target.span)
    if isinstance(target, Name):
        bundled = sorted(path.stem for path in (rules / "vocabulary").glob(f"*{SUFFIX}"))
        if target.text not in bundled:
            return Diagnostic(
                code="missing-file",
                message=f"there is no bundled vocabulary `{target.text}`",
                place=place,
                help=did_you_mean(target.text, bundled)
                or f"bundled are {listed(bundled)}; a file of your own is written in quotation marks",
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
        return Diagnostic(
            code="outside-pack",
            message=f"a pack may not use `{target.text}`, which lies outside the packs",
            place=place,
            help="copy the pack into your own folder, and use the copy",
        )
    return location


def _in_packs(where: Location | None) -> bool:
    return isinstance(where, Path) and Path(identity_of(where)).is_relative_to(identity_of(resources.folder("rules")))


def display(used: Location, where: Location | None, source: Source) -> str:
    """What people call a used file: seen from where they called the first one."""
    if isinstance(used, InTree):
        return str(used)
    if _in_packs(used) and (source.name.startswith(PACK) or not _in_packs(where)):
        rules = identity_of(resources.folder("rules"))
        return f"{PACK}{Path(identity_of(used)).relative_to(rules).with_suffix('').as_posix()}"
    if not isinstance(where, Path):
        return os.path.normpath(used)
    return os.path.normpath(Path(source.name).parent / os.path.relpath(used, where.parent))
