"""Declarations to actions, groups and ladders; and lists of actions, with their groups unfolded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from forbear.check.declarations.settings import Declared
from forbear.diagnostic import Diagnostic, Label, Report
from forbear.model.facts import Action, Fact, Group, Ladder
from forbear.model.names import SEE_ALL, bundled_in, did_you_mean, listed
from forbear.source import Place, Source
from forbear.syntax import ast


def actions_of(statements: Iterable[Declared]) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for module, node in statements:
        if isinstance(node, ast.Action):
            description = None if node.description is None else node.description.text
            for name in node.names:
                actions.setdefault(name.text, Action(name.text, description, Place(module.source, name.span)))
    return actions


def groups_of(
    statements: Iterable[Declared], actions: Mapping[str, Action], ladders: Collection[str], report: Report
) -> dict[str, Group]:
    """Groups may hold groups; each is unfolded when those that it holds are."""
    declared: dict[str, list[tuple[Source, ast.Group]]] = {}
    for module, node in statements:
        if isinstance(node, ast.Group) and node.name.text not in actions:
            if node.also and node.name.text not in declared:
                report(
                    Diagnostic(
                        code="unknown-action",
                        message=f"there is no group `{node.name.text}` to add to",
                        place=Place(module.source, node.name.span),
                        help=did_you_mean(node.name.text, declared) or f"write `group {node.name.text} is ...`",
                    )
                )
                continue
            declared.setdefault(node.name.text, []).append((module.source, node))
    groups: dict[str, Group] = {}
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
            members: set[str] = set()
            for source, part in waiting.pop(name):
                members.update(unfold(part.actions, actions, groups, ladders, source, report))
            groups[name] = Group(name, tuple(action for action in actions if action in members))
        sorter.done(*ready)
    if waiting:
        report(_circular(waiting))
        groups |= {stuck: Group(stuck, ()) for stuck in waiting}
    return groups


def _circular(waiting: Mapping[str, Sequence[tuple[Source, ast.Group]]]) -> Diagnostic:
    """What to say of groups that wait for each other: some of them lie on a circle, the others lead to it."""
    path: list[str] = []
    name = next(iter(waiting))
    while name not in path:
        path.append(name)
        name = next(used.text for _, part in waiting[name] for used in _named(part.actions) if used.text in waiting)
    first, *others = (
        Label(Place(source, part.name.span), f"`{part.name.text}`")
        for source, part in [waiting[name][0] for name in path[path.index(name) :]]
    )
    return Diagnostic(
        code="circular-definition",
        message=f"the group {first.text} holds itself"
        + (f", through {', '.join(other.text for other in others)}" if others else ""),
        place=first.place,
        help="take it out of the groups that it names",
        related=tuple(others),
    )


def _named(actions: ast.Actions) -> tuple[ast.Name, ...]:
    return actions.listed + actions.excepted


def unfold(
    actions: ast.Actions,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
    ladders: Collection[str],
    source: Source,
    report: Report,
    *,
    standard_left_out: bool = False,
) -> tuple[str, ...]:
    """The actions of a list, groups unfolded, in the order of the vocabulary."""
    chosen: set[str] = set()
    left_out: set[str] = set()
    complete = True
    for names, into in ((actions.listed, chosen), (actions.excepted, left_out)):
        for name in names:
            if name.text == "everything":
                into.update(known)
            elif name.text in groups:
                members = groups[name.text].actions
                into.update(members)
                complete = complete and bool(members)  # an empty one is in error, and told there
            elif name.text in known:
                into.add(name.text)
            else:
                complete = False
                report(_unknown_action(name, known, groups, ladders, source, standard_left_out))
    if complete and not chosen - left_out:
        report(
            Diagnostic(
                code="no-action",
                message="no action is left in this list",
                place=Place(source, actions.span),
                help="what follows `except` is left out, to the end of the list: name fewer actions there"
                if known
                else "declare actions with `action`, or add `uses collections` for the standard vocabulary",
            )
        )
    return tuple([name for name in known if name in chosen and name not in left_out])


def _unknown_action(
    name: ast.Name,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
    ladders: Collection[str],
    source: Source,
    standard_left_out: bool,
) -> Diagnostic:
    if name.text in ladders:
        return Diagnostic(
            code="unknown-action",
            message=f"`{name.text}` is a ladder, not an action",
            place=Place(source, name.span),
            help="name actions or a group",
        )
    names = [*known, *groups]
    if standard_left_out:
        otherwise = "declare it with `action`, or add `uses collections` for the standard vocabulary"
    else:
        standard = any(bundled_in(action.place) for action in known.values())
        otherwise = SEE_ALL if standard else f"known are {listed(names)}"
    return Diagnostic(
        code="unknown-action",
        message=f"there is no action or group `{name.text}`",
        place=Place(source, name.span),
        help=did_you_mean(name.text, [*names, "everything"]) or otherwise,
    )


def ladders_of(
    statements: Iterable[Declared],
    facts: Mapping[str, Fact],
    actions: Mapping[str, Action],
    groups: Mapping[str, Group],
    report: Report,
) -> dict[str, Ladder]:
    ladders: dict[str, Ladder] = {}
    for module, node in statements:
        if not isinstance(node, ast.Ladder):
            continue

        def bad(
            message: str, name: ast.Name, help: str, code: str = "bad-ladder", source: Source = module.source
        ) -> None:
            report(Diagnostic(code=code, message=message, place=Place(source, name.span), help=help))

        rung_of: dict[str, str] = {}
        for rung in node.rungs:
            if rung.text not in actions and rung.text not in groups:
                report(_unknown_action(rung, actions, groups, (), module.source, False))
            members = groups[rung.text].actions if rung.text in groups else (rung.text,)
            for action in members:
                if rung_of.get(action) == rung.text:
                    bad(f"`{rung.text}` stands twice on this ladder", rung, "name each action once")
                    break
                if action in rung_of:
                    bad(
                        f"`{action}` stands on two rungs, `{rung_of[action]}` and `{rung.text}`",
                        rung,
                        "each action stands on one rung of a ladder",
                    )
                    break
                rung_of[action] = rung.text
        for fact_name in node.rising:
            fact = facts.get(fact_name.text)
            if fact is None:
                bad(
                    f"there is no fact `{fact_name.text}`",
                    fact_name,
                    did_you_mean(fact_name.text, facts) or f"known are {listed(facts)}",
                    "unknown-name",
                )
            elif not fact.ordered:
                bad(
                    f"`{fact.name}` has no order to rise in", fact_name, "name a fact of an ordered type", "not-ordered"
                )
        ladders[node.name.text] = Ladder(
            node.name.text,
            tuple(rung.text for rung in node.rungs),
            tuple(fact.text for fact in node.rising),
            Place(module.source, node.span),
        )
    return ladders
