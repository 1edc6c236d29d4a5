"""Declarations to a vocabulary: facts, actions, groups, ladders and settings, names looked up and values checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from forbear.diagnostic import Diagnostic, Label
from forbear.policy.facts_from_ast import facts_of
from forbear.policy.names import did_you_mean, listed
from forbear.policy.settings_from_ast import Declared, settings_of
from forbear.policy.typed import Setting
from forbear.policy.values_from_ast import Report
from forbear.source import Place, Source
from forbear.syntax import ast
from forbear.vocabulary.facts import (
    Action,
    Fact,
    Group,
    Ladder,
)


@frozen
class Vocabulary:
    """What conditions and rules may speak of. `definitions` holds the definitions as written."""

    facts: Mapping[str, Fact]
    actions: Mapping[str, Action]
    groups: Mapping[str, Group]
    ladders: Mapping[str, Ladder]
    settings: Mapping[str, Setting]
    definitions: Mapping[str, tuple[Source, ast.Define]]
    clock: Fact | None
    declares_itself: bool
    """Whether the files declare facts or actions and leave the standard vocabulary out."""


def vocabulary(
    modules: Sequence[ast.Module], currency: str | None, given: Mapping[str, object], report: Report
) -> Vocabulary:
    """The vocabulary of all files together; `given` are the settings of whoever loads the policy."""
    statements = [(module, node) for module in modules for node in module.statements]
    _report_duplicates(statements, modules[-1], report)
    settings = settings_of(statements, given, modules[-1], report)
    facts = facts_of(statements, currency, settings, report)
    actions = _actions(statements)
    groups = _groups(statements, actions, report)
    clocks = [fact for fact in facts.values() if fact.clock]
    for second in clocks[1:]:
        report(
            Diagnostic(
                code="bad-fact",
                message=f"`{second.name}` is a second clock",
                place=second.place,
                help="a policy has one clock: take `clock` away from one of the two",
                related=(Label(clocks[0].place, "the first clock"),),
            )
        )
    return Vocabulary(
        facts,
        actions,
        groups,
        _ladders(statements, facts, actions, groups, report),
        settings,
        {node.name.text: (module.source, node) for module, node in statements if isinstance(node, ast.Define)},
        clocks[0] if clocks else None,
        not any(module.source.name == "pack:vocabulary/collections" for module in modules),
    )


def policy_currency(modules: Sequence[ast.Module]) -> tuple[str | None, Place | None]:
    """The currency of sums without one: the policy's, else a used vocabulary's, else the only one that is written.

    A file of a few rules needs no head, so it may name its currency in its sums alone.
    """
    for module in reversed(modules):
        for node in module.statements:
            clauses = getattr(node, "clauses", None)
            if isinstance(clauses, ast.HeadClauses) and clauses.currency is not None:
                return clauses.currency.text, Place(module.source, clauses.currency.span)
    for module in reversed(modules):
        for match in _SUM.finditer(module.source.text):
            if match["currency"]:
                return match["currency"], None
    return None, None


_SUM = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|#[^\n]*|\b(?P<currency>[A-Z]{3})\s+-?\s*[0-9]')


# Names


def _report_duplicates(statements: Iterable[Declared], last: ast.Module, report: Report) -> None:
    """A name declared twice in one of the two name spaces of declarations."""
    values: dict[str, tuple[str, Place]] = {}
    things: dict[str, tuple[str, Place]] = {}
    deeds: dict[str, tuple[str, Place]] = {}
    ladder_of_file: dict[str, ast.Module] = {}

    def declare(space: dict[str, tuple[str, Place]], name: ast.Name, what: str, source: Source) -> None:
        first = space.get(name.text)
        place = Place(source, name.span)
        if first is None:
            space[name.text] = (what, place)
            return
        report(
            Diagnostic(
                code="duplicate-name",
                message=f"the {what} `{name.text}` has the name of a{'n' if first[0] == 'action' else ''} {first[0]}"
                if first[0] != what
                else f"the {what} `{name.text}` is declared twice",
                place=place,
                help="choose another name for one of the two",
                related=(Label(first[1], "declared here first"),),
            )
        )

    for module, node in statements:
        source = module.source
        match node:
            case ast.Fact():
                declare(things, node.name, "fact", source)
                seen: set[str] = set()
                for value in node.values:
                    if value.text in seen:
                        report(
                            Diagnostic(
                                code="duplicate-name",
                                message=f"`{value.text}` stands twice among the values of `{node.name.text}`",
                                place=Place(source, value.span),
                                help="name each value once",
                            )
                        )
                    seen.add(value.text)
                    values.setdefault(value.text, ("value of a fact", Place(source, value.span)))
            case ast.Define():
                declare(things, node.name, "definition", source)
            case ast.Setting():
                declare(things, node.name, "setting", source)
            case ast.Action():
                for name in node.names:
                    declare(deeds, name, "action", source)
            case ast.Group(also=False):
                declare(deeds, node.name, "group", source)
            case ast.Ladder():
                # The policy's ladder takes the place of one that it uses.
                if ladder_of_file.get(node.name.text) not in (None, module):
                    deeds.pop(node.name.text, None)
                ladder_of_file[node.name.text] = module
                declare(deeds, node.name, "ladder", source)
            case _:
                pass
    for both in values.keys() & things.keys():
        what, place = things[both]
        report(
            Diagnostic(
                code="duplicate-name",
                message=f"the {what} `{both}` has the name of a value of a fact",
                place=place,
                help="choose another name for one of the two",
                related=(Label(values[both][1], "a value here"),),
            )
        )


# Actions, groups, ladders


def _actions(statements: Iterable[Declared]) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for module, node in statements:
        if isinstance(node, ast.Action):
            description = None if node.description is None else node.description.text
            for name in node.names:
                actions.setdefault(name.text, Action(name.text, description, Place(module.source, name.span)))
    return actions


def _groups(statements: Iterable[Declared], actions: Mapping[str, Action], report: Report) -> dict[str, Group]:
    """Groups may hold groups; each is unfolded when those that it holds are."""
    declared: dict[str, list[tuple[Source, ast.Group]]] = {}
    for module, node in statements:
        if isinstance(node, ast.Group):
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
    while waiting:
        ready = [
            name
            for name, parts in waiting.items()
            if not any(used.text in waiting for _, part in parts for used in _named(part.actions))
        ]
        for name in ready:
            members: set[str] = set()
            for source, part in waiting[name]:
                members.update(unfold(part.actions, actions, groups, source, report))
            groups[name] = Group(name, tuple(action for action in actions if action in members))
        if not ready:
            name, parts = next(iter(waiting.items()))
            source, part = parts[0]
            report(
                Diagnostic(
                    code="circular-definition",
                    message=f"the group `{name}` holds itself",
                    place=Place(source, part.name.span),
                    help="take it out of the groups that it names",
                )
            )
            for stuck in waiting:
                groups[stuck] = Group(stuck, ())
            break
        for name in ready:
            del waiting[name]
    return groups


def _named(actions: ast.Actions) -> tuple[ast.Name, ...]:
    return actions.listed + actions.excepted


def unfold(
    actions: ast.Actions,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
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
                into.update(groups[name.text].actions)
            elif name.text in known:
                into.add(name.text)
            else:
                complete = False
                report(unknown_action(name, known, groups, source, standard_left_out))
    if complete and not chosen - left_out:
        report(
            Diagnostic(
                code="no-action",
                message="no action is left in this list",
                place=Place(source, actions.span),
                help="what follows `except` is left out, to the end of the list: name fewer actions there",
            )
        )
    return tuple([name for name in known if name in chosen and name not in left_out])


def unknown_action(
    name: ast.Name,
    known: Mapping[str, Action],
    groups: Mapping[str, Group],
    source: Source,
    standard_left_out: bool,
) -> Diagnostic:
    names = [*known, *groups]
    if standard_left_out:
        otherwise = "declare it with `action`, or add `uses collections` for the standard vocabulary"
    else:
        otherwise = f"known are {listed(names)}"
    return Diagnostic(
        code="unknown-action",
        message=f"there is no action or group `{name.text}`",
        place=Place(source, name.span),
        help=did_you_mean(name.text, names) or otherwise,
    )


def _ladders(
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
                report(unknown_action(rung, actions, groups, module.source, False))
            members = groups[rung.text].actions if rung.text in groups else (rung.text,)
            for action in members:
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
