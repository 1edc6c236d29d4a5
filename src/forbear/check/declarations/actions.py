"""Declarations to actions, groups and ladders; and lists of actions, with their groups unfolded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from forbear.base.source import Place, Source
from forbear.check.circles import circular, in_order
from forbear.check.declarations.settings import Declared, Given
from forbear.check.scope import Scope
from forbear.language.model.facts import Action, Group, Ladder
from forbear.language.model.kinds import Storage
from forbear.language.model.names import bundled_in
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions, Name


def actions_of(statements: Sequence[Declared], given: Given) -> dict[str, Action]:
    """Returns the declared actions, and after them those that a policy under this one adds to a group."""
    actions: dict[str, Action] = {}
    for module, node in statements:
        if isinstance(node, nodes.Action):
            description = None if node.description is None else node.description.text
            for name in node.names:
                actions.setdefault(name.text, Action(name.text, description, Place(module.source, name.span)))
    for module, node in statements if given.terms.groups else ():
        if isinstance(node, nodes.Group) and not node.also:
            for added in given.added_to(node.name.text, Place(module.source, node.name.span)):
                actions.setdefault(added, given.terms.actions[added])
    return actions


def groups_of(statements: Iterable[Declared], given: Given, scope: Scope) -> dict[str, Group]:
    """Returns the groups. Groups may contain groups, which are unfolded first."""
    actions = scope.words.actions
    declared: dict[str, list[tuple[Source, nodes.Group]]] = {}
    for module, node in statements:
        if isinstance(node, nodes.Group) and node.name.text not in actions:
            if node.also and node.name.text not in declared:
                scope.within(module.source).report_unknown(node.name, "unknown-action.group", declared)
                continue
            declared.setdefault(node.name.text, []).append((module.source, node))
    groups: dict[str, Group] = {}
    scope = scope.knowing(groups=groups)
    for each in in_order(declared, lambda name: [used for used in _held_by(declared[name]) if used in declared]):
        if not isinstance(each, str):
            scope.report(circular("circular-definition.group", each, lambda name: _declared_at(declared[name])))
            groups |= {name: Group(name, (), _declared_at(declared[name])) for name in each}
            continue
        place = _declared_at(declared[each])
        members = set(given.added_to(each, place))
        for source, part in declared[each]:
            members.update(unfolded(part.actions, scope.within(source)))
        groups[each] = Group(each, tuple(action for action in actions if action in members), place)
    return groups


def _declared_at(parts: Sequence[tuple[Source, nodes.Group]]) -> Place:
    source, first = parts[0]
    return Place(source, first.name.span)


def _held_by(parts: Iterable[tuple[Source, nodes.Group]]) -> Iterator[str]:
    return (name.text for _, part in parts for name in part.actions.listed + part.actions.excepted)


def unfolded(actions: Actions, scope: Scope) -> tuple[str, ...]:
    """The actions of a list, groups unfolded, in the order of the vocabulary."""
    known, groups = scope.words.actions, scope.words.groups
    chosen: set[str] = set()
    left_out: set[str] = set()
    complete = True
    for names, into in ((actions.listed, chosen), (actions.excepted, left_out)):
        for name in names:
            if name.text in known or name.text in groups or name.text == "everything":
                members = members_of(name.text, scope)
                into.update(members)
                complete = complete and bool(members)  # an empty one is in error, and reported there
            else:
                complete = False
                _report_unknown_action(name, scope, left_out=into is left_out)
    if complete and not chosen - left_out:
        scope.report_at(actions.span, "no-action.none-left" if known else "no-action.none-declared")
    elif complete:
        for name in actions.excepted:
            if chosen.isdisjoint(members_of(name.text, scope)):
                _report_not_listed(name, actions, scope)
    return tuple([name for name in known if name in chosen and name not in left_out])


def members_of(name: str, scope: Scope) -> Collection[str]:
    """Returns the actions that a name in a list means."""
    words = scope.words
    return words.actions if name == "everything" else words.groups[name].actions if name in words.groups else (name,)


def _report_not_listed(name: Name, actions: Actions, scope: Scope) -> None:
    """An action or a group after `except` of which nothing is in the list, so that it is permitted or forbidden as if
    the list did not speak of it."""
    groups = scope.words.groups
    scope.report_at(
        name.span,
        "no-action.group-not-listed" if name.text in groups else "no-action.not-listed",
        name=name.text,
        names=[listed_name.text for listed_name in actions.listed],
        holding=[group.name for group in groups.values() if name.text in group.actions],
    )


def _report_unknown_action(name: Name, scope: Scope, *, left_out: bool = False) -> None:
    words = scope.words
    if name.text in words.ladder_names:
        scope.report_unknown(name, "unknown-action.ladder")
        return
    if name.text in words.facts or name.text in words.definitions:
        fact = words.facts.get(name.text)
        variant = "definition" if fact is None else "flag" if fact.kind.storage is Storage.FLAG else "fact"
        if left_out and variant != "fact":
            variant = f"except-{variant}"
        scope.report_unknown(name, f"unknown-action.{variant}")
        return
    names = [*words.actions, *words.groups]
    standard = any(bundled_in(action.place) for action in words.actions.values())
    variant = "undeclared" if words.declares_itself else "standard" if standard else "action"
    scope.report_unknown(name, f"unknown-action.{variant}", [*names, "everything"], names=names)


def ladders_of(statements: Iterable[Declared], scope: Scope) -> dict[str, Ladder]:
    """The ladders by name, with reports of what is wrong with each."""
    ladders: dict[str, Ladder] = {}
    for module, node in statements:
        if not isinstance(node, nodes.Ladder):
            continue
        _check_rungs(node, scope.within(module.source))
        _check_rising(node, scope.within(module.source))
        ladders[node.name.text] = Ladder(
            node.name.text,
            tuple(rung.text for rung in node.rungs),
            tuple(fact.text for fact in node.rising),
            Place(module.source, node.span),
        )
    return ladders


def _check_rungs(ladder: nodes.Ladder, scope: Scope) -> None:
    """Reports rungs that are nothing known, and actions that are on a ladder twice."""
    actions, groups = scope.words.actions, scope.words.groups
    rung_of: dict[str, str] = {}
    for rung in ladder.rungs:
        if rung.text not in actions and rung.text not in groups:
            _report_unknown_action(rung, scope)
        members = groups[rung.text].actions if rung.text in groups else (rung.text,)
        for action in members:
            if rung_of.get(action) == rung.text:
                variant = "twice"
            elif action in rung_of:
                variant = "two-rungs"
            else:
                rung_of[action] = rung.text
                continue
            scope.report_at(rung.span, f"bad-ladder.{variant}", action=action, first=rung_of[action], second=rung.text)
            break


def _check_rising(ladder: nodes.Ladder, scope: Scope) -> None:
    """Reports facts of `rising with` that there are not, or that have no order."""
    facts = scope.words.facts
    for name in ladder.rising:
        fact = facts.get(name.text)
        if fact is None:
            scope.report_unknown(name, "unknown-name.known-fact", facts)
        elif not fact.ordered:
            scope.report_at(name.span, "not-ordered.rising", fact=fact.name)
