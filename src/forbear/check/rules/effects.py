"""What a rule does to actions: lists of actions, groups unfolded, to effects and to what goes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forbear.check.declarations.actions import members_of, unfolded
from forbear.check.scope import Scope
from forbear.language.model.names import listed
from forbear.language.model.policy import Effect
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions


def effects_of(
    nodes: Sequence[nodes.Effect], scope: Scope
) -> tuple[Mapping[str, Effect], Mapping[str, tuple[str, ...]]]:
    """What a rule does to each action that it speaks of, and what it asks for to go along with an action."""
    effects: dict[str, Effect] = {}
    along: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        actions = unfolded(node.actions, scope)
        twice = [action for action in actions if action in effects or action in along] or _listed_twice(
            node.actions, scope
        )
        if twice:
            scope.report_at(
                node.span,
                code="repeated-action",
                message=f"this rule speaks of {listed(twice)} more than once",
                help="name each action once, groups unfolded; use `except` to leave one out of a group",
            )
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
    scope.report_at(
        node.span,
        code="circular-duty",
        message=f"{listed(own)} would have to accompany {'itself' if len(own) == 1 else 'themselves'}",
        help=f"leave {'it' if len(own) == 1 else 'them'} out of one of the two lists, with `except {', '.join(own)}` "
        "after a group",
    )


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
