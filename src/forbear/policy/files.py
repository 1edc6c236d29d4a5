"""The files of a policy: the one that is loaded and, through `uses`, those whose declarations it takes.

A pack never leads out of the folder of the packs: what somebody else wrote shall not choose which files are read.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from attrs import evolve, frozen

from forbear import resources
from forbear.diagnostic import Diagnostic
from forbear.policy.names import did_you_mean, listed
from forbear.source import MAXIMUM_BYTES, Place, Source, Span
from forbear.syntax import ast
from forbear.syntax.parser import parse, read_source

SUFFIX = ".forbear"
PACK = "pack:"
STANDARD_VOCABULARY = "collections"


@frozen
class Pinned:
    """A file whose digest somebody has written: what it is called, and where it says so."""

    digest: str
    place: Place
    named: str
    path: Path


@frozen
class Files:
    """Modules in such an order that each stands behind those that it uses; the loaded one is the last. `paths` are the
    files that were read."""

    modules: tuple[ast.Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    paths: tuple[Path, ...]
    complete: bool
    """Whether every file that is used could be read."""
    broken: frozenset[str]
    """The words of all statements that could not be read."""
    pinned: tuple[Pinned, ...]


def read_file(path: Path, name: str) -> Source | Diagnostic:
    """A file's text, or the diagnostic that says why it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except IsADirectoryError:
        reason = "is a folder"
    except (FileNotFoundError, NotADirectoryError):
        reason = "does not exist"
    except OSError as error:
        reason = f"cannot be read ({(error.strerror or 'error').lower()})"
    except ValueError:
        reason = "is no path"
    else:
        return read_source(name, content)
    return Diagnostic(
        code="missing-file",
        message=f"`{name}` {reason}",
        place=Place(Source(name, ""), Span(0, 0)),
        help="check the path",
    )


def gather(source: Source, path: Path | None) -> Files:
    """Reads all files of a policy. `path` is where `source` came from, None for a text without a file."""
    modules: list[ast.Module] = []
    diagnostics: list[Diagnostic] = []
    pinned: list[Pinned] = []
    module, found = parse(source)
    diagnostics.extend(found)
    opened: dict[str, Path] = {} if path is None else {identity_of(path): path}
    # Depth first without recursion: a file, and the `uses` of it that are still to be followed.
    stack = [(module, path, _targets(module))]
    trail = [None if path is None else identity_of(path)]
    while stack:
        current, where, targets = stack[-1]
        if not targets:
            modules.append(current)
            stack.pop()
            trail.pop()
            continue
        pin = targets[0].pin
        target = targets.pop(0).named
        used = _resolve(target, current.source, where)
        if isinstance(used, Diagnostic):
            diagnostics.append(used)
            continue
        if pin is not None:
            pinned.append(Pinned(pin.text, Place(current.source, pin.span), target.text, used))
        identity = identity_of(used)
        if identity in trail:
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
        name = _display(used, where, current.source)
        read = read_file(used, name)
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
        stack.append((module, used, _targets(module)))
        trail.append(identity)
    broken = frozenset[str]().union(*[one.broken for one in modules])
    if not any(isinstance(node, _DECLARATIONS) for one in modules for node in one.statements):
        standard = resources.folder("rules") / "vocabulary" / f"{STANDARD_VOCABULARY}{SUFFIX}"
        if identity_of(standard) not in opened:
            opened[identity_of(standard)] = standard
            read = read_file(standard, f"pack:vocabulary/{STANDARD_VOCABULARY}")
            assert isinstance(read, Source), read
            module, found = _parse_once(read)
            diagnostics.extend(found)
            modules.insert(0, module)
    complete = "uses" not in broken and not any(one.code in _UNREAD for one in diagnostics)
    return Files(tuple(modules), tuple(diagnostics), tuple(opened.values()), complete, broken, tuple(pinned))


_DECLARATIONS = (ast.Fact, ast.DerivedFact, ast.Action)
_UNREAD = frozenset({"missing-file", "unreadable-file", "too-large", "circular-uses", "outside-pack"})


@lru_cache(maxsize=16)
def _parse_once(source: Source) -> tuple[ast.Module, tuple[Diagnostic, ...]]:
    """What is used by many, the standard vocabulary above all, is parsed once as long as its text is the same."""
    return parse(source)


def pack_of(path: str, folder: Path | None = None) -> str | None:
    """The pack that a path names: by `pack:NAME`, whether there is one or not, or by the bare name of a shipped pack
    where nothing of that path is there, seen from a folder if not from the working one."""
    if path.startswith(PACK):
        return path.removeprefix(PACK)
    there = Path(path) if folder is None else folder / path
    return path if path in resources.pack_names() and not there.exists() else None


def pack_file(name: str, place: Place) -> Path | Diagnostic:
    """The file of a shipped pack, or the diagnostic that says that there is none."""
    packs = resources.pack_names()
    if name in packs:
        return resources.folder("rules") / f"{name}{SUFFIX}"
    return Diagnostic(
        code="missing-file",
        message=f"there is no pack `{name}`",
        place=place,
        help=did_you_mean(name, packs) or "`forbear packs` lists those that there are",
    )


def read_standard(target: ast.Text | ast.Name, source: Source, where: Path | None) -> tuple[Source, Path] | Diagnostic:
    """The file that an `ensure conforms to` or a `subject to` names: a path or a pack, as with `uses`.

    `where` is the path of the file in which it stands.
    """
    path = _resolve(target, source, where)
    read = path if isinstance(path, Diagnostic) else read_file(path, _display(path, where, source))
    if isinstance(path, Diagnostic) or isinstance(read, Diagnostic):
        assert isinstance(read, Diagnostic)
        return evolve(read, place=Place(source, target.span))
    return read, path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or one that cannot be one
        return False


def _targets(module: ast.Module) -> list[ast.Used]:
    return [target for node in module.statements if isinstance(node, ast.Uses) for target in node.targets]


def _resolve(target: ast.Text | ast.Name, source: Source, where: Path | None) -> Path | Diagnostic:
    """The file that a `uses` names."""
    rules = resources.folder("rules")
    place = Place(source, target.span)
    if isinstance(target, ast.Name):
        shipped = sorted(path.stem for path in (rules / "vocabulary").glob(f"*{SUFFIX}"))
        if target.text not in shipped:
            return Diagnostic(
                code="missing-file",
                message=f"no vocabulary `{target.text}` is shipped",
                place=place,
                help=did_you_mean(target.text, shipped)
                or f"shipped are {listed(shipped)}; a file of your own stands in quotation marks",
            )
        return rules / "vocabulary" / f"{target.text}{SUFFIX}"
    folder = Path.cwd() if where is None else where.parent
    path = folder / target.text
    pack = None if _is_file(Path(f"{path}{SUFFIX}")) else pack_of(target.text, folder)
    if pack is not None:
        return pack_file(pack, place)
    if path.suffix != SUFFIX and not _is_file(path):
        path = path.with_name(path.name + SUFFIX) if path.name else path
    if where is not None and _inside(where, rules) and not _inside(path, rules):
        return Diagnostic(
            code="outside-pack",
            message=f"a pack may not use `{target.text}`, which lies outside the packs",
            place=place,
            help="copy the pack beside your own files, and use the copy",
        )
    return path


def _inside(path: Path, folder: Path) -> bool:
    return Path(identity_of(path)).is_relative_to(identity_of(folder))


def identity_of(path: Path) -> str:
    """One text for one file, through links and `..`."""
    return os.path.realpath(path)


def _display(path: Path, where: Path | None, source: Source) -> str:
    """What people call a used file: seen from where they called the first one."""
    rules = resources.folder("rules")
    if source.name.startswith("pack:") or (_inside(path, rules) and not (where is not None and _inside(where, rules))):
        return f"pack:{Path(identity_of(path)).relative_to(identity_of(rules)).with_suffix('').as_posix()}"
    return (
        os.path.normpath(path)
        if where is None
        else os.path.normpath(Path(source.name).parent / os.path.relpath(path, where.parent))
    )
