"""Tree to rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

from lark import Token

from forbear.base.source import Span
from forbear.language.syntax.from_tree.conditions import condition_of
from forbear.language.syntax.from_tree.parts import Nodes, Reader, name_of, names_of, span_of
from forbear.language.syntax.nodes import And, Comparison, Condition, Effect, EffectWord, Name, Period, Rule, Text
from forbear.language.syntax.tree import Tree


def rule(tree: Tree, read: Reader) -> Rule:
    name, title, *rest = cast(Nodes, tree.children)
    return _rule_parts(name_of(name), read.text(title), rest, span_of(tree), read)


def bare_rule(tree: Tree, read: Reader) -> Rule:
    return _rule_parts(None, None, tree.children, span_of(tree), read)


def _rule_parts(name: Name | None, title: Text | None, trees: Nodes, span: Span, read: Reader) -> Rule:
    body = next(tree for tree in trees if tree.data in _BODIES)
    clauses = read.clauses([tree for tree in trees if tree is not body])
    order = _BODIES[body.data]
    condition: Condition | None = None
    limited_by: Name | None = None
    effects: tuple[Effect, ...]
    in_force = read.period(clauses.get("in_force"))
    if body.data == "suspension":
        if in_force is not None:
            read.report(
                "repeated-clause",
                "`suspend` names its days itself",
                in_force.span,
                "write the days after the actions: `suspend sms from 2015-09-21 until 2015-12-31`",
            )
        actions, since, until = body.children
        effects = (Effect("never", read.actions(actions), span_of(body)),)
        in_force = Period(read.date(since), read.date(until), span_of(body))
    elif body.data == "safeguard":
        effects = (effect_of(body.children[0], read),)
    elif body.data == "limited":
        _, actions, most, by, fact, when = body.children
        effects = (Effect("never", read.actions(actions), span_of(body)),)
        if by in _EACH and fact in _WINDOWS:
            span = (span_of(by)[0], span_of(fact)[1])
            listed, number = read.actions(actions).listed, read.whole(most)
            limit = counted(
                [name.text for name in listed],
                number.text if isinstance(number, Name) else str(number.value),
                _WINDOWS[fact],
                "`uses collections` if you name no vocabulary yet, ",
            )
            read.report("syntax", "a limit counts by a fact, which says over which time", span, f"write {limit}")
        else:
            limited_by = name_of(fact)
            condition = _limit(most, by, limited_by, when, read)
    else:
        first, second = body.children
        condition_tree, effect_trees = (first, second) if order == "condition first" else (second, first)
        condition = condition_of(condition_tree, read)
        effects = tuple([effect_of(effect, read) for effect in effect_trees.children])
    overrides, overrides_all = overrides_of(clauses)
    return Rule(
        name,
        title,
        order,
        condition,
        effects,
        condition_of(clauses["unless"].children[0], read) if "unless" in clauses else None,
        overrides,
        overrides_all,
        in_force,
        read.clause_text(clauses, "because"),
        *read.cited(clauses),
        limited_by,
        _with_exception(body, trees),
        span,
    )


def _with_exception(body: Tree, trees: Nodes) -> Span:
    """The span of a body with the `unless` right after it, which belongs to the condition."""
    following = [clause for tree, clause in pairwise(trees) if tree is body]
    last = following[0] if following and following[0].data == "unless" else body
    return span_of(body)[0], span_of(last)[1]


_CALLS = frozenset({"calls", "phone_call", "automated_voice", "call_at_work"})
_COUNTED = {"7 days": "calls_in_7_days", "1 day": "calls_today"}
"""Facts of the standard vocabulary that count calls in a window."""
_EACH = frozenset({"per", "a", "each", "every"})
_WINDOWS = {"week": "7 days", "month": "1 month", "hour": "1 hour"}
"""What a limit such as `3 per week` is to count by. `day` is a word of the language, so a hint reports it."""
_CALENDAR = {
    "7 days": "; `this week` in its place counts from Monday",
    "1 month": "; `this month` counts from its first day",
}


def counted(actions: Sequence[str], most: str, window: str, uses: str = "") -> str:
    """What to write for a limit in a window: the limit, and the fact that it goes by, which counts how often one of the
    `actions` was done. `uses` brings a vocabulary in."""
    most = {"once": "1", "twice": "2"}.get(most, most)
    limited, done = ", ".join(actions), "_".join(actions)
    fact = f"{done}_within_{window.replace(' ', '_')}"
    standard = _COUNTED.get(window) if _CALLS.issuperset(actions) else None
    calls = (
        standard
        and f"`limit {limited} to {most} by {standard}` for the calls that the standard vocabulary counts; else "
    )
    each = "" if len(actions) == 1 else ", an event that is given for each of these actions: they count together"
    return (
        f"{calls or ''}`limit {limited} to {most} by {fact}`, and declare {uses}`event {done}_done` and"
        f" `fact {fact} count of {done}_done in last {window}`{each}{_CALENDAR.get(window, '')}"
    )


def _limit(most: Any, by: Token, fact: Name, when: Tree | None, read: Reader) -> Comparison | And:
    """The condition under which `limit ... to MOST by FACT when WHEN` forbids: WHEN and FACT >= MOST."""
    if by != "by":
        read.report("syntax", f"`{by}` does not fit here", span_of(by), "a limit says by which fact: write `by FACT`")
    value = read.whole(most)
    reached = Comparison(fact, ">=", value, (value.span[0], fact.span[1]))
    if when is None:
        return reached
    written: Any = when.children[0]
    condition = condition_of(written, read)
    if isinstance(condition, And) and written.data == "and_":  # else it is in parentheses
        return And((*condition.parts, reached), (value.span[0], condition.span[1]))
    return And((condition, reached), (value.span[0], condition.span[1]))


_BODIES: dict[str, Any] = {
    "condition_first": "condition first",
    "effects_first": "effects first",
    "safeguard": "effects first",
    "limited": "effects first",
    "suspension": "suspend",
}


def overrides_of(clauses: Mapping[str, Any]) -> tuple[tuple[Name, ...], Name | None]:
    """The names in `overrides`, or the word `all`."""
    overridden: Nodes = clauses["overrides"].children if "overrides" in clauses else ()
    overrides_all = name_of(overridden[0]) if len(overridden) == 1 and overridden[0].type == "ALL" else None
    return () if overrides_all else names_of(overridden), overrides_all


def effect_of(tree: Tree, read: Reader) -> Effect:
    actions, *with_ = cast(Nodes, tree.children)
    companions = read.actions(with_[0].children[0]) if with_ and with_[0] is not None else None
    match tree.data:
        case "duty":
            assert companions is not None
            return Effect("along", companions, span_of(tree), read.actions(actions))
        case "forbid" | "never" if companions is not None:
            read.report(
                "syntax",
                f"a `{tree.data}` has no `with`: what is forbidden is done with nothing",
                span_of(with_[0]),
                "take it out; write an accompanying action after `allow` or `require`: "
                "`allow sms with opt_out_notice`, `require opt_out_notice with sms`",
            )
            companions = None
    return Effect(cast(EffectWord, str(tree.data)), read.actions(actions), span_of(tree), companions)
