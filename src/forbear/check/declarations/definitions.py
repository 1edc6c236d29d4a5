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
    """All definitions, each after those that it uses."""
    done: dict[str, Definition | None] = {}
    uses = {
        name: [used for used in _names_alone(node.condition) if used in vocabulary.definitions]
        for name, (_, node) in vocabulary.definitions.items()
    }
    for first in vocabulary.definitions:
        path = [first]
        while path:
            name = path[-1]
            waiting = [used for used in uses[name] if used not in done]
            if name in done:
                path.pop()
            elif not waiting:
                source, node = vocabulary.definitions[name]
                done[name] = measured(node.condition, vocabulary, done, source, report)
                path.pop()
            elif waiting[0] in path:
                circle = path[path.index(waiting[0]) :]
                report(_circular(circle, vocabulary))
                for stuck in circle:
                    done[stuck] = None
                path.pop()
            else:
                path.append(waiting[0])
    return done


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
