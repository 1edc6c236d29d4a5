"""Modules to typed policy: what each pass adds to the policy, in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from attrs import evolve

from forbear.base.diagnostic import Report
from forbear.base.source import Place
from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.values import day_of, period_of
from forbear.check.declarations.events import events_of
from forbear.check.declarations.heads import Heads
from forbear.check.declarations.settings import Given, definitions
from forbear.check.declarations.vocabulary import policy_currency, vocabulary
from forbear.check.files.gather import Known
from forbear.check.promises.promises import FindingCodes, accepts, ensure, examples, tables_of
from forbear.check.rules.effects import check_duties
from forbear.check.rules.rules import typed_rules
from forbear.check.rules.tables import one_of_each_name, rows_of
from forbear.check.scope import Scope
from forbear.language.model.policy import Reading, Review, Subject, TypedPolicy, clock, facts_read
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module, Readings, Reviewed, Statement
from forbear.semantics.composition.standards import StandardRules, under_standards, with_rules_of


def typed_policy(
    modules: Sequence[Module],
    heads: Heads,
    subjects: Sequence[Subject],
    given: Given,
    finding_codes: FindingCodes,
    report: Report,
    known: Known | None = None,
) -> TypedPolicy:
    """The policy of these files, the last of which is its own, whatever is wrong with it, which is reported."""
    policy, scope = _declared(modules, heads, subjects, given, report)
    statements = modules[-1].statements
    policy, of_standards = under_standards(policy, subjects, report)
    scope = scope.knowing(facts=policy.facts, actions=policy.actions, clock=clock(policy))
    policy, scope = _with_definitions(policy, scope)
    policy = _with_rules(policy, scope, statements, heads, of_standards, known)
    if not check_duties(policy, subjects, report):
        policy = evolve(policy, rules=tuple([evolve(rule, along={}) for rule in policy.rules]))
    deriving = {
        node.name.text for module in modules for node in module.statements if isinstance(node, nodes.DerivedFact)
    }
    return _with_promises(policy, scope, statements, finding_codes, deriving)


def declared_alone(modules: Sequence[Module], heads: Heads, report: Report) -> TypedPolicy:
    """Returns the policy that files declare by themselves, without standards, rules and promises."""
    return _with_definitions(*_declared(modules, heads, (), Given(heads.name, {}), report))[0]


def _declared(
    modules: Sequence[Module],
    heads: Heads,
    subjects: Sequence[Subject],
    given: Given,
    report: Report,
) -> tuple[TypedPolicy, Scope]:
    """The first pass, heads, vocabulary and events, and the words known by then. If no file names a currency, that of a
    standard is taken."""
    head, clauses = heads.policy, heads.clauses
    module = modules[-1]
    titled = head or heads.vocabulary
    currency = policy_currency(modules) or next(filter(None, [subject.standard.currency for subject in subjects]), None)
    words = vocabulary(modules, currency, given, report)
    scope = Scope(module.source, words, report)
    declared = [(module, node) for module in modules for node in module.statements]
    events, derived = events_of(declared, scope)
    in_force = period_of(clauses.in_force, scope)
    policy = TypedPolicy(
        name=heads.name,
        headed=head is not None,
        standard=head is not None and head.kind == "standard",
        title=None if titled is None or titled.title is None else titled.title.text,
        version=None if clauses.version is None else clauses.version.text,
        source=None if clauses.source is None else clauses.source.text,
        currency=currency,
        since=in_force[0],
        until=in_force[1],
        facts=words.facts,
        events=events,
        derived=derived,
        actions=words.actions,
        groups=words.groups,
        ladders=words.ladders,
        definitions=dict.fromkeys(words.definitions),
        settings=words.settings,
        rules=(),
        examples=(),
        ensures=(),
        conforms=(),
        accepts=(),
        place=Place(module.source, (0, 0) if head is None else head.span),
        everything=any(module_read.everything for module_read in modules),
        omits=() if clauses.omits is None else tuple([text.text for text in clauses.omits.texts]),
        read=() if clauses.read is None else tuple(_readings(clauses.read, scope)),
        reviewed=None if clauses.reviewed is None else _review(clauses.reviewed, scope),
    )
    return policy, scope


def _readings(written: Readings, scope: Scope) -> Iterator[Reading]:
    for reading in written.readings:
        day = day_of(reading.on, scope)
        if day is not None:
            yield Reading(reading.text.text, day)


def _review(written: Reviewed, scope: Scope) -> Review:
    by = None if written.by is None else written.by.text
    return Review(by, day_of(written.until, scope), scope.place(written.span))


def _with_definitions(policy: TypedPolicy, scope: Scope) -> tuple[TypedPolicy, Scope]:
    defined = definitions(scope)
    conditions = {name: None if definition is None else definition.condition for name, definition in defined.items()}
    return evolve(policy, definitions=conditions), evolve(scope, defined=defined)


def _with_rules(
    policy: TypedPolicy,
    scope: Scope,
    statements: Sequence[Statement],
    heads: Heads,
    of_standards: Sequence[StandardRules],
    known: Known | None,
) -> TypedPolicy:
    """Adds the policy's own rules, restricted to when the policy applies, and after them those of standards."""
    clause = heads.clauses.applies
    applies = None if clause is None else typed_condition(clause.condition, scope)
    written = [
        rows_of(node, scope) if isinstance(node, nodes.Table) else node
        for node in one_of_each_name([node for node in statements if isinstance(node, nodes.Rule | nodes.Table)], scope)
    ]
    own = typed_rules(written, policy.name, applies, of_standards, scope, known)
    return evolve(policy, rules=with_rules_of(own.rules, of_standards), tables=own.tables)


def _with_promises(
    policy: TypedPolicy,
    scope: Scope,
    statements: Sequence[Statement],
    codes: FindingCodes,
    deriving: Collection[str],
) -> TypedPolicy:
    """Adds examples, ensures and accepts. `deriving` are the facts that follow from events or the day, unless there is
    an error in what they are declared by: then examples need not give them."""
    rule_names = dict.fromkeys([*[rule.name for rule in policy.rules], *[table.name for table in policy.tables]])
    read = tuple([name for name in facts_read(policy) if name not in deriving or name in policy.derived])
    of_examples = [node for node in statements if isinstance(node, nodes.Example)]
    return policy.with_promises(
        examples=examples(of_examples, read, policy, tables_of(policy), scope),
        ensures=tuple([ensure(node, policy, scope) for node in statements if isinstance(node, nodes.Ensure)]),
        accepts=tuple(
            [
                accepted
                for node in statements
                if isinstance(node, nodes.Accept)
                for accepted in accepts(node, rule_names, codes, scope)
            ]
        ),
        tables=policy.tables,
    )
