"""Definitions as written to typed conditions, each after those that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, Label
from forbear.base.source import Place, Source
from forbear.check.conditions.conditions import measured
from forbear.check.scope import Definition, Definitions, Scope
from forbear.language.model.names import listed
from forbear.language.syntax import nodes

Written: TypeAlias = Mapping[str, tuple[Source, nodes.Define]]


def definitions(scope: Scope) -> Definitions:
    """All definitions, each after those that it uses.

    Depth first, so that every circle is reported: `graphlib` names one circle of a graph and no more.
    """
    written = scope.words.definitions
    done: dict[str, Definition | None] = {}
    scope = evolve(scope, defined=done)
    for first in written:
        path: dict[str, Iterator[str]] = {first: _used(first, written)}
        while path:
            name, left = next(reversed(path.items()))
            used = None if name in done else next((used for used in left if used not in done), None)
            if used is None:
                path.popitem()
                if name not in done:
                    source, node = written[name]
                    done[name] = measured(node.condition, scope.within(source))
            elif used in path:
                names = list(path)
                circle = names[names.index(used) :]
                scope.report(_circular(circle, written))
                done |= dict.fromkeys(circle)
            else:
                path[used] = _used(used, written)
    return done


def _used(name: str, written: Written) -> Iterator[str]:
    """The definitions that one uses."""
    _, node = written[name]
    return (used for used in _names_alone(node.condition) if used in written)


def _circular(circle: Sequence[str], written: Written) -> Diagnostic:
    first, *further = (
        Label(Place(source, node.name.span), f"`{name}`") for name in circle for source, node in [written[name]]
    )
    return Diagnostic(
        code="circular-definition",
        message=f"{first.text} is defined by itself" + (f", through {listed(circle[1:])}" if further else ""),
        place=first.place,
        help="write one of them without the others" if further else "write it without itself",
        related=tuple(further),
    )


def _names_alone(condition: nodes.Condition) -> Iterator[str]:
    left = [condition]
    while left:
        match left.pop():
            case nodes.NameAlone(name):
                yield name.text
            case nodes.Not(part):
                left.append(part)
            case nodes.And(parts) | nodes.Or(parts):
                left.extend(parts)
            case _:
                pass
