"""The scope of a statement: its file, the known words, and the report that takes its diagnostics."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from forbear.base.diagnostic import Label, Report, replacement
from forbear.base.source import Place, Source, Span
from forbear.language.model.conditions import Condition
from forbear.language.model.derived import Event
from forbear.language.model.facts import Action, Fact, Group, Ladder
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import did_you_mean
from forbear.language.model.policy import Setting
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name


@frozen
class Vocabulary:
    """The words that statements may use: all words of a policy or, while its declarations are read, those known by
    then.
    """

    currency: str | None = None
    """The currency of sums where no other one is written."""
    settings: Mapping[str, Setting] = field(factory=dict)
    facts: Mapping[str, Fact] = field(factory=dict)
    actions: Mapping[str, Action] = field(factory=dict)
    groups: Mapping[str, Group] = field(factory=dict)
    ladders: Mapping[str, Ladder] = field(factory=dict)
    ladder_names: Collection[str] = ()
    definitions: Mapping[str, tuple[Source, nodes.Define]] = field(factory=dict)
    """The definitions as written."""
    clock: Fact | None = None
    declares_itself: bool = False
    """Whether the files declare facts or actions and leave the standard vocabulary out."""
    added_to: bool = False
    """Whether a policy under this one may have added to its groups, so that a list may name an action twice."""
    of_event: Event | None = None
    """The event whose attributes the facts are, so that `this` means the case; None if they are those of a case."""


@frozen
class Definition:
    """A definition, typed, with its measure: how deep it nests and how many comparisons it comes to."""

    condition: Condition
    depth: int
    comparisons: int


Definitions = Mapping[str, Definition | None]
"""Each definition; None is one in which something is wrong."""


@frozen
class Scope:
    """The scope in which a statement is checked. `defined` are the definitions that are typed already."""

    source: Source
    words: Vocabulary
    report: Report
    defined: Definitions = field(factory=dict)

    def place(self, span: Span) -> Place:
        return Place(self.source, span)

    def text(self, span: Span) -> str:
        """Returns the text of a span."""
        return self.source.text[slice(*span)]

    def report_at(self, span: Span, text: str, /, **parts: Any) -> None:
        """Reports what is wrong at a span of the file, as `diagnosis` words it."""
        self.report(diagnosis(text, self.place(span), **parts))

    def report_unknown(self, name: Name, text: str, known: Collection[str] = (), /, **parts: Any) -> None:
        """Reports that nothing is called by a name, or nothing that may be there."""
        place, meant = self.place(name.span), did_you_mean(name.text, known)
        fix = replacement(place, meant.meant) if meant else None
        self.report(diagnosis(text, place, unknown=name.text, known=known, fix=fix, **parts))

    def report_twice(self, name: Name, what: str, first: Place) -> None:
        """Reports that a thing of some kind is declared with a name that another one has."""
        related = (Label(first, "declared here first"),)
        self.report_at(name.span, "duplicate-name.declared-twice", what=what, name=name.text, related=related)

    def within(self, source: Source) -> Scope:
        """The same words in another file."""
        return self if source is self.source else Scope(source, self.words, self.report, self.defined)

    def reporting(self, report: Report) -> Scope:
        """The same, with its diagnostics going elsewhere."""
        return Scope(self.source, self.words, report, self.defined)

    def knowing(self, **words: object) -> Scope:
        """The same, with more words."""
        return evolve(self, words=evolve(self.words, **words))  # type: ignore[arg-type]


def parts_of(condition: nodes.Condition) -> Iterator[nodes.Condition]:
    """The parts of a condition that have none themselves, in the order in which they are written."""
    left = [condition]
    while left:
        match left.pop():
            case nodes.Not(part):
                left.append(part)
            case nodes.And(parts) | nodes.Or(parts):
                left.extend(reversed(parts))
            case part:
                yield part
