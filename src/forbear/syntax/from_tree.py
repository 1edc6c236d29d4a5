"""Tree to module: one statement of Lark's tree to a node of `ast`.

`statement` is called by the parser as each statement is complete, so that the tree of a large file never exists as a
whole. What an author got wrong inside a statement comes back as faults beside the node.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple, cast

from lark import Token, Tree

from forbear.source import Span
from forbear.syntax import ast
from forbear.syntax.conditions_from_tree import (
    Nodes,
    condition_of,
    count_of,
    date_of,
    name_of,
    names_of,
    span_of,
    special_or_value,
    text_of,
    time_of,
    value_of,
    whole_of,
)
from forbear.syntax.literals import Fault


class Parsed(NamedTuple):
    """A statement and what is wrong inside it."""

    node: ast.Statement
    faults: tuple[Fault, ...]


def statement(children: Nodes) -> Parsed:
    """The node of a complete statement."""
    tree = children[0]
    faults: list[Fault] = []
    return Parsed(_STATEMENTS[tree.data](tree, faults), tuple(faults))


# Clauses


def _clauses(trees: Nodes, faults: list[Fault]) -> dict[str, Any]:
    """The clauses of a statement by their word; a repeated one is a fault."""
    found: dict[str, Any] = {}
    for tree in trees:
        word = _CLAUSE_WORDS.get(tree.data, str(tree.data))
        if word in found:
            faults.append(
                Fault(
                    "repeated-clause",
                    f"`{word.replace('_', ' ')}` stands twice in one statement",
                    span_of(tree),
                    _KEEP.get(word, "keep one of the two"),
                )
            )
            continue
        found[word] = tree
    return found


_KEEP = {
    "unless": "keep one, and join the conditions with `or`",
    "subject_to": 'keep one, and name all standards after it: `subject to "a", "b"`',
}
"""What to do where a clause is there twice, if one of the two does not say it all."""
_CLAUSE_WORDS = {
    "in_force_until": "in_force",
    "accept_until": "until",
    "fact_range": "between",
    "fact_steps": "in steps",
    "fact_optional": "optional",
    "fact_or_none": "or none",
    "fact_usually": "usually",
    "fact_clock": "clock",
    "fact_private": "private",
}


def _period(tree: Tree[Token] | None, faults: list[Fault]) -> ast.Period | None:
    if tree is None:
        return None
    children: Nodes = tree.children
    if tree.data == "in_force_until":
        return ast.Period(None, date_of(children[0], faults), span_of(tree))
    since, until = children[-2:]
    return ast.Period(date_of(since, faults), date_of(until, faults), span_of(tree))


def _clause_text(clauses: dict[str, Any], word: str, faults: list[Fault]) -> ast.Text | None:
    return text_of(clauses[word].children[0], faults) if word in clauses else None


def _head_clauses(trees: Nodes, faults: list[Fault]) -> ast.HeadClauses:
    clauses = _clauses(trees, faults)
    return ast.HeadClauses(
        _clause_text(clauses, "version", faults),
        _clause_text(clauses, "source", faults),
        name_of(clauses["currency"].children[0]) if "currency" in clauses else None,
        _period(clauses.get("in_force"), faults),
        _applies(clauses.get("applies"), faults),
        _subject_to(clauses.get("subject_to"), faults),
    )


def _applies(tree: Tree[Token] | None, faults: list[Fault]) -> ast.Applies | None:
    if tree is None:
        return None
    _, condition = cast(Nodes, tree.children)
    return ast.Applies(condition_of(condition, faults), span_of(tree))


def _subject_to(tree: Tree[Token] | None, faults: list[Fault]) -> ast.SubjectTo | None:
    if tree is None:
        return None
    _, *standards = cast(Nodes, tree.children)
    return ast.SubjectTo(tuple([_used(standard, faults) for standard in standards]), span_of(tree))


def _used(tree: Tree[Token], faults: list[Fault]) -> ast.Used:
    token, pinned = cast(Nodes, tree.children)
    named = cast(ast.Text, text_of(token, faults)) if token.type == "STRING" else name_of(token)
    return ast.Used(named, None if pinned is None else text_of(pinned.children[1], faults))


def _actions(tree: Tree[Token]) -> ast.Actions:
    children: Nodes = tree.children
    excepted = children[-1]
    return ast.Actions(
        names_of(children[:-1]),
        () if excepted is None else names_of(excepted.children),
        span_of(tree),
    )


# Statements


def _policy_head(tree: Tree[Token], faults: list[Fault]) -> ast.PolicyHead:
    kind, name, title, *clauses = cast(Nodes, tree.children)
    return ast.PolicyHead(
        str(kind),  # type: ignore[arg-type]
        name_of(name),
        text_of(title, faults),
        _head_clauses(clauses, faults),
        span_of(tree),
    )


def _vocabulary_head(tree: Tree[Token], faults: list[Fault]) -> ast.VocabularyHead:
    name, title, *clauses = cast(Nodes, tree.children)
    return ast.VocabularyHead(name_of(name), text_of(title, faults), _head_clauses(clauses, faults), span_of(tree))


def _uses(tree: Tree[Token], faults: list[Fault]) -> ast.Uses:
    children = cast(Nodes, tree.children)
    targets = [_used(child, faults) for child in children if child.data == "used"]
    clauses = [child for child in children if child.data != "used"]
    return ast.Uses(tuple(targets), _head_clauses(clauses, faults), span_of(tree))


def _fact(tree: Tree[Token], faults: list[Fault]) -> ast.Fact:
    *declared, description = cast(Nodes, tree.children)
    return _declared(declared, text_of(description, faults), span_of(tree), faults)


def _declared(children: Nodes, description: ast.Text | None, span: Span, faults: list[Fault]) -> ast.Fact:
    """A fact, or an attribute of an event."""
    name, type_tree, *clause_trees = children
    clauses = _clauses(clause_trees, faults)
    word, values, currency = _type(type_tree)
    bounds = clauses.get("between")
    usually = clauses.get("usually")
    return ast.Fact(
        name_of(name),
        word,
        values,
        currency,
        None if bounds is None else (value_of(bounds.children[0], faults), value_of(bounds.children[1], faults)),
        value_of(clauses["in steps"].children[0], faults) if "in steps" in clauses else None,
        "optional" in clauses,
        "or none" in clauses,
        "clock" in clauses,
        "private" in clauses,
        None if usually is None else special_or_value(usually.children[0], faults),
        description,
        span,
    )


def _event(tree: Tree[Token], faults: list[Fault]) -> ast.Event:
    name, description, *attributes = cast(Nodes, tree.children)
    return ast.Event(
        name_of(name),
        text_of(description, faults),
        tuple([_declared(attribute.children, None, span_of(attribute), faults) for attribute in attributes]),
        span_of(tree),
    )


def _derived_fact(tree: Tree[Token], faults: list[Fault]) -> ast.DerivedFact:
    name, derivation, *clause_trees, description = cast(Nodes, tree.children)
    clauses = _clauses(clause_trees, faults)
    usually = clauses.get("usually")
    inner = [child for child in derivation.children if isinstance(child, Tree)]
    words = [child for child in derivation.children if isinstance(child, Token)]
    return ast.DerivedFact(
        name_of(name),
        _MEASURES[derivation.data],
        name_of(words[0]) if derivation.data == "of_decision" else None,
        _events(inner[0], faults) if inner else None,
        _window(inner[1], faults) if len(inner) > 1 else None,
        "optional" in clauses,
        "private" in clauses,
        None if usually is None else special_or_value(usually.children[0], faults),
        text_of(description, faults),
        span_of(tree),
    )


_MEASURES: dict[str, Any] = {
    "counted": "count",
    "any_event": "any",
    "since_last": "days since",
    "of_decision": "decision",
}


def _events(tree: Tree[Token], faults: list[Fault]) -> ast.Events:
    name, *where = cast(Nodes, tree.children)
    condition = condition_of(where[0], faults) if where and where[0] is not None else None
    return ast.Events(name_of(name), condition, span_of(tree))


def _window(tree: Tree[Token], faults: list[Fault]) -> ast.Window:
    first, *rest = cast(Nodes, tree.children)
    span = span_of(tree)
    if isinstance(first, Tree) and first.data == "events":
        return ast.Window("since", None, _events(first, faults), span)
    # Most units of time are no keywords, since many facts are called by them; so they are checked here.
    token = rest[0] if rest else first
    word: Any = {"day": "days", "hour": "hours"}.get(str(token), str(token))
    fitting = ("days", "hours") if rest else ("week", "month", "ever")
    if word not in fitting:
        help = "write `in last 7 days` or `in last 24 hours`" if rest else "write `this week` or `this month`"
        faults.append(Fault("syntax", f"`{token}` is no span of time here", span_of(token), help))
        word = fitting[0]
    return ast.Window(word, whole_of(first, faults) if rest else None, None, span)


def _type(tree: Tree[Token]) -> tuple[ast.TypeWord, tuple[ast.Name, ...], ast.Name | None]:
    children: Nodes = tree.children
    if tree.data == "plain_type":
        return cast(ast.TypeWord, str(children[0])), (), None
    if tree.data == "money_type":
        return "money", (), None if children[0] is None else name_of(children[0])
    names = names_of([token for token in children if token.type == "NAME"])
    return ("choice" if tree.data == "choice_type" else "order"), names, None


def _action(tree: Tree[Token], faults: list[Fault]) -> ast.Action:
    *names, description = cast(Nodes, tree.children)
    return ast.Action(names_of(names), text_of(description, faults), span_of(tree))


def _group(tree: Tree[Token], faults: list[Fault]) -> ast.Group:
    name, *also, actions = cast(Nodes, tree.children)
    return ast.Group(name_of(name), bool(also), _actions(actions), span_of(tree))


def _ladder(tree: Tree[Token], faults: list[Fault]) -> ast.Ladder:
    name, rungs, rising = cast(Nodes, tree.children)
    return ast.Ladder(
        name_of(name), names_of(rungs.children), () if rising is None else names_of(rising.children), span_of(tree)
    )


def _define(tree: Tree[Token], faults: list[Fault]) -> ast.Define:
    name, condition, description = cast(Nodes, tree.children)
    return ast.Define(name_of(name), condition_of(condition, faults), text_of(description, faults), span_of(tree))


def _setting(tree: Tree[Token], faults: list[Fault]) -> ast.Setting:
    name, word, value, description = cast(Nodes, tree.children)
    if word is not None and word != "open":
        help = (
            "write `setting NAME is ...`; or `setting NAME open is ...`, where a policy under this standard may set it"
        )
        faults.append(Fault("syntax", f"`{word}` does not fit here", span_of(word), help))
    its_value, its_description = value_of(value, faults), text_of(description, faults)
    return ast.Setting(name_of(name), word is not None, its_value, its_description, span_of(tree))


def _rule(tree: Tree[Token], faults: list[Fault]) -> ast.Rule:
    name, title, *rest = cast(Nodes, tree.children)
    return _rule_parts(name_of(name), text_of(title, faults), rest, span_of(tree), faults)


def _bare_rule(tree: Tree[Token], faults: list[Fault]) -> ast.Rule:
    return _rule_parts(None, None, tree.children, span_of(tree), faults)


def _rule_parts(
    name: ast.Name | None, title: ast.Text | None, trees: Nodes, span: Span, faults: list[Fault]
) -> ast.Rule:
    body = next(tree for tree in trees if tree.data in _BODIES)
    clauses = _clauses([tree for tree in trees if tree is not body], faults)
    order = _BODIES[body.data]
    condition: ast.Condition | None = None
    limited_by: ast.Name | None = None
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
        effects = (ast.Effect("never", _actions(actions), span_of(body)),)
        in_force = ast.Period(date_of(since, faults), date_of(until, faults), span_of(body))
    elif body.data == "safeguard":
        effects = (_effect(body.children[0]),)
    elif body.data == "limited":
        _, actions, most, by, fact, when = body.children
        effects = (ast.Effect("never", _actions(actions), span_of(body)),)
        limited_by = name_of(fact)
        condition = _limit(most, by, limited_by, when, faults)
    else:
        first, second = body.children
        condition_tree, effect_trees = (first, second) if order == "condition first" else (second, first)
        condition = condition_of(condition_tree, faults)
        effects = tuple([_effect(effect) for effect in effect_trees.children])
    overridden: Nodes = clauses["overrides"].children if "overrides" in clauses else ()
    overrides_all = name_of(overridden[0]) if len(overridden) == 1 and overridden[0].type == "ALL" else None
    return ast.Rule(
        name,
        title,
        order,
        condition,
        effects,
        condition_of(clauses["unless"].children[0], faults) if "unless" in clauses else None,
        () if overrides_all else names_of(overridden),
        overrides_all,
        in_force,
        _clause_text(clauses, "because", faults),
        _clause_text(clauses, "source", faults),
        limited_by,
        _with_exception(body, trees),
        span,
    )


def _with_exception(body: Tree[Token], trees: Nodes) -> Span:
    """The span of a body with the `unless` right after it, which belongs to the condition."""
    following = [clause for tree, clause in pairwise(trees) if tree is body]
    last = following[0] if following and following[0].data == "unless" else body
    return span_of(body)[0], span_of(last)[1]


def _limit(
    most: Any, by: Token, fact: ast.Name, when: Tree[Token] | None, faults: list[Fault]
) -> ast.Comparison | ast.And:
    """The condition under which `limit ... to MOST by FACT when WHEN` forbids: WHEN and FACT >= MOST."""
    if by != "by":
        faults.append(
            Fault("syntax", f"`{by}` does not fit here", span_of(by), "a limit says by which fact: write `by FACT`")
        )
    value = whole_of(most, faults)
    reached = ast.Comparison(fact, ">=", value, (value.span[0], fact.span[1]))
    if when is None:
        return reached
    written: Any = when.children[0]
    condition = condition_of(written, faults)
    if isinstance(condition, ast.And) and written.data == "and_":  # else it stands in parentheses
        return ast.And((*condition.parts, reached), (value.span[0], condition.span[1]))
    return ast.And((condition, reached), (value.span[0], condition.span[1]))


_BODIES: dict[str, Any] = {
    "condition_first": "condition first",
    "effects_first": "effects first",
    "safeguard": "effects first",
    "limited": "effects first",
    "suspension": "suspend",
}


def _effect(tree: Tree[Token]) -> ast.Effect:
    return ast.Effect(cast(ast.EffectWord, str(tree.data)), _actions(cast(Any, tree.children[0])), span_of(tree))


def _expected(children: Nodes, span: Span, faults: list[Fault]) -> ast.Expected:
    actions, negated, word = children
    if negated is not None and word.type not in ("ALLOWED", "UNSAID"):
        faults.append(
            Fault(
                "syntax",
                f"`not {word}` is not an expectation",
                (negated.start_pos, word.end_pos),
                "write `allowed`, `not allowed`, `forbidden`, `required`, `unsaid` or `not unsaid`",
            )
        )
        negated = None
    text = str(word) if negated is None else f"not {word}"
    return ast.Expected(_actions(actions), cast(ast.ExpectationWord, text), span)


def _example(tree: Tree[Token], faults: list[Fault]) -> ast.Example:
    title, *rest = cast(Nodes, tree.children)
    given: list[ast.Given | ast.GivenEvent] = []
    expected = []
    on: ast.Value | None = None
    at: ast.Literal | None = None
    for child in rest:
        if child is None:
            continue
        if child.data == "given":
            given.append(_given(child, faults))
        elif child.data == "given_event":
            given.append(_given_event(child, faults))
        elif child.data == "decision":
            on, at = date_of(child.children[0], faults), _time(child.children[1], faults)
        else:
            expected.append(_expected(child.children, span_of(child), faults))
    return ast.Example(cast(ast.Text, text_of(title, faults)), tuple(given), on, at, tuple(expected), span_of(tree))


def _given(tree: Tree[Token], faults: list[Fault]) -> ast.Given:
    name, value = cast(Nodes, tree.children)
    return ast.Given(name_of(name), special_or_value(value, faults), span_of(tree))


def _given_event(tree: Tree[Token], faults: list[Fault]) -> ast.GivenEvent:
    number, name, on, at, *attributes = cast(Nodes, tree.children)
    return ast.GivenEvent(
        None if number is None else count_of(number, faults),
        name_of(name),
        cast(ast.Value, date_of(on, faults)),
        _time(at, faults),
        tuple([_given(attribute, faults) for attribute in attributes]),
        span_of(tree),
    )


def _time(token: Token | None, faults: list[Fault]) -> ast.Literal | None:
    return None if token is None else time_of(token, faults)


def _ensure(tree: Tree[Token], faults: list[Fault]) -> ast.Ensure:
    any_of, actions, negated, word, when, on = cast(Nodes, tree.children)
    expected = _expected((actions, negated, word), (span_of(actions)[0], word.end_pos), faults)
    return ast.Ensure(
        any_of is not None,
        expected,
        None if when is None else condition_of(when.children[0], faults),
        date_of(on, faults),
        span_of(tree),
    )


def _conforms(tree: Tree[Token], faults: list[Fault]) -> ast.Conforms:
    (standard,) = cast(Nodes, tree.children)
    return ast.Conforms(cast(ast.Text, text_of(standard, faults)), span_of(tree))


def _accept(tree: Tree[Token], faults: list[Fault]) -> ast.Accept:
    code, *rest = cast(Nodes, tree.children)
    names = [child for child in rest if isinstance(child, Token)]
    clauses = _clauses([child for child in rest if not isinstance(child, Token)], faults)
    because = _clause_text(clauses, "because", faults)
    if because is None:
        faults.append(
            Fault("bad-accept", "an `accept` needs a reason", span_of(tree), 'add `because "why this is meant"`')
        )
    elif not because.text.strip():
        faults.append(
            Fault(
                "bad-accept",
                "this accept gives no reason: the text behind `because` is blank",
                because.span,
                "say why the finding is meant, for whoever asks a year from now",
            )
        )
    return ast.Accept(
        name_of(code),
        names_of(names),
        condition_of(clauses["when"].children[0], faults) if "when" in clauses else None,
        because or ast.Text("", span_of(tree)),
        date_of(clauses["until"].children[0], faults) if "until" in clauses else None,
        span_of(tree),
    )


_STATEMENTS: dict[str, Callable[[Tree[Token], list[Fault]], ast.Statement]] = {
    "policy_head": _policy_head,
    "vocabulary_head": _vocabulary_head,
    "uses": _uses,
    "fact": _fact,
    "derived_fact": _derived_fact,
    "event": _event,
    "action": _action,
    "group": _group,
    "ladder": _ladder,
    "define": _define,
    "setting": _setting,
    "rule": _rule,
    "bare_rule": _bare_rule,
    "example": _example,
    "ensure": _ensure,
    "conforms": _conforms,
    "accept": _accept,
}
