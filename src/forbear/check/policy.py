"""Modules to typed policy: what each pass adds to the policy, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from forbear.base.diagnostic import Report
from forbear.base.frozen import frozen
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


@frozen
class _Draft:
    """A policy in the middle of the passes. `scope` has the words known by then, and is that of the file itself."""

    statements: tuple[Statement, ...]
    heads: Heads
    subjects: Sequence[Subject]
    scope: Scope
    policy: TypedPolicy
    of_standards: Sequence[StandardRules] = ()
    finding_codes: FindingCodes = tuple
    known: Known | None = None
    not_derived: frozenset[str] = frozenset()
    """The facts that would follow from events or the day, but for an error in what they are declared by."""


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
    draft = evolve(_declared(modules, heads, subjects, given, report), finding_codes=finding_codes, known=known)
    for complete in _PASSES:
        draft = complete(draft)
    return draft.policy


def declared_alone(modules: Sequence[Module], heads: Heads, report: Report) -> TypedPolicy:
    """Returns the policy that files declare by themselves, without standards, rules and promises."""
    return _with_definitions(_declared(modules, heads, (), Given(heads.name, {}), report)).policy


def _declared(
    modules: Sequence[Module],
    heads: Heads,
    subjects: Sequence[Subject],
    given: Given,
    report: Report,
) -> _Draft:
    """The first pass: heads, vocabulary and events. If no file names a currency, that of a standard is taken."""
    head, clauses = heads.policy, heads.clauses
    module = modules[-1]
    titled = head or heads.vocabulary
    currency = policy_currency(modules) or next(filter(None, [subject.standard.currency for subject in subjects]), None)
    words = vocabulary(modules, currency, given, report)
    scope = Scope(module.source, words, report)
    declared = [(module, node) for module in modules for node in module.statements]
    events, derived = events_of(declared, scope)
    deriving = {node.name.text for _, node in declared if isinstance(node, nodes.DerivedFact)}
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
    return _Draft(module.statements, heads, subjects, scope, policy, not_derived=frozenset(deriving - derived.keys()))


def _readings(written: Readings, scope: Scope) -> Iterator[Reading]:
    for reading in written.readings:
        day = day_of(reading.on, scope)
        if day is not None:
            yield Reading(reading.text.text, day)


def _review(written: Reviewed, scope: Scope) -> Review:
    by = None if written.by is None else written.by.text
    return Review(by, day_of(written.until, scope), scope.place(written.span))


def _with_standards(draft: _Draft) -> _Draft:
    """Adds the words of the standards that the policy is subject to, if it lacks them, and their rules in its words."""
    policy, of_standards = under_standards(draft.policy, draft.subjects, draft.scope.report)
    scope = draft.scope.knowing(facts=policy.facts, actions=policy.actions, clock=clock(policy))
    return evolve(draft, policy=policy, of_standards=of_standards, scope=scope)


def _with_definitions(draft: _Draft) -> _Draft:
    defined = definitions(draft.scope)
    conditions = {name: None if definition is None else definition.condition for name, definition in defined.items()}
    return evolve(
        draft, policy=evolve(draft.policy, definitions=conditions), scope=evolve(draft.scope, defined=defined)
    )


def _with_rules(draft: _Draft) -> _Draft:
    """Adds the policy's own rules, restricted to when the policy applies, and after them those of standards."""
    clause = draft.heads.clauses.applies
    applies = None if clause is None else typed_condition(clause.condition, draft.scope)
    statements = [node for node in draft.statements if isinstance(node, nodes.Rule | nodes.Table)]
    written = [
        rows_of(node, draft.scope) if isinstance(node, nodes.Table) else node
        for node in one_of_each_name(statements, draft.scope)
    ]
    own = typed_rules(written, draft.policy.name, applies, draft.of_standards, draft.scope, draft.known)
    policy = evolve(draft.policy, rules=with_rules_of(own.rules, draft.of_standards), tables=own.tables)
    if not check_duties(policy, draft.subjects, draft.scope.report):
        policy = evolve(policy, rules=tuple([evolve(rule, along={}) for rule in policy.rules]))
    return evolve(draft, policy=policy)


def _with_promises(draft: _Draft) -> _Draft:
    policy, scope, statements = draft.policy, draft.scope, draft.statements
    rule_names = dict.fromkeys([*[rule.name for rule in policy.rules], *[table.name for table in policy.tables]])
    read = tuple([name for name in facts_read(policy) if name not in draft.not_derived])  # examples need not give these
    tables_for, codes = tables_of(policy), draft.finding_codes
    promising = policy.with_promises(
        examples=examples(
            [node for node in statements if isinstance(node, nodes.Example)], read, policy, tables_for, scope
        ),
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
    return evolve(draft, policy=promising)


_PASSES: tuple[Callable[[_Draft], _Draft], ...] = (
    _with_standards,
    _with_definitions,
    _with_rules,
    _with_promises,
)
"""The passes after the declarations, in order."""
