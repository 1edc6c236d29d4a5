"""Declarations to actions, groups and ladders; and lists of actions, with their groups unfolded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from forbear.base.diagnostic import Diagnostic, Label
from forbear.base.source import Place, Source
from forbear.check.declarations.settings import Declared, Given
from forbear.check.scope import Scope
from forbear.language.model.facts import Action, Group, Ladder
from forbear.language.model.kinds import Storage
from forbear.language.model.names import SEE_ALL, bundled_in, did_you_mean, listed
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions, Name


def actions_of(statements: Sequence[Declared], given: Given) -> dict[str, Action]:
    """The actions that are declared, and after them those that a policy under this one adds to a group."""
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
    """Groups may hold groups; each is unfolded when those that it holds are."""
    actions = scope.words.actions
    declared: dict[str, list[tuple[Source, nodes.Group]]] = {}
    for module, node in statements:
        if isinstance(node, nodes.Group) and node.name.text not in actions:
            if node.also and node.name.text not in declared:
                scope.within(module.source).report_unknown(
                    node.name,
                    f"there is no group `{node.name.text}` to add to",
                    did_you_mean(node.name.text, declared)
                    or f"write `group {node.name.text} is ...`, or use the vocabulary that declares it",
                    "unknown-action",
                )
                continue
            declared.setdefault(node.name.text, []).append((module.source, node))
    groups: dict[str, Group] = {}
    scope = scope.knowing(groups=groups)
    waiting = dict(declared)
    order = {name: number for number, name in enumerate(declared)}
    sorter = TopologicalSorter(
        {
            name: [used.text for _, part in parts for used in _named(part.actions) if used.text in declared]
            for name, parts in declared.items()
        }
    )
    with suppress(CycleError):  # what lies on a circle, or leads to one, is never ready
        sorter.prepare()
    while ready := sorted(sorter.get_ready(), key=order.__getitem__):
        for name in ready:
            place = _declared_at(waiting[name])
            members = set(given.added_to(name, place))
            for source, part in waiting.pop(name):
                members.update(unfolded(part.actions, scope.within(source)))
            groups[name] = Group(name, tuple(action for action in actions if action in members), place)
        sorter.done(*ready)
    if waiting:
        scope.report(_circular(waiting))
        groups |= {stuck: Group(stuck, (), _declared_at(parts)) for stuck, parts in waiting.items()}
    return groups


def _declared_at(parts: Sequence[tuple[Source, nodes.Group]]) -> Place:
    source, first = parts[0]
    return Place(source, first.name.span)


def _circular(waiting: Mapping[str, Sequence[tuple[Source, nodes.Group]]]) -> Diagnostic:
    """What to say of groups that wait for each other: some of them lie on a circle, the others lead to it."""
    path: list[str] = []
    name = next(iter(waiting))
    while name not in path:
        path.append(name)
        name = next(used.text for _, part in waiting[name] for used in _named(part.actions) if used.text in waiting)
    first, *further = (
        Label(Place(source, part.name.span), f"`{part.name.text}`")
        for source, part in [waiting[name][0] for name in path[path.index(name) :]]
    )
    return Diagnostic(
        code="circular-definition",
        message=f"the group {first.text} holds itself"
        + (f", through {', '.join(label.text for label in further)}" if further else ""),
        place=first.place,
        help="take it out of the groups that it names",
        related=tuple(further),
    )


def _named(actions: Actions) -> tuple[Name, ...]:
    return actions.listed + actions.excepted


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
        scope.report_at(
            actions.span,
            code="no-action",
            message="no action is left in this list",
            help="what follows `except` is left out, to the end of the list: name fewer actions there"
            if known
            else "declare actions with `action`, or add `uses collections` for the standard vocabulary",
        )
    elif complete:
        for name in actions.excepted:
            if chosen.isdisjoint(members_of(name.text, scope)):
                _report_not_listed(name, actions, scope)
    return tuple([name for name in known if name in chosen and name not in left_out])


def members_of(name: str, scope: Scope) -> Collection[str]:
    """The actions that a name in a list stands for."""
    words = scope.words
    return words.actions if name == "everything" else words.groups[name].actions if name in words.groups else (name,)


def _report_not_listed(name: Name, actions: Actions, scope: Scope) -> None:
    """An action or a group after `except` of which nothing is in the list, so that it is permitted or forbidden as if
    the list did not speak of it."""
    groups = scope.words.groups
    what = f"nothing of `{name.text}` is" if name.text in groups else f"`{name.text}` is not"
    holding = [group.name for group in groups.values() if name.text in group.actions]
    names = listed([listed_name.text for listed_name in actions.listed])
    scope.report_at(
        name.span,
        code="no-action",
        message=f"{what} in {names}, so there is nothing for `except` to leave out",
        help="take it out of the `except`"
        + (f"; if more was meant than is listed, {listed(holding)} would hold it" if holding else ""),
    )


def _report_unknown_action(name: Name, scope: Scope, *, left_out: bool = False) -> None:
    words = scope.words
    if name.text in words.ladder_names:
        message = f"`{name.text}` is a ladder, not an action"
        scope.report_unknown(name, message, "name actions or a group", "unknown-action")
        return
    if name.text in words.facts or name.text in words.definitions:
        what = "fact" if name.text in words.facts else "definition"
        message = f"`{name.text}` is a {what}, and this is a list of actions"
        help = f"a rule reads it in its condition: `when {name.text}`, `unless {name.text}`, or `when not {name.text}`"
        if name.text in words.facts and words.facts[name.text].kind.storage is not Storage.FLAG:
            help = f"a rule reads it in its condition, where `{name.text}` is compared with a value"
        elif left_out:
            help = f"`except` leaves out actions: in its place write `unless {name.text}`"
        scope.report_unknown(name, message, help, "unknown-action")
        return
    names = [*words.actions, *words.groups]
    if words.declares_itself:
        otherwise = "declare it with `action`, or add `uses collections` for the standard vocabulary"
    else:
        standard = any(bundled_in(action.place) for action in words.actions.values())
        otherwise = SEE_ALL if standard else f"known are {listed(names)}"
    help = did_you_mean(name.text, [*names, "everything"]) or otherwise
    scope.report_unknown(name, f"there is no action or group `{name.text}`", help, "unknown-action")


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
                message, help = f"`{rung.text}` appears twice on this ladder", "name each action once"
            elif action in rung_of:
                message = f"`{action}` is on two rungs, `{rung_of[action]}` and `{rung.text}`"
                help = "an action is on one rung of a ladder only"
            else:
                rung_of[action] = rung.text
                continue
            scope.report_at(rung.span, code="bad-ladder", message=message, help=help)
            break


def _check_rising(ladder: nodes.Ladder, scope: Scope) -> None:
    """Reports facts of `rising with` that there are not, or that have no order."""
    facts = scope.words.facts
    for name in ladder.rising:
        fact = facts.get(name.text)
        if fact is None:
            help = did_you_mean(name.text, facts) or f"known are {listed(facts)}"
            scope.report_unknown(name, f"there is no fact `{name.text}`", help)
        elif not fact.ordered:
            message = f"`{fact.name}` has no order to rise in"
            scope.report_at(name.span, code="not-ordered", message=message, help="name a fact of an ordered type")
