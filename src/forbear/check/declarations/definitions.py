"""Definitions as written to typed conditions, each after those that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.check.conditions.conditions import Definition, Definitions, measured
from forbear.check.declarations.vocabulary import Vocabulary
from forbear.diagnostic import Diagnostic, Label, Report
from forbear.model.names import listed
from forbear.source import Place
from forbear.syntax import ast


def definitions(vocabulary: Vocabulary, report: Report) -> Definitions:
    """All definitions, each after those that it uses.

    Depth first, so that every circle is reported: `graphlib` names one circle of a graph and no more.
    """
    done: dict[str, Definition | None] = {}
    for first in vocabulary.definitions:
        path: dict[str, Iterator[str]] = {first: _used(first, vocabulary)}
        while path:
            name, left = next(reversed(path.items()))
            used = None if name in done else next((used for used in left if used not in done), None)
            if used is None:
                path.popitem()
                if name not in done:
                    source, node = vocabulary.definitions[name]
                    done[name] = measured(node.condition, vocabulary, done, source, report)
            elif used in path:
                names = list(path)
                circle = names[names.index(used) :]
                report(_circular(circle, vocabulary))
                done |= dict.fromkeys(circle)
            else:
                path[used] = _used(used, vocabulary)
    return done


def _used(name: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The definitions that one uses."""
    _, node = vocabulary.definitions[name]
    return (used for used in _names_alone(node.condition) if used in vocabulary.definitions)


def _circular(circle: Sequence[str], vocabulary: Vocabulary) -> Diagnostic:
    first, *others = (
        Label(Place(source, node.name.span), f"`{name}`")
        for name in circle
        for source, node in [vocabulary.definitions[name]]
    )
    return Diagnostic(
        code="circular-definition",
        message=f"{first.text} is defined by itself" + (f", through {listed(circle[1:])}" if others else ""),
        place=first.place,
        help="write one of them without the others" if others else "write it without itself",
        related=tuple(others),
    )


def _names_alone(condition: ast.Condition) -> Iterator[str]:
    left = [condition]
    while left:
        match left.pop():
            case ast.NameAlone(name):
                yield name.text
            case ast.Not(part):
                left.append(part)
            case ast.And(parts) | ast.Or(parts):
                left.extend(parts)
            case _:
                pass
