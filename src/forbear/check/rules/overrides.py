"""Resolves the names after `overrides` to rules, action by action."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, Label
from forbear.base.source import Place
from forbear.check.scope import Scope
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect, Rule, RuleSet
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name


def with_overrides(
    nodes: Sequence[nodes.Rule],
    typed: Sequence[Rule],
    tables: Mapping[str, Sequence[int]],
    of_standards: Mapping[str, Rule],
    scope: Scope,
) -> tuple[Rule, ...]:
    """The rules of a file with what each overrides.

    `tables` has the rules of each table, by their numbers; `of_standards` are the rules of standards, by name.
    """
    by_name = _overridden_by_name(nodes, typed, tables, of_standards, scope)
    sides = _sides(typed)
    result: list[Rule] = []
    for number, node in enumerate(nodes):
        rule = typed[number]
        overriding: set[int] = set()
        overrides: dict[str, RuleSet] = {}
        if node.overrides_all:
            overriding = {stronger for stronger, overridden in by_name.items() if number in overridden}
            for action, effect in rule.effects.items():
                if effect is not Effect.NEVER:
                    opposite = sides.get((action, not effect.permits), _NONE)
                    overrides[action] = _without(opposite, overriding) if overriding else opposite
        elif number in by_name:
            for action, effect in rule.effects.items():
                named = [n for n in sorted(by_name[number]) if _opposite(effect, typed[n].effects.get(action))]
                overrides[action] = RuleSet(tuple(named))
        overrides = {action: weaker for action, weaker in overrides.items() if weaker.numbers}
        if node.overrides_all and not overrides and not overriding:
            against = [opposing for opposing in of_standards.values() if _opposed_over_policy(rule, opposing)]
            if against:
                scope.report(_over_standards_alone(rule, against, scope.place(node.overrides_all.span)))
        result.append(evolve(rule, overrides=overrides) if overrides else rule)
    if _report_circle(nodes, result, scope):
        return tuple(typed)
    return tuple(result)


def _overridden_by_name(
    nodes: Sequence[nodes.Rule],
    typed: Sequence[Rule],
    tables: Mapping[str, Sequence[int]],
    of_standards: Mapping[str, Rule],
    scope: Scope,
) -> dict[int, set[int]]:
    """Returns the rules that each rule names after `overrides`, and reports names that do not fit."""
    numbers = {rule.name: number for number, rule in reversed(list(enumerate(typed)))}
    by_name: dict[int, set[int]] = {}
    report = _Once(scope)
    for number, node in enumerate(nodes):
        rule = typed[number]
        if node.overrides and set(rule.effects.values()) == {Effect.NEVER}:
            place = scope.place(node.overrides[0].span)
            report.unless_fitting(node.overrides[0], diagnosis("bad-override.needless", place, rules=(rule.name,)))
            continue
        for name in node.overrides:
            candidates = tables.get(name.text) or ([numbers[name.text]] if name.text in numbers else [])
            opposed = [candidate for candidate in candidates if _opposed(rule, typed[candidate])]
            if name.text in of_standards:
                if report.first(name):
                    scope.report(_over_standard(rule, of_standards[name.text], scope.place(name.span)))
            elif not candidates:
                if report.first(name):
                    known = [*numbers, *tables, *of_standards]
                    there = list(dict.fromkeys(rule.name for rule in typed))
                    near = get_close_matches(name.text, there, len(there))
                    rules_there = list(dict.fromkeys([*near, *there]))
                    scope.report_unknown(name, "unknown-rule.name", known, rules_there=rules_there)
            elif not opposed:
                unopposed = typed[candidates[0]]
                if rule.effects and unopposed.effects:  # else their actions are in error, and this follows
                    report.unless_fitting(name, _bad_override(rule, unopposed, scope.place(name.span)))
            else:
                report.fits(name)
                by_name.setdefault(number, set()).update(opposed)
    report.finish()
    return by_name


class _Once:
    """Reports what is wrong with a name in `overrides` once: under a table it counts for each row, and need not fit all
    of them."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._reported: set[int] = set()
        self._fitting: set[int] = set()
        self._misfits: dict[int, Diagnostic] = {}

    def first(self, name: Name) -> bool:
        """Returns true if nothing has been reported of the name yet, and remembers it."""
        first = name.start not in self._reported
        self._reported.add(name.start)
        return first

    def fits(self, name: Name) -> None:
        """Notes that the name fits a rule."""
        self._fitting.add(name.start)

    def unless_fitting(self, name: Name, diagnostic: Diagnostic) -> None:
        """Notes what to report in the end if the name fits no rule."""
        self._misfits.setdefault(name.start, diagnostic)

    def finish(self) -> None:
        """Reports the names that fit no rule."""
        for start, diagnostic in self._misfits.items():
            if start not in self._fitting:
                self._scope.report(diagnostic)


def _opposite(effect: Effect, second: Effect | None) -> bool:
    if second is None or Effect.NEVER in (effect, second):
        return False
    return effect.permits != second.permits


def _opposed(rule: Rule, opponent: Rule) -> bool:
    return rule is not opponent and any(
        _opposite(effect, opponent.effects.get(action)) for action, effect in rule.effects.items()
    )


def _opposed_over_policy(rule: Rule, of_standard: Rule) -> bool:
    """Returns true if a rule of a standard forbids, over the policy, what a rule permits; or requires what it
    forbids.
    """
    against = {(True, Effect.NEVER), (False, Effect.REQUIRE)}
    return any(
        effect is not Effect.NEVER and (effect.permits, of_standard.effects.get(action)) in against
        for action, effect in rule.effects.items()
    )


_NONE = RuleSet(())


def _without(rule_set: RuleSet, others: Collection[int]) -> RuleSet:
    return RuleSet(tuple([number for number in rule_set.numbers if number not in others]))


def _sides(typed: Sequence[Rule]) -> Mapping[tuple[str, bool], RuleSet]:
    """Returns, for each action, the rules that permit it and those that `forbid` it."""
    by_side: dict[tuple[str, bool], list[int]] = {}
    for number, rule in enumerate(typed):
        for action, effect in rule.effects.items():
            if effect is not Effect.NEVER:
                by_side.setdefault((action, effect.permits), []).append(number)
    return {key: RuleSet(tuple(numbers)) for key, numbers in by_side.items()}


def _over_standard(rule: Rule, opponent: Rule, place: Place) -> Diagnostic:
    related = (Label(opponent.place, f"`{opponent.name}`"),)
    return diagnosis(
        "bad-override.of-standard", place, rule=opponent.name, related=related, rules=(rule.name, opponent.name)
    )


def _over_standards_alone(rule: Rule, opposed: Sequence[Rule], place: Place) -> Diagnostic:
    names = [opponent.name for opponent in opposed]
    related = tuple([Label(opponent.place, f"`{opponent.name}`") for opponent in opposed[:3]])
    return diagnosis("bad-override.all-of-standard", place, names=names, related=related, rules=(rule.name, *names))


def _bad_override(rule: Rule, opponent: Rule, place: Place) -> Diagnostic:
    if rule is opponent:
        variant = "itself"
    elif any(opponent.effects.get(action) is Effect.NEVER for action in rule.effects):
        variant = "safeguard"
    else:
        variant = "not-opposed"
    related = () if rule is opponent else (Label(opponent.place, f"`{opponent.name}`"),)
    return diagnosis(
        f"bad-override.{variant}", place, rule=opponent.name, related=related, rules=(rule.name, opponent.name)
    )


def _report_circle(nodes: Sequence[nodes.Rule], typed: Sequence[Rule], scope: Scope) -> bool:
    """Returns true if rules override each other in a circle, for some action, and reports it."""
    actions = dict.fromkeys(action for rule in typed for action in rule.overrides)
    for action in actions:
        circle = _circle(typed, action)
        if circle:
            names = [typed[number].name for number in circle]
            first, *further = (
                Label(_override_place(nodes[number], following, scope), f"`{name}` overrides `{following}`")
                for number, name, following in zip(circle, names, [*names[1:], names[0]], strict=True)
            )
            scope.report(
                diagnosis(
                    "circular-override.circle",
                    first.place,
                    action=action,
                    names=names,
                    related=tuple(further),
                    rules=tuple(typed[number].name for number in sorted(circle)),
                    actions=(action,),
                )
            )
            return True
    return False


def _override_place(node: nodes.Rule, target: str, scope: Scope) -> Place:
    """Returns the place at which a rule says that it overrides another one: the name, or the word `all`."""
    word = next((name for name in node.overrides if name.text == target), node.overrides_all)
    return scope.place(node.span if word is None else word.span)


def _circle(typed: Sequence[Rule], action: str) -> list[int] | None:
    """Rules that override each other in a circle, each the next and the last the first, or None. The first in file
    order is the first."""
    order: TopologicalSorter[int | RuleSet] = TopologicalSorter()
    for number, rule in enumerate(typed):
        if action in rule.overrides:
            order.add(rule.overrides[action], number)
    for overridden in {rule.overrides[action]: None for rule in typed if action in rule.overrides}:
        for number in overridden.numbers:
            order.add(number, overridden)
    try:
        order.prepare()
    except CycleError as error:
        circle = [node for node in error.args[1][:-1] if isinstance(node, int)]
        first = circle.index(min(circle))
        return circle[first:] + circle[:first]
    return None
