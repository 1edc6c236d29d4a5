"""The statements of a rule file as an outline, and which of its lines fold."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from forbear.base.source import Span
from forbear.editors.editing.reading import Reading
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module, Name, Statement, Text


@frozen
class Entry:
    """A statement: the word that declares it, its name and title, its place, and the place of its name."""

    kind: str
    name: str
    title: str
    span: Span
    name_span: Span


def outline(reading: Reading) -> list[Entry]:
    """The statements that declare or promise something, in the order of the text."""
    return [] if reading.module is None else outline_of(reading.module)


def outline_of(module: Module) -> list[Entry]:
    """The same of a file that is not edited."""
    return [entry for node in module.statements for entry in _entries(node)]


def folds(reading: Reading) -> list[Span]:
    """The statements of more than one line."""
    module, text = reading.module, reading.text
    spans = [] if module is None else [node.span for node in module.statements]
    return [(start, end) for start, end in spans if "\n" in text[start:end]]


def _entries(node: Statement) -> Iterator[Entry]:
    match node:
        case nodes.Rule(name=Name() as name, title=title):
            yield Entry("rule", name.text, _text(title), node.span, name.span)
        case nodes.Rule():
            yield Entry("rule", "a rule without a name", "", node.span, node.span)
        case nodes.Table(name=name, title=title):
            yield Entry("table", name.text, _text(title), node.span, name.span)
        case nodes.Example(title=title):
            yield Entry("example", title.text or "example", "", node.span, title.span)
        case nodes.Action(names=names):
            for name in names:
                yield Entry("action", name.text, _text(node.description), node.span, name.span)
        case nodes.Fact(name=name) | nodes.DerivedFact(name=name):
            yield Entry("fact", name.text, _text(node.description), node.span, name.span)
        case nodes.Event(name=name) | nodes.Define(name=name) | nodes.Setting(name=name):
            kind = type(node).__name__.lower()
            yield Entry(kind, name.text, _text(node.description), node.span, name.span)
        case nodes.Group(name=name) | nodes.Ladder(name=name):
            yield Entry(type(node).__name__.lower(), name.text, "", node.span, name.span)
        case nodes.PolicyHead(name=name, title=title) | nodes.VocabularyHead(name=name, title=title):
            kind = node.kind if isinstance(node, nodes.PolicyHead) else "vocabulary"
            yield Entry(kind, name.text, _text(title), node.span, name.span)
        case _:
            return


def _text(written: Text | None) -> str:
    return "" if written is None else written.text
