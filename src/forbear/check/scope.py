"""What a statement is checked in: its file, the words that are known there, and where diagnostics go."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import evolve, field

from forbear.base.diagnostic import Diagnostic, Fix, Label, Report, replacement
from forbear.base.frozen import frozen
from forbear.base.source import Place, Source, Span
from forbear.language.model.conditions import Condition
from forbear.language.model.derived import Event
from forbear.language.model.facts import Action, Fact, Group, Ladder
from forbear.language.model.names import Suggestion
from forbear.language.model.policy import Setting
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name


@frozen
class Vocabulary:
    """What statements may speak of: all words of a policy or, while its declarations are read, those known so far."""

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
    """The event whose attributes the facts are, so that `this` means the case; None where they are those of a case."""


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
    """Where a statement is checked. `defined` are the definitions that are typed already."""

    source: Source
    words: Vocabulary
    report: Report
    defined: Definitions = field(factory=dict)

    def place(self, span: Span) -> Place:
        return Place(self.source, span)

    def text(self, span: Span) -> str:
        """What is written there."""
        return self.source.text[slice(*span)]

    def report_at(
        self,
        span: Span,
        code: str,
        message: str,
        help: str,
        *,
        related: tuple[Label, ...] = (),
        rules: tuple[str, ...] = (),
        fix: Fix | None = None,
        choices: tuple[Fix, ...] = (),
    ) -> None:
        """Reports what is wrong at a span of the file."""
        self.report(
            Diagnostic(
                code=code,
                message=message,
                place=Place(self.source, span),
                help=help,
                related=related,
                rules=rules,
                fix=fix,
                choices=choices,
            )
        )

    def report_unknown(
        self, name: Name, message: str, help: str, code: str = "unknown-name", span: Span | None = None
    ) -> None:
        """Reports that nothing is called by a name, or nothing that may be there; what is marked may be more."""
        place = self.place(span or name.span)
        fix = replacement(place, help.meant) if isinstance(help, Suggestion) else None
        self.report(Diagnostic(code=code, message=message, place=place, help=help, unknown=name.text, fix=fix))

    def report_twice(self, name: Name, what: str, first: Place) -> None:
        """Reports that a thing of some kind is declared with a name that another one has."""
        self.report_at(
            name.span,
            code="duplicate-name",
            message=f"the {what} `{name.text}` is declared twice",
            help="choose another name for one of the two",
            related=(Label(first, "declared here first"),),
        )

    def within(self, source: Source) -> Scope:
        """The same words in another file."""
        return self if source is self.source else Scope(source, self.words, self.report, self.defined)

    def reporting(self, report: Report) -> Scope:
        """The same, with its diagnostics going elsewhere."""
        return Scope(self.source, self.words, report, self.defined)

    def knowing(self, **words: object) -> Scope:
        """The same, with more words."""
        return evolve(self, words=evolve(self.words, **words))  # type: ignore[arg-type]
