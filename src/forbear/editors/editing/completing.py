"""Completions at a position, from the grammar's own tables and the types of facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from forbear.base.source import Span
from forbear.editors.editing.reading import Reading
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import FLAG
from forbear.language.model.policy import TypedPolicy
from forbear.language.syntax.completing import Fitting, fitting_at
from forbear.semantics.to_text import type_text

_WORD = re.compile(r"[A-Za-z0-9_]*\Z")
_MOST_VALUES = 6


@frozen
class Completion:
    """A word that fits, its kind, and more details. `kind` is `word`, or the word that declares such a name."""

    text: str
    kind: str
    detail: str = ""
    description: str = ""


def completions(reading: Reading, offset: int) -> tuple[Span, list[Completion]]:
    """Returns what fits at an offset of a text, and the span that it replaces: the word that begins there."""
    text = reading.source.text
    begun = _WORD.search(text, max(0, offset - 200), offset)
    start = offset if begun is None else begun.start()
    fits = fitting_at(text, start)
    if fits is None:
        return (start, offset), []
    options = [] if fits.declares else list(_names(fits, reading.draft))
    policy = reading.draft
    fact = None if policy is None or fits.compared is None else policy.facts.get(fits.compared)
    options += [Completion(word, "word") for word in fits.words if fact is None or _may_be(word, fact)]
    return (start, offset), list({option.text: option for option in reversed(options)}.values())[::-1]


def _names(fits: Fitting, policy: TypedPolicy | None) -> Iterator[Completion]:
    if policy is None or not fits.name:
        return
    of = {name.lstrip("_") for name in fits.origins}
    if "action" in of:
        yield from [
            Completion(declared.name, "action", "", declared.description or "") for declared in policy.actions.values()
        ]
        yield from [Completion(name, "group", ", ".join(declared.actions)) for name, declared in policy.groups.items()]
    elif of & {"own_name", "rule_name", "code"}:
        yield from [Completion(rule.name, "rule", "", rule.title or "") for rule in policy.rules if rule.named]
        yield from [Completion(table.name, "table") for table in policy.tables]
    elif of & {"value", "summand"} and fits.compared is not None:
        fact = policy.facts.get(fits.compared)
        if fact is not None:
            yield from _values(fact, policy.facts.values(), policy)
    else:
        yield from [_fact(fact) for fact in policy.facts.values()]
        if not fits.given:
            yield from [Completion(name, "define") for name in policy.definitions]


def _values(fact: Fact, facts: Iterable[Fact], policy: TypedPolicy) -> Iterator[Completion]:
    """The names that fit as a value of a fact: its own, else settings and facts of its kind."""
    if fact.words:
        yield from [Completion(name, "value", f"a value of {fact.name}") for name in fact.words]
        return
    yield from [
        Completion(name, "setting", "", setting.description or "")
        for name, setting in policy.settings.items()
        if setting.value.kind == fact.kind.literal
    ]
    yield from [
        _fact(candidate)
        for candidate in facts
        if candidate.kind is fact.kind and candidate is not fact and fact.ordered
    ]


def _may_be(word: str, fact: Fact) -> bool:
    """Returns true if a word may follow a fact, if it is one for a value."""
    match word:
        case "yes" | "no":
            return fact.kind is FLAG
        case "none":
            return fact.or_none
        case "known" | "unknown":
            return fact.optional
        case _:
            return True


def _fact(fact: Fact) -> Completion:
    return Completion(fact.name, "fact", type_text(fact, _MOST_VALUES), fact.description or "")
