"""Tree to module: one statement of Lark's tree to a node of `ast`.

`statement` is called by the parser as each statement is complete, so that the tree of a large file never exists as a
whole. What an author got wrong inside a statement comes back as faults beside the node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, cast

from lark import Token, Tree

from forbear.source import Span
from forbear.syntax import ast
from forbear.syntax.literals import Fault, Unreadable, read_date, read_number, read_string, read_time

Node: TypeAlias = "Tree[Token] | Token | None"
Nodes: TypeAlias = Sequence[Any]
"""The children of a tree: trees, tokens, and None for what was left out."""


class Parsed(NamedTuple):
    """A statement and what is wrong inside it."""

    node: ast.Statement
    faults: tuple[Fault, ...]


def statement(children: Nodes) -> Parsed:
    """The node of a complete statement."""
    tree = children[0]
    faults: list[Fault] = []
    return Parsed(_STATEMENTS[tree.data](tree, faults), tuple(faults))


def _span(node: Any) -> Span:
    if isinstance(node, Token):
        return Span(cast(int, node.start_pos), cast(int, node.end_pos))
    return Span(node.meta.start_pos, node.meta.end_pos)


def _name(token: Token) -> ast.Name:
    return ast.Name(str(token), Span(token.start_pos, token.end_pos))  # type: ignore[arg-type]


def _names(tokens: Nodes) -> tuple[ast.Name, ...]:
    return tuple([_name(token) for token in tokens])


# Values


def _read(reader: Callable[..., Any], node: Node, faults: list[Fault], *arguments: object) -> Any:
    """What `reader` makes of the arguments, or None and a fault."""
    try:
        return reader(*arguments)
    except Unreadable as unreadable:
        faults.append(Fault("bad-literal", unreadable.message, _span(node), unreadable.help))
        return None


def _text(token: Token | None, faults: list[Fault]) -> ast.Text | None:
    if token is None:
        return None
    return ast.Text(_read(read_string, token, faults, str(token)) or "", _span(token))


def _value(tree: Tree[Token], faults: list[Fault]) -> ast.Value:
    node: Any = tree.children[0]
    kind: ast.LiteralKind
    if isinstance(node, Token):
        if node.type == "NAME":
            return _name(node)
        if node.type == "DATE":
            kind, value = "date", _read(read_date, node, faults, str(node))
        elif node.type == "TIME":
            kind, value = "time", _read(read_time, node, faults, str(node))
        elif node.type == "STRING":
            kind, value = "text", _read(read_string, node, faults, str(node))
        else:
            kind, value = "flag", node.type == "YES"
        return ast.Literal("bad" if value is None else kind, value, _span(node))
    return _number(node, faults)


def _number(tree: Tree[Token], faults: list[Fault]) -> ast.Literal:
    """A number, a percentage or a sum of money."""
    parts = tree.children
    number = _read(read_number, tree, faults, str(parts[-1]), parts[-2] is not None)
    kind = "bad" if number is None else str(tree.data)
    currency = str(parts[0]) if tree.data == "money" else None
    return ast.Literal(cast(ast.LiteralKind, kind), number or Decimal(0), _span(tree), currency)


def _whole(node: Any, faults: list[Fault]) -> ast.Value:
    """A number of days, or the name of a setting."""
    return _name(node) if isinstance(node, Token) else _number(node, faults)


def _special_or_value(node: Any, faults: list[Fault]) -> ast.Value | ast.Special:
    if isinstance(node, Token):
        return ast.Special("none" if node.type == "NONE" else "unknown", _span(node))
    return _value(node, faults)


def _date(tree: Tree[Token] | None, faults: list[Fault]) -> ast.Value | None:
    return None if tree is None else _value(tree, faults)


# Conditions


def _condition(tree: Tree[Token], faults: list[Fault]) -> ast.Condition:
    kind = tree.data
    children: Nodes = tree.children
    if kind == "group_":
        return _condition(children[0], faults)
    span = _span(tree)
    if kind in ("and_", "or_"):
        parts = []
        for child in children:
            parts.append(_condition(child, faults))
        return (ast.And if kind == "and_" else ast.Or)(tuple(parts), span)
    if kind == "not_":
        return ast.Not(_condition(children[0], faults), span)
    if kind == "comparison":
        fact, operator, value = children
        return ast.Comparison(_name(fact), str(operator), _value(value, faults), span)  # type: ignore[arg-type]
    if kind == "is_":
        fact, negated, value = children
        return ast.Comparison(_name(fact), "is not" if negated else "is", _value(value, faults), span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, faults)
    if kind == "between":
        fact, negated, low, high = children
        return ast.Between(_name(fact), _value(low, faults), _value(high, faults), negated is not None, span)
    if kind == "one_of":
        fact, negated, *values = children
        return ast.OneOf(_name(fact), tuple([_value(value, faults) for value in values]), negated is not None, span)
    if kind == "state":
        words = " ".join([str(token) for token in children[1:] if token is not None])
        return ast.State(_name(children[0]), words, span)  # type: ignore[arg-type]
    if kind == "name_alone":
        return ast.NameAlone(_name(children[0]), span)
    assert kind == "always", kind
    return ast.Always(span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, faults: list[Fault]) -> ast.Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return ast.Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        _whole(days[0], faults),
        None if last is None else _whole(last, faults),
        span,
    )


# Clauses


def _clauses(trees: Nodes, faults: list[Fault]) -> dict[str, Any]:
    """The clauses of a statement by their word; one that stands twice is a fault."""
    found: dict[str, Any] = {}
    for tree in trees:
        word = _CLAUSE_WORDS.get(tree.data, str(tree.data))
        if word in found:
            faults.append(
                Fault(
                    "repeated-clause",
                    f"`{word.replace('_', ' ')}` stands twice in one statement",
                    _span(tree),
                    "keep one of the two",
                )
            )
            continue
        found[word] = tree
    return found


_CLAUSE_WORDS = {
    "in_force_until": "in_force",
    "accept_until": "until",
    "fact_range": "between",
    "fact_steps": "in steps",
    "fact_optional": "optional",
    "fact_or_none": "or none",
    "fact_usually": "usually",
    "fact_clock": "clock",
}


def _period(tree: Tree[Token] | None, faults: list[Fault]) -> ast.Period | None:
    if tree is None:
        return None
    children: Nodes = tree.children
    if tree.data == "in_force_until":
        return ast.Period(None, _date(children[0], faults), _span(tree))
    since, until = children[-2:]
    return ast.Period(_date(since, faults), _date(until, faults), _span(tree))


def _clause_text(clauses: dict[str, Any], word: str, faults: list[Fault]) -> ast.Text | None:
    return _text(clauses[word].children[0], faults) if word in clauses else None


def _head_clauses(trees: Nodes, faults: list[Fault]) -> ast.HeadClauses:
    clauses = _clauses(trees, faults)
    return ast.HeadClauses(
        _clause_text(clauses, "version", faults),
        _clause_text(clauses, "source", faults),
        _name(clauses["currency"].children[0]) if "currency" in clauses else None,
        _period(clauses.get("in_force"), faults),
    )


def _actions(tree: Tree[Token]) -> ast.Actions:
    children: Nodes = tree.children
    excepted = children[-1]
    return ast.Actions(
        _names(children[:-1]),
        () if excepted is None else _names(excepted.children),
        _span(tree),
    )


# Statements


def _policy_head(tree: Tree[Token], faults: list[Fault]) -> ast.PolicyHead:
    kind, name, title, *clauses = cast(Nodes, tree.children)
    return ast.PolicyHead(
        str(kind),  # type: ignore[arg-type]
        _name(name),
        _text(title, faults),
        _head_clauses(clauses, faults),
        _span(tree),
    )


def _vocabulary_head(tree: Tree[Token], faults: list[Fault]) -> ast.VocabularyHead:
    name, title, *clauses = cast(Nodes, tree.children)
    return ast.VocabularyHead(_name(name), _text(title, faults), _head_clauses(clauses, faults), _span(tree))


def _uses(tree: Tree[Token], faults: list[Fault]) -> ast.Uses:
    targets: list[ast.Text | ast.Name] = []
    clauses = []
    for child in cast(Nodes, tree.children):
        if child.data != "used":
            clauses.append(child)
        elif child.children[0].type == "STRING":
            targets.append(cast(ast.Text, _text(child.children[0], faults)))
        else:
            targets.append(_name(child.children[0]))
    return ast.Uses(tuple(targets), _head_clauses(clauses, faults), _span(tree))


def _fact(tree: Tree[Token], faults: list[Fault]) -> ast.Fact:
    name, type_tree, *clause_trees, description = cast(Nodes, tree.children)
    clauses = _clauses(clause_trees, faults)
    word, values, currency = _type(type_tree)
    bounds = clauses.get("between")
    usually = clauses.get("usually")
    return ast.Fact(
        _name(name),
        word,
        values,
        currency,
        None if bounds is None else (_value(bounds.children[0], faults), _value(bounds.children[1], faults)),
        _value(clauses["in steps"].children[0], faults) if "in steps" in clauses else None,
        "optional" in clauses,
        "or none" in clauses,
        "clock" in clauses,
        None if usually is None else _special_or_value(usually.children[0], faults),
        _text(description, faults),
        _span(tree),
    )


def _type(tree: Tree[Token]) -> tuple[ast.TypeWord, tuple[ast.Name, ...], ast.Name | None]:
    children: Nodes = tree.children
    if tree.data == "plain_type":
        return cast(ast.TypeWord, str(children[0])), (), None
    if tree.data == "money_type":
        return "money", (), None if children[0] is None else _name(children[0])
    names = _names([token for token in children if token.type == "NAME"])
    return ("choice" if tree.data == "choice_type" else "order"), names, None


def _action(tree: Tree[Token], faults: list[Fault]) -> ast.Action:
    *names, description = cast(Nodes, tree.children)
    return ast.Action(_names(names), _text(description, faults), _span(tree))


def _group(tree: Tree[Token], faults: list[Fault]) -> ast.Group:
    name, *also, actions = cast(Nodes, tree.children)
    return ast.Group(_name(name), bool(also), _actions(actions), _span(tree))


def _ladder(tree: Tree[Token], faults: list[Fault]) -> ast.Ladder:
    name, rungs, rising = cast(Nodes, tree.children)
    return ast.Ladder(
        _name(name), _names(rungs.children), () if rising is None else _names(rising.children), _span(tree)
    )


def _define(tree: Tree[Token], faults: list[Fault]) -> ast.Define:
    name, condition, description = cast(Nodes, tree.children)
    return ast.Define(_name(name), _condition(condition, faults), _text(description, faults), _span(tree))


def _setting(tree: Tree[Token], faults: list[Fault]) -> ast.Setting:
    name, value, description = cast(Nodes, tree.children)
    return ast.Setting(_name(name), _value(value, faults), _text(description, faults), _span(tree))


def _rule(tree: Tree[Token], faults: list[Fault]) -> ast.Rule:
    name, title, *rest = cast(Nodes, tree.children)
    return _rule_parts(_name(name), _text(title, faults), rest, _span(tree), faults)


def _bare_rule(tree: Tree[Token], faults: list[Fault]) -> ast.Rule:
    return _rule_parts(None, None, tree.children, _span(tree), faults)


def _rule_parts(
    name: ast.Name | None, title: ast.Text | None, trees: Nodes, span: Span, faults: list[Fault]
) -> ast.Rule:
    body = next(tree for tree in trees if tree.data in _BODIES)
    clauses = _clauses([tree for tree in trees if tree is not body], faults)
    order = _BODIES[body.data]
    condition: ast.Condition | None = None
    effects: tuple[ast.Effect, ...]
    in_force = _period(clauses.get("in_force"), faults)
    if body.data == "suspension":
        if in_force is not None:
            faults.append(
                Fault(
                    "repeated-clause",
                    "`suspend` names its days itself",
                    in_force.span,
                    "write the days behind the actions: `suspend sms from 2015-09-21 until 2015-12-31`",
                )
            )
        actions, since, until = body.children
        effects = (ast.Effect("never", _actions(actions), _span(body)),)
        in_force = ast.Period(_date(since, faults), _date(until, faults), _span(body))
    elif body.data == "safeguard":
        effects = (_effect(body.children[0]),)
    else:
        first, second = body.children
        condition_tree, effect_trees = (first, second) if order == "condition first" else (second, first)
        condition = _condition(condition_tree, faults)
        effects = tuple([_effect(effect) for effect in effect_trees.children])
    overridden: Nodes = clauses["overrides"].children if "overrides" in clauses else ()
    overrides_all = len(overridden) == 1 and overridden[0].type == "ALL"
    return ast.Rule(
        name,
        title,
        order,
        condition,
        effects,
        _condition(clauses["unless"].children[0], faults) if "unless" in clauses else None,
        () if overrides_all else _names(overridden),
        overrides_all,
        in_force,
        _clause_text(clauses, "because", faults),
        _clause_text(clauses, "source", faults),
        span,
    )


_BODIES: dict[str, Any] = {
    "condition_first": "condition first",
    "effects_first": "effects first",
    "safeguard": "effects first",
    "suspension": "suspend",
}


def _effect(tree: Tree[Token]) -> ast.Effect:
    return ast.Effect(cast(ast.EffectWord, str(tree.data)), _actions(cast(Any, tree.children[0])), _span(tree))


def _expected(children: Nodes, span: Span, faults: list[Fault]) -> ast.Expected:
    actions, negated, word = children
    if negated is not None and word.type not in ("ALLOWED", "UNSAID"):
        faults.append(
            Fault(
                "syntax",
                f"`not {word}` is not an expectation",
                Span(negated.start_pos, word.end_pos),
                "write `allowed`, `not allowed`, `forbidden`, `required`, `unsaid` or `not unsaid`",
            )
        )
        negated = None
    text = str(word) if negated is None else f"not {word}"
    return ast.Expected(_actions(actions), cast(ast.ExpectationWord, text), span)


def _example(tree: Tree[Token], faults: list[Fault]) -> ast.Example:
    title, *rest = cast(Nodes, tree.children)
    given = []
    expected = []
    on: ast.Value | None = None
    for child in rest:
        if child is None:
            continue
        if child.data == "given":
            fact, value = child.children
            given.append(ast.Given(_name(fact), _special_or_value(value, faults), _span(child)))
        elif child.data == "date":
            on = _date(child, faults)
        else:
            expected.append(_expected(child.children, _span(child), faults))
    return ast.Example(cast(ast.Text, _text(title, faults)), tuple(given), on, tuple(expected), _span(tree))


def _ensure(tree: Tree[Token], faults: list[Fault]) -> ast.Ensure:
    any_of, actions, negated, word, when, on = cast(Nodes, tree.children)
    expected = _expected((actions, negated, word), Span(_span(actions).start, word.end_pos), faults)
    return ast.Ensure(
        any_of is not None,
        expected,
        None if when is None else _condition(when.children[0], faults),
        _date(on, faults),
        _span(tree),
    )


def _accept(tree: Tree[Token], faults: list[Fault]) -> ast.Accept:
    code, *rest = cast(Nodes, tree.children)
    names = [child for child in rest if isinstance(child, Token)]
    clauses = _clauses([child for child in rest if not isinstance(child, Token)], faults)
    because = _clause_text(clauses, "because", faults)
    if because is None:
        faults.append(
            Fault("bad-accept", "an `accept` needs a reason", _span(tree), 'add `because "why this is meant"`')
        )
    return ast.Accept(
        _name(code),
        _names(names),
        _condition(clauses["when"].children[0], faults) if "when" in clauses else None,
        because or ast.Text("", _span(tree)),
        _date(clauses["until"].children[0], faults) if "until" in clauses else None,
        _span(tree),
    )


_STATEMENTS: dict[str, Callable[[Tree[Token], list[Fault]], ast.Statement]] = {
    "policy_head": _policy_head,
    "vocabulary_head": _vocabulary_head,
    "uses": _uses,
    "fact": _fact,
    "action": _action,
    "group": _group,
    "ladder": _ladder,
    "define": _define,
    "setting": _setting,
    "rule": _rule,
    "bare_rule": _bare_rule,
    "example": _example,
    "ensure": _ensure,
    "accept": _accept,
}
