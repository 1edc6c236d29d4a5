"""The ways out of a finding, of which its author has to choose one: override, narrow, accept, or pin its case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Span
from forbear.editors.editing.edits import Edit
from forbear.editors.editing.offers.action import Action, at_the_end, within, without
from forbear.editors.editing.reading import Reading
from forbear.language.model.policy import REFUSING, Rule, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Define, Literal, Name, Share, Statement, Sum, Term
from forbear.report.examples import finding_examples

WHY = "say here why this may stay"
"""The reason that an author has to replace."""


def ways_out(reading: Reading, finding: Diagnostic) -> Iterator[Action]:
    """Yields edits by which a finding goes away, or stays with a reason. Each may change verdicts."""
    policy = reading.policy
    if policy is None or finding.accepted is not None:
        return
    if finding.code == "contradiction" and len(finding.rules) == 2:
        permits, forbids = [_rule(policy, name) for name in finding.rules]
        if permits is not None and forbids is not None:
            yield from _overrides_all(reading, finding, forbids)
            yield from _overrides(reading, finding, forbids, permits)
            yield from _overrides(reading, finding, permits, forbids)
            yield from _narrowed(reading, finding, permits, forbids)
            yield from _narrowed(reading, finding, forbids, permits)
    if finding.code == "failed-ensure":
        yield from _kept(reading, policy, finding)
    if finding.code == "none-escapes":
        yield from _saying_none(reading, policy, finding)
    if finding.code in ("duplicate", "subsumed"):
        yield from _taken_out(reading, policy, finding)
    if finding.code.acceptable and finding.names and not finding.unnamed:
        text = f'accept {finding.code} of {", ".join(finding.names)} because "{WHY}"'
        yield _action(f"accept `{finding.code}` here, with a reason", at_the_end(reading, text), finding)
    for text in finding_examples(policy, finding)[:1]:
        yield _action("write its case as an example", at_the_end(reading, text.strip("\n")), finding)


def _action(title: str, edits: tuple[Edit, ...], finding: Diagnostic, *, careful: bool = False) -> Action:
    return Action(title, edits, finding, preferred=False, careful=careful)


def _rule(policy: TypedPolicy, name: str) -> Rule | None:
    return next((rule for rule in policy.rules if rule.name == name), None)


def _node(reading: Reading, rule: Rule) -> nodes.Rule | None:
    """The statement of a rule of the edited text; None for a row of a table, and for a rule of another file."""
    if reading.module is None or rule.place.source.name != reading.source.name:
        return None
    candidates = [node for node in reading.module.statements if isinstance(node, nodes.Rule)]
    return next((node for node in candidates if _inside(rule.body.span, node.span)), None)


def _inside(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _overrides_all(reading: Reading, finding: Diagnostic, strong: Rule) -> Iterator[Action]:
    node = _node(reading, strong)
    if node is None or node.overrides_all is not None:
        return
    if node.overrides:
        edit = Edit((node.overrides[0].span[0], node.overrides[-1].span[1]), "all")
    else:
        edit = Edit((node.span[1], node.span[1]), " overrides all")
    yield _action(f"`{strong.name}` overrides all", within(reading, node, [edit]), finding, careful=True)


def _overrides(reading: Reading, finding: Diagnostic, strong: Rule, weak: Rule) -> Iterator[Action]:
    node = _node(reading, strong)
    if node is None or node.overrides_all is not None or weak.by_place:
        return
    if node.overrides:
        at, text = node.overrides[-1].span[1], f", {weak.name}"
    else:
        at, text = node.span[1], f" overrides {weak.name}"
    title = f"`{strong.name}` overrides `{weak.name}`"
    edits = within(reading, node, [Edit((at, at), text)])
    yield _action(title, edits, finding, careful=not _permits(strong))


def _narrowed(reading: Reading, finding: Diagnostic, rule: Rule, overlapping: Rule) -> Iterator[Action]:
    """The rule does not hold where the other one does."""
    node = _node(reading, overlapping)
    if node is None or node.condition is None:
        return
    condition, joined = _text(reading, node.condition), isinstance(node.condition, nodes.And)
    if node.unless is not None:
        condition, joined = f"{_grouped(reading, node.condition)} and not ({_text(reading, node.unless)})", True
    yield from _unless(reading, finding, rule, condition, joined, f"`{overlapping.name}` holds")


def _kept(reading: Reading, policy: TypedPolicy, finding: Diagnostic) -> Iterator[Action]:
    """The rules that break a promise do not hold where it is made."""
    statements = () if reading.module is None else reading.module.statements
    ensures = [node for node in statements if isinstance(node, nodes.Ensure)]
    ensure = next((node for node in ensures if _inside(finding.place.span, node.span)), None)
    if ensure is None or ensure.when is None:
        return
    breaking = [rule for name in finding.rules if (rule := _rule(policy, name)) is not None]
    permitting = [
        rule
        for rule in breaking
        if any(effect.permits for action, effect in rule.effects.items() if action in finding.actions)
    ]
    if len(permitting) == 1 and ensure.expected.expectation in ("not allowed", "unsaid"):
        joined = isinstance(ensure.when, nodes.And)
        yield from _unless(reading, finding, permitting[0], _text(reading, ensure.when), joined, "the ensure says so")


def _unless(
    reading: Reading, finding: Diagnostic, rule: Rule, condition: str, joined: bool, where: str
) -> Iterator[Action]:
    """The rule does not hold where a condition does, which is `joined` with `and` or not."""
    node = _node(reading, rule)
    if node is None or (node.condition is None and not node.effects):
        return
    if node.unless is None:
        edits = [Edit((node.span[1], node.span[1]), f" unless {condition}")]
    else:
        start, end = node.unless.span
        before, after = ("(", ")") if isinstance(node.unless, nodes.And) else ("", "")
        edits = [
            Edit((start, start), before),
            Edit((end, end), f"{after} or ({condition})" if joined else f"{after} or {condition}"),
        ]
    title = f"narrow `{rule.name}`: not where {where}"
    yield _action(title, within(reading, node, edits), finding, careful=_permits(rule))


def _permits(rule: Rule) -> bool:
    return not any(effect in REFUSING for effect in rule.effects.values())


def _taken_out(reading: Reading, policy: TypedPolicy, finding: Diagnostic) -> Iterator[Action]:
    """The rule that adds nothing is taken out, if neither overrides another."""
    rules = [rule for name in finding.rules if (rule := _rule(policy, name)) is not None]
    for rule in rules:
        node = _node(reading, rule)
        if rule.body == finding.place and node is not None and not any(one.overrides for one in rules):
            yield _action(f"take `{rule.name}` out", without(reading, node), finding, careful=True)


def _saying_none(reading: Reading, policy: TypedPolicy, finding: Diagnostic) -> Iterator[Action]:
    rule = _rule(policy, finding.rules[0])
    node = None if rule is None else _node(reading, rule)
    permits = rule is not None and _permits(rule)
    ways = ("does not permit", "permits") if permits else ("forbids", "does not forbid")
    for forbids, does in zip((True, False), ways, strict=True):
        edits = () if node is None else _edits_saying_none(reading, node, str(finding.fact), forbids, permits=permits)
        if edits:
            title = f"`{finding.rules[0]}` {does} where `{finding.fact}` is none"
            yield _action(title, edits, finding, careful=forbids)


def _text(reading: Reading, condition: nodes.Condition) -> str:
    return reading.text[slice(*condition.span)]


def _grouped(reading: Reading, condition: nodes.Condition) -> str:
    text = _text(reading, condition)
    return f"({text})" if isinstance(condition, nodes.Or) else text


Condition: TypeAlias = nodes.Condition
_Join: TypeAlias = type[nodes.Or] | type[nodes.And]


def _edits_saying_none(
    reading: Reading, node: nodes.Rule, fact: str, forbids: bool, *, permits: bool
) -> tuple[Edit, ...]:
    """Edits of a rule, and of the definitions that it uses, to say that it forbids where a fact is none, or not; of one
    that permits, that it does not permit there, or does."""
    whole = () if reading.module is None else reading.module.statements
    defined = {one.name.text: one for one in whole if isinstance(one, Define)}
    join: _Join = nodes.Or if forbids else nodes.And
    word, state = ("or", "none") if forbids else ("and", "not none")
    edits: dict[tuple[int, int], tuple[Statement, Edit]] = {}
    for condition, holds in ((node.condition, not permits), (node.unless, permits)):
        for bound, statement, parent in _bounds(condition, fact, holds, defined, node, None):
            text = f"{reading.text[slice(*bound.span)]} {word} {fact} is {state}"
            alone = parent is None or isinstance(parent, join)
            edits[bound.span] = statement, Edit(bound.span, text if alone else f"({text})")
    statements = {statement.span: statement for statement, _ in edits.values()}
    return tuple(
        [
            edit
            for span, statement in statements.items()
            for edit in within(reading, statement, [edit for of, edit in edits.values() if of.span == span])
        ]
    )


def _bounds(
    condition: Condition | None,
    fact: str,
    holds: bool,
    defined: Mapping[str, Define],
    statement: Statement,
    parent: Condition | None,
) -> Iterator[tuple[Condition, Statement, Condition | None]]:
    """The comparisons by order with a fact that have to be true so that a condition is what it has to be, each with the
    statement and the condition that it is a part of."""
    match condition:
        case nodes.Not(part):
            yield from _bounds(part, fact, not holds, defined, statement, condition)
        case nodes.And(parts) | nodes.Or(parts):
            for part in parts:
                yield from _bounds(part, fact, holds, defined, statement, condition)
        case nodes.NameAlone(name) if name.text in defined:
            define = defined[name.text]
            yield from _bounds(define.condition, fact, holds, defined, define, None)
        case nodes.Comparison(left, operator, right) if holds and operator in ("<", "<=", ">", ">="):
            if fact in {*_facts(left), *_facts(right)}:
                yield condition, statement, parent
        case nodes.Between(term, low, high, negated) if holds and not negated:
            if fact in {*_facts(term), *_facts(low), *_facts(high)}:
                yield condition, statement, parent


def _facts(term: Term) -> list[str]:
    match term:
        case Name(text):
            return [text]
        case Share(fact=fact):
            return [fact.text]
        case Sum(parts=parts):
            return [name for part in parts for name in _facts(part.term)]
        case Literal():
            return []
