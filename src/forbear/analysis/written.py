"""Rules and definitions as they are written: their texts, their trees, and what these use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.base.source import Source, Span
from forbear.language.model.facts import Fact, Group
from forbear.language.model.policy import Rule, Setting, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Define, Name
from forbear.language.syntax.parser import parse
from forbear.semantics.to_text import rule_text

Definitions: TypeAlias = Mapping[str, tuple[Define, Source]]
"""Definitions by name, each with its file."""


@frozen
class Written:
    """A rule as it was written."""

    node: nodes.Rule
    source: Source

    def text(self, span: Span) -> str:
        """A part of it on one line, without comments."""
        return in_one_line(self.source.text[span[0] : span[1]])


def in_one_line(text: str) -> str:
    """A text of the language on one line, without comments."""
    without_comments = re.sub(r'("(?:[^"\\\n]|\\.)*")|#[^\n]*', lambda match: match[1] or "", text)
    return " ".join(without_comments.split())


def text_of(rule: Rule, policy: TypedPolicy) -> str:
    """The text of a rule. A row of a table is written out, without its name, as its text is not all that it says."""
    text = rule.place.text
    return rule_text(evolve(rule, named=False, title=None), policy) if text.startswith("|") else text


def written(text: str) -> Written | None:
    """The rule of a text; None if it is not the text of one rule."""
    source = Source("rule", text)
    module, diagnostics = parse(source)
    if len(module.statements) != 1 or not isinstance(module.statements[0], nodes.Rule):
        return None
    return (
        None
        if any(diagnostic.severity.value == "error" for diagnostic in diagnostics)
        else Written(module.statements[0], source)
    )


def definitions(policy: TypedPolicy) -> Definitions:
    """The definitions of a policy."""
    declared: list[Fact | Group | Setting] = [*policy.facts.values(), *policy.groups.values()]
    declared += policy.settings.values()
    sources = {declaration.place.source.name: declaration.place.source for declaration in (policy, *declared)}
    return {
        statement.name.text: (statement, source)
        for source in sources.values()
        if "define" in source.text
        for statement in parse(source)[0].statements
        if isinstance(statement, Define)
    }


def used_in(node: object, defined: Definitions) -> set[str]:
    """The names in a part of a tree, and those in the definitions that it uses."""
    used: set[str] = set()
    left = set(_mentioned(node))
    while left:
        name = left.pop()
        used.add(name)
        if name in defined:
            left |= set(_mentioned(defined[name][0].condition)) - used
    return used


def _mentioned(node: object) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, tuple):
        yield from chain.from_iterable(map(_mentioned, node))
    else:
        for attribute in getattr(type(node), "__attrs_attrs__", ()):
            yield from _mentioned(getattr(node, attribute.name))
