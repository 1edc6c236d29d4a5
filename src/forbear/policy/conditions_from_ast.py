"""Conditions as written to typed conditions.

A condition in which something is wrong becomes None, so that one mistake gives one diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never, cast

from attrs import frozen

from forbear.diagnostic import Diagnostic
from forbear.policy.conditions import (
    Always,
    And,
    Between,
    Compare,
    Condition,
    IsKnown,
    IsNone,
    Not,
    OneOf,
    Operator,
    Or,
)
from forbear.policy.names import did_you_mean, listed
from forbear.policy.values_from_ast import Report, describe, on_grid
from forbear.policy.vocabulary_from_ast import Vocabulary
from forbear.source import Place, Source, Span
from forbear.syntax import ast
from forbear.vocabulary.facts import Fact, Grid, Kind
from forbear.vocabulary.values import value_text

MAXIMUM_DEPTH = 250
MAXIMUM_COMPARISONS = 10_000


@frozen
class Definition:
    """A definition, typed, with its measure: how deep it nests and how many comparisons it comes to."""

    condition: Condition
    depth: int
    comparisons: int


Definitions = Mapping[str, Definition | None]
"""Each definition; None is one in which something is wrong."""


def definitions(vocabulary: Vocabulary, report: Report) -> Definitions:
    """All definitions, each after those that it uses."""
    done: dict[str, Definition | None] = {}
    uses = {
        name: [used for used in _names_alone(node.condition) if used in vocabulary.definitions]
        for name, (_, node) in vocabulary.definitions.items()
    }
    for first in vocabulary.definitions:
        path = [first]
        while path:
            name = path[-1]
            waiting = [used for used in uses[name] if used not in done]
            if name in done:
                path.pop()
            elif not waiting:
                source, node = vocabulary.definitions[name]
                done[name] = _measured(node.condition, vocabulary, done, source, report)
                path.pop()
            elif waiting[0] in path:
                source, node = vocabulary.definitions[name]
                circle = path[path.index(waiting[0]) :]
                report(
                    Diagnostic(
                        code="circular-definition",
                        message=f"`{waiting[0]}` is defined by itself"
                        + (f", through {listed(circle[1:])}" if len(circle) > 1 else ""),
                        place=Place(source, node.name.span),
                        help="write one of them without the others",
                    )
                )
                for stuck in circle:
                    done[stuck] = None
                path.pop()
            else:
                path.append(waiting[0])
    return done


def typed_condition(
    node: ast.Condition, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Condition | None:
    """A typed condition, or None and diagnostics."""
    measured = _measured(node, vocabulary, known, source, report)
    return None if measured is None else measured.condition


def _names_alone(condition: ast.Condition) -> Iterator[str]:
    left = [condition]
    while left:
        match left.pop():
            case ast.NameAlone(name):
                yield name.text
            case ast.Not(part):
                left.append(part)
            case ast.And(parts) | ast.Or(parts):
                left.extend(parts)
            case _:
                pass


def _measured(
    node: ast.Condition, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Definition | None:
    typed = _typed(node, vocabulary, known, source, report)
    if typed is None:
        return None
    if typed.depth > MAXIMUM_DEPTH:
        report(
            Diagnostic(
                code="too-deep",
                message=f"with its definitions written out this condition nests deeper than {MAXIMUM_DEPTH}",
                place=Place(source, node.span),
                help="let its definitions use fewer others",
            )
        )
        return None
    if typed.comparisons > MAXIMUM_COMPARISONS:
        report(
            Diagnostic(
                code="too-large",
                message=f"with its definitions written out this condition has more than "
                f"{MAXIMUM_COMPARISONS:_} comparisons",
                place=Place(source, node.span),
                help="let its definitions use fewer others",
            )
        )
        return None
    return typed


def _typed(
    node: ast.Condition, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Definition | None:
    match node:
        case ast.And(parts) | ast.Or(parts):
            typed_parts: list[Condition] = []
            depth = comparisons = 0
            for part in parts:
                typed = _typed(part, vocabulary, known, source, report)
                if typed is not None:
                    typed_parts.append(typed.condition)
                    depth = max(depth, typed.depth)
                    comparisons += typed.comparisons
            if len(typed_parts) < len(parts):
                return None
            join = And if isinstance(node, ast.And) else Or
            return Definition(join(tuple(typed_parts)), depth + 1, comparisons)
        case ast.Not(part):
            typed = _typed(part, vocabulary, known, source, report)
            return None if typed is None else Definition(Not(typed.condition), typed.depth + 1, typed.comparisons)
        case ast.NameAlone(name):
            return _name_alone(name, vocabulary, known, source, report)
        case _:
            atom = _atom(node, vocabulary, source, report)
            return None if atom is None else Definition(atom, 1, 1)


def _name_alone(
    name: ast.Name, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Definition | None:
    if name.text in known:
        return known[name.text]
    fact = vocabulary.facts.get(name.text)
    if fact is None:
        if name.text in vocabulary.settings:
            report(
                Diagnostic(
                    code="wrong-type",
                    message=f"`{name.text}` is a setting, and a condition is a flag, a definition or a comparison",
                    place=Place(source, name.span),
                    help=f"compare a fact with it, such as `unreachable >= {name.text}`",
                )
            )
        else:
            report(_unknown_fact(name, vocabulary, source, "fact or definition", definitions=True))
        return None
    if fact.kind is not Kind.FLAG:
        report(
            Diagnostic(
                code="wrong-type",
                message=f"{describe(fact)}, so it is no condition alone",
                place=Place(source, name.span),
                help=f"compare it with a value, such as `{_example_comparison(fact)}`",
            )
        )
        return None
    return Definition(Compare(fact.name, "=", True), 1, 1)


def _example_comparison(fact: Fact) -> str:
    match fact.kind:
        case Kind.CHOICE | Kind.ORDER:
            return f"{fact.name} is {fact.names[0]}"
        case Kind.TEXT:
            return f'{fact.name} is "CA"'
        case Kind.DATE:
            return f"{fact.name} >= 2015-09-22"
        case Kind.TIME:
            return f"{fact.name} >= 08:00"
        case Kind.MONEY:
            return f"{fact.name} >= {fact.currency or 'CNY'} 1000"
        case Kind.PERCENT:
            return f"{fact.name} >= 80%"
        case _:
            return f"{fact.name} >= 3"


def _unknown_fact(
    name: ast.Name, vocabulary: Vocabulary, source: Source, what: str, *, definitions: bool = False
) -> Diagnostic:
    names = [*vocabulary.facts, *(vocabulary.definitions if definitions else ())]
    if vocabulary.declares_itself:
        otherwise = "declare it with `fact`, or add `uses collections` for the standard vocabulary"
    else:
        otherwise = "declare it with `fact`, or see what there is with `forbear facts`"
    return Diagnostic(
        code="unknown-name",
        message=f"there is no {what} `{name.text}`",
        place=Place(source, name.span),
        help=did_you_mean(name.text, names) or otherwise,
    )


def _fact(name: ast.Name, vocabulary: Vocabulary, source: Source, report: Report) -> Fact | None:
    fact = vocabulary.facts.get(name.text)
    if fact is not None:
        return fact
    what = (
        "definition" if name.text in vocabulary.definitions else "setting" if name.text in vocabulary.settings else None
    )
    if what is not None:
        report(
            Diagnostic(
                code="wrong-type",
                message=f"`{name.text}` is a {what}, and a comparison begins with a fact",
                place=Place(source, name.span),
                help="write the fact on the left" + (", or the definition alone" if what == "definition" else ""),
            )
        )
    else:
        report(_unknown_fact(name, vocabulary, source, "fact"))
    return None


def _atom(node: ast.Condition, vocabulary: Vocabulary, source: Source, report: Report) -> Condition | None:
    match node:
        case ast.Always():
            return Always()
        case ast.Clock():
            return _clock(node, vocabulary, source, report)
        case ast.Comparison(fact=name, operator=word, value=value):
            fact = _fact(name, vocabulary, source, report)
            if fact is None:
                return None
            operator = cast(Operator, {"is": "=", "is not": "!="}.get(word, word))
            if operator not in ("=", "!=") and not fact.ordered:
                _report_not_ordered(fact, node.span, source, report)
                return None
            grid = on_grid(fact, value, vocabulary.settings, source, report)
            if grid is None:
                return None
            return _checked(Compare(fact.name, operator, grid), fact, node.span, source, report)
        case ast.Between(fact=name, low=low_value, high=high_value, negated=negated):
            fact = _fact(name, vocabulary, source, report)
            if fact is None:
                return None
            if not fact.ordered:
                _report_not_ordered(fact, node.span, source, report)
                return None
            return _span_of(fact, low_value, high_value, negated, node.span, vocabulary, source, report)
        case ast.OneOf(fact=name, values=values, negated=negated):
            fact = _fact(name, vocabulary, source, report)
            if fact is None:
                return None
            grids = [on_grid(fact, value, vocabulary.settings, source, report) for value in values]
            if None in grids:
                return None
            one_of = OneOf(fact.name, cast(tuple[Grid, ...], tuple(grids)), negated)
            return _checked(one_of, fact, node.span, source, report)
        case ast.State(fact=name, state=state):
            fact = _fact(name, vocabulary, source, report)
            if fact is None:
                return None
            return _state(fact, state, node.span, source, report)
        case ast.NameAlone() | ast.Not() | ast.And() | ast.Or():
            raise AssertionError(node)
        case never:
            assert_never(never)


def _clock(node: ast.Clock, vocabulary: Vocabulary, source: Source, report: Report) -> Condition | None:
    clock = vocabulary.clock
    if clock is None:
        report(
            Diagnostic(
                code="no-clock",
                message=f"`{node.word}` counts days by the clock, and no fact is the clock",
                place=Place(source, node.span),
                help="declare one, such as `fact days_overdue days clock`"
                + (", or add `uses collections`" if vocabulary.declares_itself else ""),
            )
        )
        return None
    if node.last is not None:
        return _span_of(clock, node.first, node.last, False, node.span, vocabulary, source, report)
    day = on_grid(clock, node.first, vocabulary.settings, source, report)
    if day is None:
        return None
    operator = cast(Operator, {"after": ">", "from": ">=", "on": "=", "within": "<=", "before": "<"}[node.word])
    return _checked(Compare(clock.name, operator, day), clock, node.span, source, report)


def _span_of(
    fact: Fact,
    low_value: ast.Value,
    high_value: ast.Value,
    negated: bool,
    span: Span,
    vocabulary: Vocabulary,
    source: Source,
    report: Report,
) -> Condition | None:
    low = on_grid(fact, low_value, vocabulary.settings, source, report)
    high = on_grid(fact, high_value, vocabulary.settings, source, report)
    if low is None or high is None:
        return None
    assert isinstance(low, int)
    assert isinstance(high, int)
    if low > high and fact.kind is not Kind.TIME:
        report(
            Diagnostic(
                code="empty-span",
                message=f"nothing lies between {value_text(fact, low)} and {value_text(fact, high)}",
                place=Place(source, span),
                help="write the lower end first; both ends are in the span",
            )
        )
        return None
    return _checked(Between(fact.name, low, high, negated), fact, span, source, report)


def _state(fact: Fact, state: str, span: Span, source: Source, report: Report) -> Condition | None:
    about_none = state.endswith("none")
    if fact.or_none if about_none else fact.optional:
        negated = state in ("not none", "unknown")
        return IsNone(fact.name, negated) if about_none else IsKnown(fact.name, negated)
    word, declared = ("none", "`or none`") if about_none else ("unknown", "`optional`")
    report(
        Diagnostic(
            code="wrong-type",
            message=f"`{fact.name}` is never {word}",
            place=Place(source, span),
            help=f"a fact that may be {word} is declared {declared}",
        )
    )
    return None


def _report_not_ordered(fact: Fact, span: Span, source: Source, report: Report) -> None:
    if fact.kind is Kind.CHOICE:
        help = f"use `is` or `is one of`, or declare the values in order: `one of {' < '.join(fact.names[:3])}`"
    elif fact.kind is Kind.FLAG:
        help = f"write `{fact.name}` or `not {fact.name}`"
    else:
        help = "use `is`, `is not`, `is one of` or `is not one of`"
    report(
        Diagnostic(
            code="not-ordered",
            message=f"{describe(fact)}, which has no order",
            place=Place(source, span),
            help=help,
        )
    )


def _checked(
    atom: Compare | Between | OneOf, fact: Fact, span: Span, source: Source, report: Report
) -> Compare | Between | OneOf:
    """The same atom; a warning where the range of its fact decides it already."""
    decided = _decided(atom, fact)
    if decided is not None and not fact.or_none:
        report(
            Diagnostic(
                code="decided-comparison",
                message=f"this is {'always' if decided else 'never'} true: {_range_words(fact)}",
                place=Place(source, span),
                help="take it out, or compare with a value that the fact can pass"
                + ("; where it is asked whether a fact is known, write `is known`" if fact.optional else ""),
            )
        )
    return atom


def _decided(atom: Compare | Between | OneOf, fact: Fact) -> bool | None:
    """What an atom says of every known value of its fact, where it says the same of all."""
    if fact.kind is Kind.TEXT:
        return None
    match atom:
        case OneOf(values=values, negated=negated):
            if fact.kind is Kind.FLAG:
                return not negated if len(set(values)) == 2 else None
            size = len(fact.names) if fact.kind is Kind.CHOICE else fact.high - fact.low + 1
            return not negated if len(set(values)) == size else None
        case Between(low=low, high=high, negated=negated):
            if low <= high:
                everything = low == fact.low and high == fact.high
            else:
                everything = low == high + 1
            return not negated if everything else None
        case Compare(operator="=" | "!=" as operator):
            single = (
                len(fact.names) == 1
                if fact.kind is Kind.CHOICE
                else fact.kind is not Kind.FLAG and fact.low == fact.high
            )
            return operator == "=" if single else None
        case Compare(operator=operator, value=value):
            assert isinstance(value, int)
            if (operator == "<" and value == fact.low) or (operator == ">" and value == fact.high):
                return False
            if (operator == ">=" and value == fact.low) or (operator == "<=" and value == fact.high):
                return True
            return None
        case never:
            assert_never(never)


def _range_words(fact: Fact) -> str:
    if fact.names:
        return f"`{fact.name}` is one of {listed(fact.names)}"
    if fact.kind is Kind.FLAG:
        return f"`{fact.name}` is yes or no"
    return f"`{fact.name}` is {value_text(fact, fact.low)} at least and {value_text(fact, fact.high)} at most"
