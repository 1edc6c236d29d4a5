"""The files of a policy: the one that is loaded and, through `uses`, those whose declarations it takes.

A pack never leads out of the folder of the packs: what somebody else wrote shall not choose which files are read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from attrs import evolve, frozen

from forbear import resources
from forbear.check.files.locations import (
    SUFFIX,
    InTree,
    Location,
    from_file,
    identity_of,
    is_file,
    is_folder,
    read_rule_file,
)
from forbear.diagnostic import Diagnostic
from forbear.model.names import did_you_mean, listed
from forbear.source import Place, Source
from forbear.syntax.ast import declarations, heads
from forbear.syntax.ast.module import Module
from forbear.syntax.ast.parts import Name, Text
from forbear.syntax.hidden_text import hidden_text
from forbear.syntax.parser import parse

PACK = "pack:"
STANDARD_VOCABULARY = "collections"
STANDARD_NAME = f"{PACK}vocabulary/{STANDARD_VOCABULARY}"
"""What the file of the standard vocabulary is called in messages."""


@frozen
class Pinned:
    """A file whose digest somebody has written: what it is called, and where it says so.

    `modules` are those that it uses, as they were loaded, and itself as the last; none where it is a standard.
    """

    digest: str
    place: Place
    named: str
    modules: tuple[Module, ...] = ()


@frozen
class Files:
    """Modules in such an order that each comes after those that it uses; the loaded one is the last. `paths` are the
    files of the disk that were read."""

    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    paths: tuple[Path, ...]
    complete: bool
    """Whether every file that is used could be read."""
    broken: frozenset[str]
    """The words of all statements that could not be read."""
    pinned: tuple[Pinned, ...]


class Reads:
    """The texts of one load: each file is read once, so that all who name it mean the same text."""

    def __init__(self) -> None:
        self._read: dict[str, Source | Diagnostic] = {}

    def keep(self, location: Location, source: Source) -> None:
        """A text that has been read already."""
        self._read.setdefault(identity_of(location), source)

    def read(self, location: Location, name: str) -> Source | Diagnostic:
        """A file's text, or the diagnostic that says why it is not read."""
        identity = identity_of(location)
        if identity not in self._read:
            self._read[identity] = read_rule_file(location, name)
        return self._read[identity]


def gather(source: Source, where: Location | None, reads: Reads) -> Files:
    """Reads all files of a policy. `where` is where `source` came from, None for a text without a file."""
    diagnostics: list[Diagnostic] = []
    pins: list[tuple[heads.Used, Text, Source, str]] = []
    main = "" if where is None else identity_of(where)
    module, found = _parse(source)
    diagnostics.extend(found)
    done: dict[str, Module] = {}
    opened: dict[str, Location | None] = {main: where}
    used_by: dict[str, list[str]] = {main: []}
    # Depth first without recursion: a file, and the `uses` of it that are still to be followed.
    stack = [(main, module, where, _targets(module))]
    while stack:
        user, current, its_place, targets = stack[-1]
        if not targets:
            done[user] = current
            stack.pop()
            continue
        wanted = targets.pop(0)
        target = wanted.named
        used = _resolve(target, current.source, its_place)
        if isinstance(used, Diagnostic):
            diagnostics.append(used)
            continue
        identity = identity_of(used)
        used_by[user].append(identity)
        if wanted.pin is not None:
            pins.append((wanted, wanted.pin, current.source, identity))
        if any(identity == one for one, *_ in stack):
            diagnostics.append(
                Diagnostic(
                    code="circular-uses",
                    message=f"`{target.text}` uses this file in turn",
                    place=Place(current.source, target.span),
                    help="move what both need into a third file, and let both use that",
                )
            )
            continue
        if identity in opened:
            continue
        opened[identity] = used
        read = reads.read(used, _display(used, its_place, current.source))
        if isinstance(read, Diagnostic):
            diagnostics.append(
                evolve(
                    read,
                    place=Place(current.source, target.span),
                    help="check the path: it is relative to the file that it stands in"
                    if read.code == "missing-file"
                    else read.help,
                )
            )
            continue
        module, found = _parse_once(read)
        diagnostics.extend(found)
        used_by[identity] = []
        stack.append((identity, module, used, _targets(module)))
    pinned = [
        Pinned(pin.text, Place(by, pin.span), wanted.named.text, _closure(identity, done, used_by))
        for wanted, pin, by, identity in pins
        if identity in done
    ]
    modules = list(done.values())
    broken = frozenset[str]().union(*[one.broken for one in modules])
    if not any(isinstance(node, _DECLARATIONS) for one in modules for node in one.statements):
        standard = resources.folder("rules") / "vocabulary" / f"{STANDARD_VOCABULARY}{SUFFIX}"
        if identity_of(standard) not in opened:
            opened[identity_of(standard)] = standard
            read = reads.read(standard, STANDARD_NAME)
            assert isinstance(read, Source), read
            module, found = _parse_once(read)
            diagnostics.extend(found)
            modules.insert(0, module)
    complete = "uses" not in broken and not any(one.code in _UNREAD for one in diagnostics)
    paths = tuple([path for path in opened.values() if isinstance(path, Path)])
    return Files(tuple(modules), tuple(diagnostics), paths, complete, broken, tuple(pinned))


_DECLARATIONS = (declarations.Fact, declarations.DerivedFact, declarations.Action)
_UNREAD = frozenset({"missing-file", "unreadable-file", "too-large", "circular-uses", "outside-pack"})


def _closure(identity: str, modules: Mapping[str, Module], used_by: Mapping[str, Sequence[str]]) -> tuple[Module, ...]:
    """A file and those that it uses, each after those that it uses itself, as if it were loaded alone."""
    found: dict[str, Module] = {}
    begun = {identity}
    stack = [(identity, iter(used_by[identity]))]
    while stack:
        user, used = stack[-1]
        for one in used:
            if one in modules and one not in begun:
                begun.add(one)
                stack.append((one, iter(used_by[one])))
                break
        else:
            found[user] = modules[user]
            stack.pop()
    return tuple(found.values())


@lru_cache(maxsize=16)
def _parse_once(source: Source) -> tuple[Module, tuple[Diagnostic, ...]]:
    """What is used by many, the standard vocabulary above all, is parsed once as long as its text is the same."""
    return _parse(source)


def _parse(source: Source) -> tuple[Module, tuple[Diagnostic, ...]]:
    """The statements of a file, and what there is to say of its text."""
    module, found = parse(source)
    errors = {error.place.start.line for error in found}
    return module, (*found, *hidden_text(source, module.statements, errors))


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
        help=did_you_mean(name, packs) or "`forbear packs` lists those that there are",
    )


def read_standard(
    target: Text | Name, source: Source, where: Location | None, reads: Reads
) -> tuple[Source, Location] | Diagnostic:
    """The file that an `ensure conforms to` or a `subject to` names: a path or a pack, as with `uses`.

    `where` is the file in which it stands.
    """
    found = _resolve(target, source, where)
    read = found if isinstance(found, Diagnostic) else reads.read(found, _display(found, where, source))
    if isinstance(found, Diagnostic) or isinstance(read, Diagnostic):
        assert isinstance(read, Diagnostic)
        return evolve(read, place=Place(source, target.span))
    return read, found


def _targets(module: Module) -> list[heads.Used]:
    return [target for node in module.statements if isinstance(node, heads.Uses) for target in node.targets]


def _resolve(target: Text | Name, source: Source, where: Location | None) -> Location | Diagnostic:
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
    found = from_file(where, target.text if target.text.endswith(SUFFIX) else f"{target.text}{SUFFIX}")
    if target.text in resources.pack_names() and not is_file(found):
        bare = from_file(where, target.text)
        if not is_file(bare) and not is_folder(bare):
            return pack_file(target.text, place)
    if _in_packs(where) and not _in_packs(found):
        return Diagnostic(
            code="outside-pack",
            message=f"a pack may not use `{target.text}`, which lies outside the packs",
            place=place,
            help="copy the pack into your own folder, and use the copy",
        )
    return found


def _in_packs(where: Location | None) -> bool:
    return isinstance(where, Path) and Path(identity_of(where)).is_relative_to(identity_of(resources.folder("rules")))


def _display(used: Location, where: Location | None, source: Source) -> str:
    """What people call a used file: seen from where they called the first one."""
    if isinstance(used, InTree):
        return str(used)
    if _in_packs(used) and (source.name.startswith(PACK) or not _in_packs(where)):
        rules = identity_of(resources.folder("rules"))
        return f"{PACK}{Path(identity_of(used)).relative_to(rules).with_suffix('').as_posix()}"
    if not isinstance(where, Path):
        return os.path.normpath(used)
    return os.path.normpath(Path(source.name).parent / os.path.relpath(used, where.parent))
