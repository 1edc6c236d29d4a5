"""Finds the rule files that depend on a file: those that use it, name it as a standard, or are other versions of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic
from forbear.check.files.locations import Location, identity_of, read_rule_file, resolve
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module, Name, Text
from forbear.language.syntax.parser import parse

_NAMES_FILES = re.compile(r"\b(?:uses|subject|conforms|policy|standard)\b")
"""A file without any of these words names no other file, and is no version of a policy; so it need not be parsed."""


@frozen
class _File:
    """The files that a file names, by identity, and the policy that it is a version of."""

    named: frozenset[str]
    policy: str | None


def affected_by(changed: Sequence[Path], candidates: Sequence[Path]) -> list[Path]:
    """Those of the others that may have other findings because of what changed.

    They are the files that use a changed one, through others too, or name it after `subject to` or `conforms to`; and
    for each affected file those versions of its policy that lie in its folder.
    """
    files: dict[str, _File] = {}
    paths = {identity_of(path): path for path in [*changed, *candidates]}
    unread: list[Location] = list(paths.values())
    while unread:
        location = unread.pop()
        if identity_of(location) in files:
            continue
        targets, policy = _named_in(location)
        files[identity_of(location)] = _File(frozenset(map(identity_of, targets)), policy)
        unread += targets
    affected = {identity_of(path) for path in changed}
    users: dict[str, set[str]] = {}
    for user, file in files.items():
        for named in file.named:
            users.setdefault(named, set()).add(user)
    left = list(affected)
    while left:
        new = users.get(left.pop(), set()) - affected
        affected |= new
        left += new
    books = {
        (Path(identity).parent, files[identity].policy) for identity in affected if files[identity].policy is not None
    }
    affected |= {identity for identity in paths if (Path(identity).parent, files[identity].policy) in books}
    return [path for identity, path in paths.items() if identity in affected]


def _named_in(location: Location) -> tuple[list[Location], str | None]:
    """The files that a file names, without packs, and its policy. One that cannot be read names none: whoever checks it
    says so."""
    source = read_rule_file(location, str(location))
    if isinstance(source, Diagnostic) or not _NAMES_FILES.search(source.text):
        return [], None
    module, _ = parse(source)
    locations = [resolve(target, source, location) for target in _targets(module)]
    packs = identity_of(resources.folder("rules"))
    targets = [
        location
        for location in locations
        if not isinstance(location, Diagnostic) and not Path(identity_of(location)).is_relative_to(packs)
    ]
    head = next((node for node in module.statements if isinstance(node, nodes.PolicyHead)), None)
    return targets, None if head is None else head.name.text


def _targets(module: Module) -> Iterator[Text | Name]:
    for node in module.statements:
        if isinstance(node, nodes.Conforms):
            yield node.standard
        elif isinstance(node, nodes.Uses):
            yield from (used.named for used in node.targets)
        if isinstance(node, (nodes.PolicyHead, nodes.VocabularyHead, nodes.Uses)):
            subject_to = node.clauses.subject_to
            yield from () if subject_to is None else (used.named for used in subject_to.standards)
