"""Tree to rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import Any, cast

from lark import Token

from forbear.base.source import Span
from forbear.language.syntax import nodes
from forbear.language.syntax.from_tree.parts import Nodes, Reader, condition_of, name_of, names_of, span_of
from forbear.language.syntax.hints.forms import sign_of
from forbear.language.syntax.nodes import (
    And,
    Comparison,
    Condition,
    Effect,
    EffectWord,
    Name,
    Period,
    Rule,
    Special,
    Text,
)
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
        effects = (Effect("never", read.actions(actions), span=span_of(body)),)
        in_force = Period(read.date(since), read.date(until), span=span_of(body))
    elif body.data == "safeguard":
        effects = (effect_of(body.children[0], read),)
    elif body.data == "limited":
        _, actions, most, by, fact, when = body.children
        effects = (Effect("never", read.actions(actions), span=span_of(body)),)
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
        span=span,
    )


def _with_exception(body: Tree, trees: Nodes) -> Span:
    """The span of a body with the `unless` right after it, which belongs to the condition."""
    following = [clause for tree, clause in pairwise(trees) if tree is body]
    last = following[0] if following and following[0].data == "unless" else body
    return span_of(body)[0], span_of(last)[1]


_CALLS = frozenset({"calls", "phone_call", "automated_voice", "call_at_work"})
_DAY, _WEEK, _MONTH = "", " from Monday on", " from the first of a month on"
_COUNTED: Sequence[tuple[Set[str], Mapping[str, Mapping[str, str]]]] = (
    (
        _CALLS,
        {
            "1 day": {"calls_today": _DAY},
            "7 days": {"calls_in_7_days": " in any 7 days", "calls_this_week": _WEEK},
            "1 month": {"calls_this_month": _MONTH},
        },
    ),
    (
        frozenset({"messages"}),
        {
            "1 day": {"messages_today": _DAY},
            "7 days": {"messages_this_week": _WEEK},
            "1 month": {"messages_this_month": _MONTH},
        },
    ),
    (frozenset({"visit"}), {"7 days": {"visits_this_week": _WEEK}, "30 days": {"visits_in_30_days": ""}}),
)
"""Facts of the standard vocabulary that count some actions, by the window; and how they count."""
_CALENDAR = {
    "7 days": "; `this week` in its place counts from Monday",
    "1 month": "; `this month` counts from its first day",
}


_MEDIA = frozenset({"sms", "email", "letter", "visit"})
"""The actions that the event `contact` of the standard vocabulary has as its medium."""


def counted(actions: Sequence[str], most: str, window: str, uses: str = "", *, of_contacts: bool = False) -> str:
    """Returns the text to write for a limit in a window: the limit, and the fact that it goes by, which counts how
    often one of the `actions` was done. `uses` brings a vocabulary in; with `of_contacts` it is the standard one.
    """
    most = {"once": "1", "twice": "2"}.get(most, most)
    limited, done = ", ".join(actions), "_".join(actions)
    fact = f"{done}_within_{window.replace(' ', '_')}"
    kept = next((counts for of, counts in _COUNTED if of >= set(actions)), {}).get(window, {})
    standard = ", or ".join(f"`limit {limited} to {most} by {name}`{when}" for name, when in kept.items())
    calls = standard and f"{standard}, as the standard vocabulary counts; otherwise "
    if of_contacts and _MEDIA.issuperset(actions):
        medium = f"medium is {'one of ' * (len(actions) > 1)}{limited} and direction is outbound"
        return (
            f"{calls}`limit {limited} to {most} by {fact}`, and declare `fact {fact} count of contact where {medium}"
            f" in last {window}`{_CALENDAR.get(window, '')}"
        )
    each = "" if len(actions) == 1 else ", an event that is given for each of these actions: they count together"
    return (
        f"{calls}`limit {limited} to {most} by {fact}`, and declare {uses}`event {done}_done` and"
        f" `fact {fact} count of {done}_done in last {window}`{each}{_CALENDAR.get(window, '')}"
    )


def _limit(most: Any, by: Token, fact: Name, when: Tree | None, read: Reader) -> Comparison | And:
    """The condition under which `limit ... to MOST by FACT when WHEN` forbids: WHEN and FACT >= MOST."""
    if by != "by":
        read.report("syntax", f"`{by}` does not fit here", span_of(by), "write `by`")
    value = read.whole(most)
    reached = Comparison(fact, ">=", value, span=(value.span[0], fact.span[1]))
    if when is None:
        return reached
    written: Any = when.children[0]
    condition = condition_of(written, read)
    if isinstance(condition, And) and written.data == "and_":  # else it is in parentheses
        return And((*condition.parts, reached), span=(value.span[0], condition.span[1]))
    return And((condition, reached), span=(value.span[0], condition.span[1]))


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
            return Effect("along", companions, span=span_of(tree), companions=read.actions(actions))
        case "forbid" | "never" if companions is not None:
            read.report(
                "syntax",
                f"a `{tree.data}` has no `with`: what is forbidden is done with nothing",
                span_of(with_[0]),
                "take it out; write an accompanying action after `allow` or `require`: "
                "`allow sms with opt_out_notice`, `require opt_out_notice with sms`",
            )
            companions = None
    return Effect(cast(EffectWord, str(tree.data)), read.actions(actions), span=span_of(tree), companions=companions)


# Tree to tables.


_PROMISES = frozenset({"complete", "no_overlap"})
_WORDED = {"over": ">", "under": "<"}


def table(tree: Tree, read: Reader) -> nodes.Table:
    name, title, headings, *rest = cast(Nodes, tree.children)
    rows = [row for row in rest if row is not None and row.data == "table_row"]
    under = [clause for clause in rest if clause is not None and clause.data != "table_row"]
    promised = [promise.data for promise in under if promise.data in _PROMISES]
    if len(promised) > len(set(promised)):
        read.report(
            "repeated-clause", f"`{promised[0].replace('_', ' ')}` appears twice", span_of(under[1]), "keep one"
        )
    clauses = read.clauses([clause for clause in under if clause.data not in _PROMISES])
    overrides, overrides_all = overrides_of(clauses)
    columns = tuple([_heading(heading, read) for heading in headings.children if isinstance(heading, Tree)])
    return nodes.Table(
        name_of(name),
        read.text(title),
        columns,
        tuple([_row(row, len(columns), read) for row in rows]),
        "complete" in promised,
        "no_overlap" in promised,
        condition_of(clauses["when"].children[0], read) if "when" in clauses else None,
        condition_of(clauses["unless"].children[0], read) if "unless" in clauses else None,
        overrides,
        overrides_all,
        read.period(clauses.get("in_force")),
        read.clause_text(clauses, "because"),
        *read.cited(clauses),
        span=span_of(tree),
    )


def _heading(tree: Tree, read: Reader) -> nodes.Heading:
    child: Any = tree.children[0]
    if isinstance(child, Token):
        return nodes.Heading(str(child), None, span=span_of(child))  # type: ignore[arg-type]
    return nodes.Heading(None, read.actions(child), span=span_of(child))


def _row(tree: Tree, columns: int, read: Reader) -> nodes.Row:
    cells: list[nodes.Cell] = []
    before: Token | None = None
    written: Any = None
    for child in cast(Nodes, tree.children):
        if not isinstance(child, Token):
            written = child
            continue
        if before is not None:
            between = (before.end_pos or 0, child.start_pos or 0)
            cells.append(nodes.Empty(span=between) if written is None else _cell(written, read))
        before, written = child, None
    if len(cells) != columns:
        few = len(cells) < columns
        read.report(
            "bad-table",
            f"this row has {_cells(len(cells))}, and the table has {columns} columns",
            span_of(tree),
            "add what is missing, with a `|` after each cell: an effect may be left empty, and `any` tests nothing"
            if few
            else "take a `|` out, or add a column to the headings",
        )
    return nodes.Row(tuple(cells), span=span_of(tree))


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _cell(tree: Tree, read: Reader) -> nodes.Cell:
    children: Nodes = tree.children
    span = span_of(tree)
    match tree.data:
        case "any_value":
            return nodes.AnyValue(span=span)
        case "otherwise":
            return nodes.Otherwise(span=span)
        case "effect_word":
            return nodes.Word(cast(EffectWord, str(children[0])), span=span)
        case "effects":
            return nodes.Effects(tuple([effect_of(effect, read) for effect in children]), span=span)
        case _:
            negated, *tests = children
            return nodes.Tests(negated is not None, tuple([_test(test, read) for test in tests]), span=span)


def _test(tree: Tree, read: Reader) -> nodes.Test:
    children: Nodes = tree.children
    span = span_of(tree)
    match tree.data:
        case "is_value":
            return nodes.Test("=", read.value(children[0]), None, span=span)
        case "absent":
            return nodes.Test("=", Special(str(children[0]), span=span), None, span=span)  # type: ignore[arg-type]
        case "bound_value":
            return nodes.Test(str(children[0]), read.value(children[1]), None, span=span)  # type: ignore[arg-type]
        case "span":
            return nodes.Test("to", read.value(children[0]), read.value(children[1]), span=span)
        case "span_until":
            return nodes.Test("until", read.value(children[0]), read.value(children[1]), span=span)
        case _:
            word, value = children
            if word not in _WORDED:
                read.report(
                    "syntax",
                    f"`{word}` does not fit here",
                    span_of(word),
                    f"write `{sign}`"
                    if (sign := sign_of(word))
                    else "a sign comes before a value, or `over` or `under`; a text is written in quotation marks",
                )
            return nodes.Test(_WORDED.get(word, "="), read.value(value), None, span=span)  # type: ignore[arg-type]
