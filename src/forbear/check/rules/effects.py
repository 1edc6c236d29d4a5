"""Checks the effects of a rule: lists of actions, with groups unfolded, become effects and companions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forbear.base.diagnostic import Diagnostic, Label, Report
from forbear.base.source import Place
from forbear.check.circles import in_order
from forbear.check.declarations.actions import members_of, unfolded
from forbear.check.scope import Scope
from forbear.language.model.conditions import MAXIMUM_COMPARISONS, MAXIMUM_DEPTH
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect, Rule, Subject, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions
from forbear.semantics.composition.duties import blockings


def effects_of(
    nodes: Sequence[nodes.Effect], scope: Scope
) -> tuple[Mapping[str, Effect], Mapping[str, tuple[str, ...]]]:
    """Returns the effect of a rule on each of its actions, and the companions that it asks for with each action."""
    effects: dict[str, Effect] = {}
    along: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        actions = unfolded(node.actions, scope)
        twice = [action for action in actions if action in effects or action in along] or _listed_twice(
            node.actions, scope
        )
        if twice:
            scope.report_at(node.span, "repeated-action.rule", twice=twice)
        if node.companions is not None:
            companions = unfolded(node.companions, scope)
            _report_own_companions(node, actions, companions, scope)
            for action in actions if companions else ():
                along.setdefault(action, tuple([companion for companion in companions if companion != action]))
        for action in actions if node.word != "along" else ():
            effects.setdefault(action, Effect(node.word))
    if len(nodes) > 1:
        order = scope.words.actions
        effects = {action: effects[action] for action in order if action in effects}
        along = {action: along[action] for action in order if action in along}
    return effects, along


def _report_own_companions(node: nodes.Effect, actions: Sequence[str], companions: Sequence[str], scope: Scope) -> None:
    """Actions that would have to accompany themselves."""
    own = [action for action in actions if action in companions]
    if not own:
        return
    scope.report_at(node.span, "circular-duty.itself", own=own, excepted=", ".join(own))


def _listed_twice(actions: Actions, scope: Scope) -> list[str]:
    if len(actions.listed) == 1 or scope.words.added_to:
        return []
    members: set[str] = set()
    twice: list[str] = []
    for name in actions.listed:
        for member in members_of(name.text, scope):
            if member in members and member not in twice:
                twice.append(member)
            members.add(member)
    return twice


# Checks of all companions of a policy together: that they form no circle, and their total size.


def check_duties(policy: TypedPolicy, subjects: Sequence[Subject], report: Report) -> bool:
    """Returns true if the companions that a policy, and the standards over it, ask for can be met and decided; reports
    the errors otherwise.
    """
    if not any(rule.along for rule in policy.rules):
        return True
    circle = _circle(policy.rules)
    if circle is not None:
        report(_circular(circle, subjects))
        return False
    for blocking in blockings(policy):
        rule = policy.rules[blocking.number]
        large = blocking.comparisons > MAXIMUM_COMPARISONS
        if large or blocking.depth > MAXIMUM_DEPTH:
            report(
                diagnosis(
                    "too-large.duties" if large else "too-deep.duties",
                    _place_of(rule, subjects),
                    most=MAXIMUM_COMPARISONS if large else MAXIMUM_DEPTH,
                    rules=(rule.name,),
                )
            )
            return False
    return True


def _place_of(rule: Rule, subjects: Sequence[Subject]) -> Place:
    """The rule, or the statement by which a policy is subject to a standard."""
    return rule.body if rule.standard is None or not subjects else subjects[0].place


def _circle(rules: Sequence[Rule]) -> list[tuple[str, str, Rule]] | None:
    """Returns companions in a circle, each an action, its companion, and a rule that asks for that; None if there is
    none. The companion of one is the action of the next.
    """
    duties: dict[str, dict[str, Rule]] = {}
    for rule in rules:
        for action, companions in rule.along.items():
            for companion in companions:
                duties.setdefault(action, {}).setdefault(companion, rule)
    circle = next(
        (each for each in in_order(duties, lambda name: duties.get(name, {})) if isinstance(each, list)), None
    )
    if circle is None:
        return None
    return [(one, other, duties[one][other]) for one, other in zip(circle, [*circle[1:], circle[0]], strict=True)]


def _circular(circle: Sequence[tuple[str, str, Rule]], subjects: Sequence[Subject]) -> Diagnostic:
    own = next((number for number, (_, _, rule) in enumerate(circle) if rule.standard is None), 0)
    circle = [*circle[own:], *circle[:own]]
    labels = [
        Label(rule.body, f"`{companion}` must accompany `{action}`, by `{rule.name}`")
        for action, companion, rule in circle
    ]
    actions = [action for action, _, _ in circle]
    return diagnosis(
        "circular-duty.circle",
        _place_of(circle[0][2], subjects),
        names=actions,
        related=tuple(labels if len(labels) > 1 else []),
        rules=tuple(dict.fromkeys(rule.name for _, _, rule in circle)),
        actions=tuple(actions),
    )
