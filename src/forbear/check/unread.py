"""`unread`: declarations in a policy's own file that nothing reads.

A name is read wherever it is written, except in its own declaration and in the cases of examples. An action, a rule, an
attribute or a value of one of the same name is another thing. A vocabulary is made for unknown policies, and so is
never unread. Nor are the facts and events of a file without a head, in which rules are tried out on the facts of
others; its settings and definitions may be.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from forbear.base.diagnostic import Diagnostic, Label
from forbear.base.source import Place
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.syntax import nodes
from forbear.language.syntax.naming import EVENTS, KNOWN, names_in, of_event
from forbear.language.syntax.nodes import Module, Statement

_NAMING = (nodes.Define, nodes.Setting)
_DECLARING = (nodes.Fact, nodes.DerivedFact, nodes.Event, *_NAMING)
_MOST = 20


def unread_names(modules: Sequence[Module], policy: TypedPolicy) -> frozenset[str]:
    """Returns all names that the files of a policy declare and nothing reads."""
    statements = [node for module in modules for node in module.statements]
    names = {node.name.text for node in statements if isinstance(node, _DECLARING) and _may_be(node)}
    return frozenset(_unread(names - _elsewhere(policy), modules, policy))


def unread(modules: Sequence[Module], policy: TypedPolicy) -> Iterator[Diagnostic]:
    """Yields one finding for all unread names."""
    own = modules[-1]
    if not any(isinstance(node, nodes.Rule | nodes.Table) for node in own.statements):
        return
    kinds = _DECLARING if policy.headed else _NAMING
    names = {node.name.text: node.name for node in own.statements if isinstance(node, kinds) and _may_be(node)}
    left = _unread(names.keys() - _elsewhere(policy), modules, policy)
    places = [Place(own.source, names[name].span) for name in names if name in left]
    if not places:
        return
    yield diagnosis(
        "unread.names",
        places[0],
        names=[place.text for place in places],
        related=tuple([Label(place, f"`{place.text}`") for place in places[1:_MOST]]),
    )


def _may_be(node: Statement) -> bool:
    """Returns true if a declaration counts. The clock is read by the days of rules, and a setting of a standard by the
    standard.
    """
    is_clock = isinstance(node, nodes.Fact) and node.clock
    return not is_clock and isinstance(node, _DECLARING) and "." not in node.name.text


def _elsewhere(policy: TypedPolicy) -> frozenset[str]:
    """Returns the names that rules read, including those of the standards that a policy is held against: it declares
    them for these.
    """
    standards = [promise.standard for promise in policy.conforms] + [over.standard for over in policy.subject_to]
    return frozenset(facts_read(policy)).union(*[[*standard.facts, *standard.events] for standard in standards])


def _unread(names: Iterable[str], modules: Sequence[Module], policy: TypedPolicy) -> set[str]:
    """Returns those of some names that no statement writes, or only the declarations of such names."""
    left, declaring = set(names), dict[str, list[Statement]]()
    of_events = {
        (of_event(event.name), name)
        for event in policy.events.values()
        for attribute in event.attributes.values()
        for name in (attribute.name, *attribute.words)
    }
    waiting: list[Statement] = []
    for node in [node for module in modules for node in module.statements if not isinstance(node, nodes.Example)]:
        if isinstance(node, _DECLARING) and node.name.text in left:
            declaring.setdefault(node.name.text, []).append(node)
        else:
            waiting.append(node)
    while left and waiting:
        read = left.intersection(_read(waiting.pop(), of_events))
        left -= read
        waiting += [node for name in read for node in declaring[name]]
    return left


def _read(node: Statement, of_events: Container[tuple[str, str]]) -> Iterator[str]:
    """Yields the facts, definitions, settings and events that a statement writes and does not declare."""
    for name, spaces, declares in names_in(node):
        own = any((space, name.text) in of_events for space in spaces)
        if spaces[-1] in (KNOWN, EVENTS) and not own and not declares:
            yield name.text
