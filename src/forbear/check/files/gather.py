"""Gathers the files of a policy: the one that is loaded and, through `uses`, those whose declarations it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from attrs import evolve, field, frozen

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Source
from forbear.check.circles import in_order
from forbear.check.files.locations import (
    PACK,
    STANDARD_NAME,
    STANDARD_VOCABULARY,
    SUFFIX,
    Location,
    display,
    identity_of,
    pack_file,
    pack_of,
    read_file,
    read_rule_file,
    resolve,
)
from forbear.check.promises.promises import FindingCodes
from forbear.language.model.conditions import Condition
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect, Terms, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.again import Text as Before
from forbear.language.syntax.hidden_text import hidden_text
from forbear.language.syntax.nodes import Module, Name, Text
from forbear.language.syntax.parser import parse, parse_again

# What rules came to when they were checked last, for as long as all that their words mean is the same.
#
# While a file is edited, nearly every rule of it stays as it was. A rule remembers what its text came to, wherever it
# is moved to, unless there was something to say of it: that has a place, and is found anew.


_SAYS_NOTHING = (nodes.Rule, nodes.Table, nodes.Example, nodes.Ensure, nodes.Conforms, nodes.Accept)
"""Statements on which no other statement depends for what its words mean."""


@frozen
class Meant:
    """The result of checking a rule: all of it that does not depend on its place."""

    condition: Condition
    effects: Mapping[str, Effect]
    along: Mapping[str, tuple[str, ...]]
    since: int | None
    until: int | None


class Known:
    """Remembers the results of checking a file's rules."""

    def __init__(self) -> None:
        self._among: object = None
        self._words = object()

    def among(self, modules: Sequence[Module], settings: Mapping[str, object], texts: Mapping[str, Source]) -> None:
        """Says what the next rules are checked against: the declarations of these files, the last of which is the
        policy's own, these values for its settings, and the texts of all files that were read. Earlier results count
        only if all of this is the same.
        """
        own = modules[-1]
        declared = [node for node in own.statements if not isinstance(node, _SAYS_NOTHING)]
        other_texts = {name: text for name, text in texts.items() if text is not own.source}
        noticed = [(module.currency, module.everything) for module in modules]
        among = (own.source.name, declared, other_texts, noticed, settings)
        if among != self._among:
            self._among, self._words = among, object()

    def of(self, node: nodes.Rule) -> Meant | None:
        """Returns the result for a rule, if it was checked among the same declarations."""
        words, meant = node.known.get(self, (None, None))
        return meant if words is self._words else None

    def keep(self, node: nodes.Rule, meant: Meant) -> None:
        """Remembers the result of a rule without diagnostics."""
        node.known[self] = self._words, meant


@frozen
class Pinned:
    """A file whose digest is written in a rule file: its name, and the place of the digest.

    `modules` are those that it uses, as they were loaded, with itself as the last; none if it is a standard.
    """

    digest: str
    place: Place
    named: str
    modules: tuple[Module, ...] = ()


@frozen
class Files:
    """Modules in such an order that each follows those that it uses; the loaded one is the last. `paths` are the files
    of the disk that were read.
    """

    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    paths: tuple[Path, ...]
    complete: bool
    """Whether every file that is used could be read."""
    broken: frozenset[str]
    """The words of all statements that could not be read."""
    pinned: tuple[Pinned, ...]


_Parsed: TypeAlias = tuple[Module, tuple[Diagnostic, ...]]
"""The statements of a file, and what there is to say of its text."""


class Parses:
    """The files of a program that loads them again and again while they are edited: of each only that is parsed which
    has changed since the last time."""

    def __init__(self) -> None:
        self._last: dict[str, Before] = {}
        self._known: dict[tuple[str, bool], Known] = {}

    def parse(self, source: Source) -> _Parsed:
        """A file as it is now."""
        before = self._last.pop(source.name, Before(""))
        module, diagnostics, self._last[source.name] = parse_again(source, before)
        if len(self._last) > _MOST_FILES:
            del self._last[next(iter(self._last))]
        return _with_hidden(module, diagnostics)

    def known(self, modules: Sequence[Module], settings: Mapping[str, object], texts: Mapping[str, Source]) -> Known:
        """Returns what is known of the rules of the last of these files: see `Known.among`."""
        name = modules[-1].source.name
        known = self._known.pop((name, bool(settings)), None) or Known()
        self._known[name, bool(settings)] = known
        if len(self._known) > 2 * _MOST_FILES:
            del self._known[next(iter(self._known))]
        known.among(modules, settings, texts)
        return known


_MOST_FILES = 100


class Reads:
    """The texts of one load: each file is read once, so that all who name it mean the same text. `parses` may be those
    of an earlier load."""

    def __init__(self, parses: Parses | None = None) -> None:
        self._read: dict[str, Source | Diagnostic] = {}
        self.parses = parses

    def keep(self, location: Location, source: Source) -> None:
        """A text that has been read already."""
        self._read.setdefault(identity_of(location), source)

    def texts(self) -> dict[str, Source]:
        """The texts that were read, by the identity of their files."""
        return {identity: read for identity, read in self._read.items() if isinstance(read, Source)}

    def read(self, location: Location, name: str) -> Source | Diagnostic:
        """A file's text, or the diagnostic that says why it is not read."""
        identity = identity_of(location)
        if identity not in self._read:
            self._read[identity] = read_rule_file(location, name)
        return self._read[identity]


def gather(source: Source, where: Location | None, reads: Reads) -> Files:
    """Reads all files of a policy. `where` is where `source` came from, None for a text without a file."""
    diagnostics: list[Diagnostic] = []
    pins: list[tuple[nodes.Used, Text, Source, str]] = []
    main = "" if where is None else identity_of(where)
    parse_file = _parse if reads.parses is None else reads.parses.parse
    parse_used = _parse_once if reads.parses is None else reads.parses.parse
    module, of_file = parse_file(source)
    diagnostics.extend(of_file)
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
        next_use = targets.pop(0)
        target = next_use.named
        used = resolve(target, current.source, its_place)
        if isinstance(used, Diagnostic):
            diagnostics.append(used)
            continue
        identity = identity_of(used)
        used_by[user].append(identity)
        if next_use.pin is not None:
            pins.append((next_use, next_use.pin, current.source, identity))
        if any(identity == open_file for open_file, *_ in stack):
            place = Place(current.source, target.span)
            diagnostics.append(diagnosis("circular-uses.file", place, named=target.text))
            continue
        if identity in opened:
            continue
        opened[identity] = used
        read = reads.read(used, display(used, its_place, current.source))
        if isinstance(read, Diagnostic):
            diagnostics.append(_not_read(read, target, current.source))
            continue
        module, of_file = parse_used(read)
        diagnostics.extend(of_file)
        diagnostics.extend(_standard_used(target, current, module))
        used_by[identity] = []
        stack.append((identity, module, used, _targets(module)))
    pinned = [
        Pinned(pin.text, Place(by, pin.span), by_use.named.text, _closure(identity, done, used_by))
        for by_use, pin, by, identity in pins
        if identity in done
    ]
    modules = list(done.values())
    broken = frozenset[str]().union(*[parsed.broken for parsed in modules])
    if not any(isinstance(node, _DECLARATIONS) for parsed in modules for node in parsed.statements):
        standard, read = _standard(reads)
        if identity_of(standard) not in opened:
            opened[identity_of(standard)] = standard
            module, of_file = parse_used(read)
            diagnostics.extend(of_file)
            modules.insert(0, module)
    complete = "uses" not in broken and not any(diagnostic.code in _UNREAD for diagnostic in diagnostics)
    paths = tuple([path for path in opened.values() if isinstance(path, Path)])
    return Files(tuple(modules), tuple(diagnostics), paths, complete, broken, tuple(pinned))


def _standard_used(target: Text | Name, user: Module, used: Module) -> Iterator[Diagnostic]:
    """A warning if a file uses a standard, whose rules it does not take over, and is not subject to it."""
    head = next((node for node in used.statements if isinstance(node, nodes.PolicyHead)), None)
    if head is None or head.kind != "standard" or target.text in _subject_to(user):
        return
    yield diagnosis(
        "uses-standard.declarations", Place(user.source, target.span), standard=head.name.text, named=target.text
    )


def _subject_to(module: Module) -> set[str]:
    """The standards that a file is subject to, as it names them."""
    clauses = [getattr(node, "clauses", None) for node in module.statements]
    return {
        standard.named.text
        for each in clauses
        if isinstance(each, nodes.HeadClauses) and each.subject_to is not None
        for standard in each.subject_to.standards
    }


def _not_read(why: Diagnostic, target: Text | Name, source: Source) -> Diagnostic:
    """Why a file is not read, at the place that names it."""
    place = Place(source, target.span)
    if why.arguments is None or "pack" in why.arguments:
        return evolve(why, place=place)
    return diagnosis("missing-file.relative", place, **why.arguments)


def _standard(reads: Reads) -> tuple[Location, Source]:
    """The file of the standard vocabulary, and its text."""
    standard = resources.folder("rules") / "vocabulary" / f"{STANDARD_VOCABULARY}{SUFFIX}"
    read = reads.read(standard, STANDARD_NAME)
    assert isinstance(read, Source), read
    return standard, read


def without_standard(files: Files, reads: Reads) -> tuple[Place, frozenset[str]] | None:
    """Returns the place of the first declaration that switches the standard vocabulary off, and the words that it would
    declare; None if it is in use.
    """
    if any(module.source.name == STANDARD_NAME for module in files.modules):
        return None
    first = next(
        Place(module.source, node.span)
        for module in reversed(files.modules)
        for node in module.statements
        if isinstance(node, _DECLARATIONS)
    )
    words: set[str] = set()
    for node in _parse_once(_standard(reads)[1])[0].statements:
        match node:
            case nodes.Action():
                words.update(name.text for name in node.names)
            case nodes.Fact() | nodes.DerivedFact() | nodes.Group() | nodes.Ladder() | nodes.Define() | nodes.Event():
                words.add(node.name.text)
    return first, frozenset(words)


_DECLARATIONS = (nodes.Fact, nodes.DerivedFact, nodes.Action)
_UNREAD = frozenset({"missing-file", "unreadable-file", "too-large", "circular-uses", "outside-pack"})


def _closure(identity: str, modules: Mapping[str, Module], used_by: Mapping[str, Sequence[str]]) -> tuple[Module, ...]:
    """Returns a file and those that it uses, each after those that it uses itself, as if the file were loaded alone."""
    files = in_order([identity], lambda user: [used for used in used_by[user] if used in modules])
    return tuple([modules[each] for each in files if isinstance(each, str)])  # with a circle no digest is checked


@lru_cache(maxsize=16)
def _parse_once(source: Source) -> _Parsed:
    """Parses a file that many files use, above all the standard vocabulary, once as long as its text is the same."""
    return _parse(source)


def _parse(source: Source) -> _Parsed:
    """The statements of a file, and what there is to say of its text."""
    return _with_hidden(*parse(source))


def _with_hidden(module: Module, diagnostics: tuple[Diagnostic, ...]) -> _Parsed:
    source = module.source
    errors = {error.place.start.line for error in diagnostics}
    return module, (*diagnostics, *hidden_text(source, module.statements, errors))


def read_standard(
    target: Text | Name, source: Source, where: Location | None, reads: Reads
) -> tuple[Source, Location] | Diagnostic:
    """Reads the file that an `ensure conforms to` or a `subject to` names: a path or a pack, as with `uses`.

    `where` is the file that contains the statement.
    """
    location = resolve(target, source, where)
    read = location if isinstance(location, Diagnostic) else reads.read(location, display(location, where, source))
    if isinstance(location, Diagnostic) or isinstance(read, Diagnostic):
        assert isinstance(read, Diagnostic)
        return evolve(read, place=Place(source, target.span))
    return read, location


def _targets(module: Module) -> list[nodes.Used]:
    return [target for node in module.statements if isinstance(node, nodes.Uses) for target in node.targets]


# The texts that somebody asks for: of a file, of a bundled pack, or of a file that was found in a folder.


Opened: TypeAlias = "tuple[Source, Location | None] | Diagnostic"
"""A text that was read, with the location of its file if it has one; or the error that kept it from being read."""


def open_file(path: str | Path) -> Opened:
    """The text of a file or of a bundled pack."""
    where = locate(path)
    if isinstance(where, Diagnostic):
        return where
    pack = pack_of(str(path))
    source = read_file(where, str(path) if pack is None else f"{PACK}{pack}")
    return source if isinstance(source, Diagnostic) else (source, where)


def open_rule_file(where: Location, name: str) -> Opened:
    """The text of a file that the user did not name, because it was found in a folder or in a revision."""
    source = read_rule_file(where, name)
    return source if isinstance(source, Diagnostic) else (source, where)


def locate(path: str | Path) -> Path | Diagnostic:
    """The file of a path or of the name of a pack."""
    pack = pack_of(str(path))
    return Path(path) if pack is None else pack_file(pack, Place(Source(str(path), ""), (0, 0)))


# One file on its way to a policy.


@frozen
class Origin:
    """A checked text, its location, the files that were read with it, and the values for its settings."""

    source: Source
    where: Location | None
    reads: Reads
    settings: Mapping[str, object]
    finding_codes: FindingCodes


@frozen
class Checked:
    """A typed policy, unless there are errors, and all diagnostics of its files.

    `files` are those of the disk that were read: its own, those that it uses, and the standards that it promises to
    keep or is subject to. `settings` are the names of its settings, whatever else may be wrong. `origin` is the text
    that was checked. `draft` is the policy as far as it could be made, with whatever errors, for editors; and `modules`
    are its files as they were read, its own the last.
    """

    policy: TypedPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    settings: frozenset[str] = frozenset()
    origin: Origin | None = None
    draft: TypedPolicy | None = None
    modules: tuple[Module, ...] = ()

    def settings_of_project(self, values: Mapping[str, object]) -> dict[str, object]:
        """Returns those settings of a project that this policy takes: those that it declares, and none if it is a
        standard.

        The policies under a standard set what it leaves open, in their own text. Otherwise a project with a setting of
        the same name would alter the law by which it is judged.
        """
        if self.policy is not None and self.policy.standard:
            return {}
        return {name: value for name, value in values.items() if name in self.settings}


@frozen
class Loading:
    """A file that is being checked; `diagnostics` and `paths` collect the reports, and the files that are read.

    `where` is None for a text without a file. `within` are the files that are subject to this one, each before the one
    that it names, and `terms` theirs; None if this file is checked by itself. `check_standard` checks a standard that
    this file names, with those that are subject to it, and on these terms.
    """

    source: Source
    where: Location | None
    reads: Reads
    check_standard: Callable[[Source, Location, tuple[str, ...], Terms | None], Checked]
    finding_codes: FindingCodes
    within: tuple[str, ...] = ()
    terms: Terms | None = None
    diagnostics: list[Diagnostic] = field(factory=list)
    paths: list[Path] = field(factory=list)

    @property
    def chain(self) -> tuple[str, ...]:
        """The files that are subject to this one, and this one."""
        return self.within if self.where is None else (*self.within, identity_of(self.where))
