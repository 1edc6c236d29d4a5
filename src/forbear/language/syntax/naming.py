"""Every name of a rule file, with what it is a name of, and where it is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from forbear.base.source import Place, Source, Span
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions, Module, Name, Statement, parts_of

KNOWN, DONE, RULES, EVENTS, CALENDARS = "known", "done", "rules", "events", "calendars"
"""What can be known, what can be done, rules with tables, events, and calendars. Attributes are `of EVENT`."""
_SPACES: Mapping[tuple[type, str], str | None] = {
    (Actions, "listed"): DONE,
    (Actions, "excepted"): DONE,
    (nodes.Action, "names"): DONE,
    (nodes.Group, "name"): DONE,
    (nodes.Ladder, "name"): DONE,
    (nodes.Ladder, "rungs"): DONE,
    (nodes.Rule, "name"): RULES,
    (nodes.Rule, "overrides"): RULES,
    (nodes.Rule, "overrides_all"): None,
    (nodes.Table, "overrides_all"): None,
    (nodes.Table, "name"): RULES,
    (nodes.Table, "overrides"): RULES,
    (nodes.Event, "name"): EVENTS,
    (nodes.Events, "event"): EVENTS,
    (nodes.GivenEvent, "event"): EVENTS,
    (nodes.DerivedFact, "of_decision"): None,
    (nodes.DerivedFact, "calendar"): CALENDARS,
    (nodes.Window, "calendar"): CALENDARS,
    (nodes.Calendar, "name"): CALENDARS,
    (nodes.Calendar, "weekend"): None,
    (nodes.Fact, "currency"): None,
    (nodes.Accept, "code"): None,
    (nodes.PolicyHead, "name"): None,
    (nodes.VocabularyHead, "name"): None,
    (nodes.Used, "named"): None,
    (nodes.HeadClauses, "currency"): None,
}
"""The name space of a name by its field; None if it is not a name that a file declares. All others are facts and their
values.
"""
_DECLARING = frozenset(
    {
        (nodes.Fact, "name"),
        (nodes.Fact, "values"),
        (nodes.DerivedFact, "name"),
        (nodes.Define, "name"),
        (nodes.Setting, "name"),
        (nodes.Action, "names"),
        (nodes.Group, "name"),
        (nodes.Ladder, "name"),
        (nodes.Event, "name"),
        (nodes.Calendar, "name"),
        (nodes.Rule, "name"),
        (nodes.Table, "name"),
    }
)
_DECLARES = frozenset(kind for kind, _ in _DECLARING)
"""The nodes that declare a name, or contain one that does."""


def of_event(name: str) -> str:
    """The name space of the attributes of an event."""
    return f"of {name}"


@frozen
class Occurrence:
    """An occurrence of a name. It may be in one of several `spaces`, until it is known which of them has it."""

    name: str
    spaces: tuple[str, ...]
    source: Source
    span: Span
    declares: bool
    statement: Statement

    @property
    def place(self) -> Place:
        return Place(self.source, self.span)


def occurrences(module: Module) -> list[Occurrence]:
    """Returns all names of a file, in the order of its text, each place once."""
    return _occurrences(module, module.statements)


def occurrence_at(module: Module, offset: int) -> Occurrence | None:
    """The name at an offset, or that ends there."""
    near = [statement for statement in module.statements if statement.span[0] <= offset <= statement.span[1]]
    return next(
        (occurrence for occurrence in _occurrences(module, near) if occurrence.span[0] <= offset <= occurrence.span[1]),
        None,
    )


def declarations_of(module: Module) -> list[Occurrence]:
    """The same, of the names that the file declares alone."""
    return _occurrences(module, module.statements, declaring=True)


def _occurrences(module: Module, statements: Iterable[Statement], *, declaring: bool = False) -> list[Occurrence]:
    by_span: dict[Span, Occurrence] = {}
    for statement in statements:
        for name, spaces, declares in names_in(statement, None, declaring):
            end = name.start + len(name.text)
            if module.source.text[name.start : end] != name.text or (declaring and not declares):
                continue  # a name that is not written where it counts, such as that of a rule without one
            by_span.setdefault(name.span, Occurrence(name.text, spaces, module.source, name.span, declares, statement))
    return [by_span[span] for span in sorted(by_span)]


def declared(every: Iterable[Occurrence]) -> dict[tuple[str, str], Occurrence]:
    """The first declaration of each name, by space and name."""
    first_by_name: dict[tuple[str, str], Occurrence] = {}
    for occurrence in every:
        if occurrence.declares and not (isinstance(occurrence.statement, nodes.Group) and occurrence.statement.also):
            first_by_name.setdefault((occurrence.spaces[0], occurrence.name), occurrence)
    return first_by_name


def resolved(occurrence: Occurrence, known: Mapping[tuple[str, str], Occurrence]) -> tuple[tuple[str, str], ...]:
    """Returns what a name refers to, by space and name: the first of its spaces that has it or, if several have equal
    rights, as after `accept`, all of them.
    """
    meant = [(space, occurrence.name) for space in occurrence.spaces if (space, occurrence.name) in known]
    return tuple(meant if isinstance(occurrence.statement, nodes.Accept) else meant[:1])


def names_in(
    node: object, event: str | None = None, declaring: bool = False
) -> Iterator[tuple[Name, tuple[str, ...], bool]]:
    """Yields the names below a node, or the places where those that are `declaring` may be; `event` is the one whose
    attributes are known there.
    """
    kind: Any = type(node)
    if declaring and kind not in _DECLARES:
        return
    if isinstance(node, nodes.Event):
        event = node.name.text
    elif isinstance(node, nodes.Events | nodes.GivenEvent):
        event = node.event.text
    elif isinstance(node, nodes.DerivedFact) and node.events is not None:
        event = node.events.event.text
    for field in ("name",) if declaring and kind is nodes.Rule else parts_of(kind):
        value = getattr(node, field)
        if isinstance(node, nodes.Table) and field in ("headings", "rows"):
            value = _in_columns(node) if field == "rows" else ()
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, _InColumn):
                for name, spaces, declares in names_in(part.node, event, declaring and not part.declares):
                    yield name, part.spaces or spaces, part.declares or declares
            elif isinstance(part, Name):
                spaces = _spaces(node, field, event)
                if spaces and part.text != "everything":
                    yield part, spaces, (kind, field) in _DECLARING
            elif parts_of(part.__class__):
                yield from names_in(part, event, declaring)


@frozen
class _InColumn:
    """A heading or a cell of a table, whose column says what its names are of."""

    node: nodes.Heading | nodes.Cell
    spaces: tuple[str, ...]
    declares: bool = False


def _in_columns(table: nodes.Table) -> tuple[_InColumn, ...]:
    """The headings, each the name of a fact, a definition, an action or a group; and the cells, which under `rule` name
    the rules of their rows."""
    cells = [
        _InColumn(cell, (RULES,), declares=True) if heading.word == "rule" else _InColumn(cell, ())
        for row in table.rows
        for heading, cell in zip(table.headings, row.cells, strict=False)
    ]
    return (*[_InColumn(heading, (DONE, KNOWN)) for heading in table.headings], *cells)


def _spaces(node: object, field: str, event: str | None) -> tuple[str, ...]:
    own = _SPACES.get((type(node), field), KNOWN)
    if isinstance(node, nodes.Accept) and field == "names":
        return (RULES, DONE, KNOWN)
    if own != KNOWN or event is None:
        return () if own is None else (own,)
    if isinstance(node, nodes.Fact):
        return (of_event(event),) if field == "name" else (KNOWN,)
    if isinstance(node, nodes.Same):
        return (of_event(event),) if field == "attribute" else (KNOWN,)
    if isinstance(node, nodes.DerivedFact | nodes.Window):
        return (of_event(event),) if field == "attribute" else (KNOWN,)
    return (of_event(event), KNOWN)
