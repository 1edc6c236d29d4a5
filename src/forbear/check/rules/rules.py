"""Rules as written to typed rules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count

from attrs import evolve, frozen

from forbear.base.diagnostic import Diagnostic, Fix, Label, TextEdit
from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.values import described, period_of
from forbear.check.files.gather import Known, Meant
from forbear.check.rules.effects import effects_of
from forbear.check.rules.overrides import with_overrides
from forbear.check.rules.tables import Rows, is_otherwise
from forbear.check.scope import Scope
from forbear.language.model.conditions import Always, And, Condition, Not
from forbear.language.model.kinds import DAYS
from forbear.language.model.policy import Rule
from forbear.language.model.tables import Row, Table
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name
from forbear.semantics.composition.standards import StandardRules, as_over_policy


@frozen
class Typed:
    """The rules of a file, in its order, and its tables."""

    rules: tuple[Rule, ...]
    tables: tuple[Table, ...]


def typed_rules(
    written: Sequence[nodes.Rule | Rows],
    policy_name: str,
    applies: Condition | None,
    of_standards: Sequence[StandardRules],
    scope: Scope,
    known: Known | None,
) -> Typed:
    """Returns the rules of a file; each holds only if the policy `applies`. Results that are `known` are not computed
    again.

    None of them can override a rule of a standard.
    """
    names = iter(_names([node for statement in written for node in _nodes(statement)], policy_name, scope))
    statements: list[nodes.Rule] = []
    typed: list[Rule] = []
    tables: list[Table] = []
    rows: dict[str, list[int]] = {}
    for statement in written:
        if isinstance(statement, Rows):
            table, of_rows = _table(statement, [next(names) for _ in statement.rules], applies, scope)
            tables.append(table)
        else:
            of_rows = [_rule(statement, next(names), applies, scope, known)]
        for node, rule in zip(_nodes(statement), of_rows, strict=True):
            if isinstance(statement, Rows):
                if not node.effects:
                    continue
                rows.setdefault(statement.node.name.text, []).append(len(statements))
            statements.append(node)
            typed.append(rule)
    if any(node.overrides or node.overrides_all for node in statements):
        over = [as_over_policy(rule, of.standard) for of in of_standards for rule in of.rules]
        typed = list(with_overrides(statements, typed, rows, {rule.name: rule for rule in over}, scope))
    return Typed(tuple(typed), tuple(tables))


def _nodes(written: nodes.Rule | Rows) -> Sequence[nodes.Rule]:
    return written.rules if isinstance(written, Rows) else (written,)


def _table(rows: Rows, names: Sequence[str], applies: Condition | None, scope: Scope) -> tuple[Table, list[Rule]]:
    """A table, and its rules by row."""
    node = rows.node
    when: Condition = Always() if applies is None else applies
    if node.when is not None:
        when = _both(when, typed_condition(node.when, scope) or Always())
    unless = None if node.unless is None else typed_condition(node.unless, scope)
    otherwise: Condition = Always() if unless is None else Not(unless)
    since, until = period_of(node.in_force, scope)
    written = {row.span: row for row in node.rows}
    quiet = scope.reporting(lambda diagnostic: None)  # the effect of `otherwise` on the rows above is reported there
    typed = []
    for row, name in zip(rows.rules, names, strict=True):
        rule = _rule(row, name, when, quiet if is_otherwise(written[row.span]) else scope)
        typed.append(evolve(rule, condition=_both(rule.condition, otherwise), since=since, until=until))
    return (
        Table(
            node.name.text,
            None if node.title is None else node.title.text,
            tuple([scope.text(heading.span) for heading in node.headings]),
            rows.actions,
            tuple(
                [
                    Row(
                        rule.name,
                        rule.condition,
                        is_otherwise(written[row.span]),
                        bool(row.effects),
                        tuple([scope.text(cell.span).strip() for cell in written[row.span].cells]),
                        rule.place,
                    )
                    for row, rule in zip(rows.rules, typed, strict=True)
                ]
            ),
            _both(when, otherwise),
            node.complete,
            node.no_overlap,
            scope.place((node.span[0], (node.title or node.name).span[1])),
        ),
        typed,
    )


def _names(statements: Sequence[nodes.Rule], policy_name: str, scope: Scope) -> list[str]:
    """Returns the names of rules. A rule without a head is named by its place, POLICY:LINE; a second one on that line
    has its column too.
    """
    names: list[str] = []
    nodes_by_name: dict[str, nodes.Rule] = {}
    taken = {node.name.text for node in statements if node.name is not None}
    for node in statements:
        if node.name is None:
            line, column = scope.source.position(node.span[0])
            name = f"{policy_name}:{line}"
            if name in nodes_by_name:
                name = f"{name}:{column}"
            if len(statements) > 1:
                scope.report_at(
                    node.span, "unnamed-rule.place", name=name, rules=(name,), fix=_naming(node, taken, scope)
                )
        else:
            name = node.name.text
            if name in nodes_by_name:
                first = nodes_by_name[name].name
                assert first is not None
                related = (Label(scope.place(first.span), "the first"),)
                scope.report_at(node.name.span, "duplicate-name.rule", name=name, related=related, rules=(name,))
        nodes_by_name.setdefault(name, node)
        names.append(name)
    return names


def _naming(node: nodes.Rule, taken: set[str], scope: Scope) -> Fix:
    """Returns the fix that names a rule after its effect. The name is added to those that are `taken`."""
    effect = node.effects[0]
    first = f"{effect.word}_{effect.actions.listed[0].text}"
    name = next(free for free in chain([first], (f"{first}_{n}" for n in count(2))) if free not in taken)
    taken.add(name)
    start = (node.span[0], node.span[0])
    return Fix(f"call it `{name}`", (TextEdit(scope.place(start), f"rule {name}: "),), safe=True)


def _rule(node: nodes.Rule, name: str, applies: Condition | None, scope: Scope, known: Known | None = None) -> Rule:
    meant = None if known is None else known.of(node)
    if meant is None:
        diagnostics: list[Diagnostic] = []
        meant = _meant(node, name, applies, scope.reporting(diagnostics.append))
        for diagnostic in diagnostics:
            scope.report(diagnostic)
        if known is not None and not diagnostics:
            known.keep(node, meant)
    return Rule(
        name,
        node.name is not None,
        node.order == "suspend",
        None if node.title is None else node.title.text,
        meant.condition,
        meant.effects,
        {},
        meant.since,
        meant.until,
        None if node.because is None else node.because.text,
        None if node.source is None else node.source.text,
        scope.place(node.span),
        scope.place(node.body),
        along=meant.along,
        basis=node.basis,
    )


def _meant(node: nodes.Rule, name: str, applies: Condition | None, scope: Scope) -> Meant:
    def report_here(diagnostic: Diagnostic) -> None:
        scope.report(evolve(diagnostic, rules=diagnostic.rules or (name,)))

    rule_scope = scope.reporting(report_here)
    condition: Condition | None = Always()
    if node.limited_by is not None and _counts_nothing(node.limited_by, node.condition, rule_scope):
        condition = None
    elif node.condition is not None:
        condition = typed_condition(node.condition, rule_scope)
    if node.unless is not None:
        unless = typed_condition(node.unless, rule_scope)
        if condition is not None and unless is not None:
            condition = _both(condition, Not(unless))
    if applies is not None and condition is not None:
        condition = _both(applies, condition)
    since, until = period_of(node.in_force, scope)
    effects, along = effects_of(node.effects, scope)
    return Meant(condition if condition is not None else Always(), effects, along, since, until)


def _both(first: Condition, second: Condition) -> Condition:
    """The conjunction of two conditions, as an author would write it on one line."""
    if Always() in (first, second):
        return first if second == Always() else second
    parts = [part.parts if isinstance(part, And) else (part,) for part in (first, second)]
    return And((*parts[0], *parts[1]))


def _counts_nothing(fact_name: Name, condition: nodes.Condition | None, scope: Scope) -> bool:
    """Returns true if a limit counts by a fact that is not a whole number, or that counts the days since something.

    `condition` is that of the limit as written.
    """
    fact = scope.words.facts.get(fact_name.text)
    if fact is None or (fact.kind.whole and not (fact.kind is DAYS and fact.or_none)):
        return False
    if fact.kind is DAYS:
        reached = condition.parts[-1] if isinstance(condition, nodes.And) else condition
        assert isinstance(reached, nodes.Comparison)
        most = scope.text(reached.right.span)
        variant = "limit-by-days"
    else:
        variant, most = "limit-by-number", None
    ordered = fact.ordered and fact.name
    scope.report_at(fact_name.span, f"wrong-type.{variant}", **described(fact), most=most, ordered=ordered)
    return True
