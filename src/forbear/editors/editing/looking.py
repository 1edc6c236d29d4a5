"""Answers an author's questions about a name: what it is, where it is declared, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from attrs import field, frozen

from forbear.base.source import Place, Span
from forbear.editors.editing.reading import Reading
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import value_text
from forbear.language.syntax.naming import (
    DONE,
    EVENTS,
    KNOWN,
    RULES,
    Occurrence,
    declarations_of,
    declared,
    occurrence_at,
    occurrences,
    resolved,
)
from forbear.semantics.to_text import silent_clauses, type_text

_MOST_VALUES = 12


@frozen
class Names:
    """The names of a reading and of all its files, with what is declared."""

    reading: Reading
    known: dict[tuple[str, str], Occurrence] = field(repr=False)

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, reading: Reading) -> Names:
        """Reads them off the statements that could be read, once of each of the last readings."""
        return cls(
            reading, declared(occurrence for module in reading.modules for occurrence in declarations_of(module))
        )

    @property
    def every(self) -> Sequence[Occurrence]:
        """All occurrences."""
        return _every(self.reading)

    def at(self, offset: int) -> Occurrence | None:
        """The name at an offset of the edited text."""
        module = self.reading.module
        return None if module is None else occurrence_at(module, offset)

    def meant(self, occurrence: Occurrence) -> tuple[tuple[str, str], ...]:
        """Returns what a name refers to, by space and name; empty if it is not declared."""
        return resolved(occurrence, self.known)


@lru_cache(maxsize=4)
def _every(reading: Reading) -> Sequence[Occurrence]:
    return [occurrence for module in reading.modules for occurrence in occurrences(module)]


@frozen
class Hover:
    """The description of a name, in Markdown, and the place of the name. `rule` is the name, if it is that of a rule or
    a table; `decides_when` describes it further.
    """

    text: str
    span: Span
    rule: str | None = None


def hover(reading: Reading, offset: int) -> Hover | None:
    """Returns the description of the name at an offset."""
    names = Names.of(reading)
    occurrence = names.at(offset)
    if occurrence is None or reading.draft is None:
        return None
    for space, name in names.meant(occurrence):
        paragraphs = _said(space, name, names.known[space, name], reading.draft)
        if paragraphs:
            return Hover("\n\n".join(filter(None, paragraphs)), occurrence.span, name if space == RULES else None)
    return None


def definition(reading: Reading, offset: int) -> Place | None:
    """Returns the place at which the name at an offset is declared."""
    names = Names.of(reading)
    occurrence = names.at(offset)
    meant = () if occurrence is None else names.meant(occurrence)
    return names.known[meant[0]].place if meant else None


def references(reading: Reading, offset: int, *, declaration: bool = True) -> list[Place]:
    """Returns every place of the name at an offset in the files of a reading, with or without the one that declares
    it.
    """
    names = Names.of(reading)
    occurrence = names.at(offset)
    meant = set() if occurrence is None else set(names.meant(occurrence))
    return [
        place_of_name.place
        for place_of_name in names.every
        if meant & set(names.meant(place_of_name)) and (declaration or not place_of_name.declares)
    ]


def _said(space: str, name: str, where: Occurrence, policy: TypedPolicy) -> list[str]:
    """Returns the description of a name of a space, in paragraphs."""
    if space == KNOWN:
        return _of_known(name, where, policy)
    if space == DONE:
        if name in policy.actions:
            return [f"`action {name}`", policy.actions[name].description or ""]
        if name in policy.groups:
            return [f"`group {name}`", ", ".join(f"`{action}`" for action in policy.groups[name].actions)]
        if name in policy.ladders:
            return [f"`ladder {name}`", ", then ".join(f"`{rung}`" for rung in policy.ladders[name].rungs)]
        return []
    if space == RULES:
        table = next((table for table in policy.tables if table.name == name), None)
        if table is not None:
            return [f"`table {name}`", table.title or "", f"{len(table.rows)} rows"]
        rules = [rule for rule in policy.rules if rule.name == name]
        return [f"`rule {name}`", *[text for rule in rules for text in (rule.title, rule.because) if text]]
    if space == EVENTS:
        event = policy.events.get(name)
        return [] if event is None else [f"`event {name}`", event.description or ""]
    event = policy.events.get(space.removeprefix("of "))
    attribute = None if event is None else event.attributes.get(name)
    return [] if attribute is None else _of_fact(attribute, "has")


def _of_known(name: str, where: Occurrence, policy: TypedPolicy) -> list[str]:
    if name in policy.facts:
        return _of_fact(policy.facts[name], "fact")
    if name in policy.settings:
        setting = policy.settings[name]
        written = where.source.text[where.statement.span[0] : where.statement.span[1]]
        return [f"`{' '.join(written.split())[:200]}`", setting.description or ""]
    if name in policy.definitions:
        written = where.source.text[where.statement.span[0] : where.statement.span[1]]
        return [f"`{' '.join(written.split())[:400]}`"]
    facts = [fact.name for fact in policy.facts.values() if name in fact.words]
    return [f"a value of {', '.join(f'`{fact}`' for fact in facts)}"] if facts else []


def _of_fact(fact: Fact, word: str) -> list[str]:
    """The type of a fact with its range, unit, and what it usually is."""
    paragraphs = [f"`{word} {fact.name} {type_text(fact, _MOST_VALUES)}`", fact.description or ""]
    paragraphs += [f"not so: {fact.not_so}"] if fact.not_so else []
    unit = fact.currency or fact.kind.unit
    more = [f"unit: {unit}" if unit else "", *silent_clauses(fact)]
    if fact.usually is not None:
        more.append(f"usually {value_text(fact, fact.usually)}")
    return [text for text in (*paragraphs, "; ".join(filter(None, more))) if text]
