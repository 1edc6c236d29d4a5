"""`failed-ensure`: a promise about actions, or about a standard, that some case breaks."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator

from forbear.analysis.comparison.conformance import Undecided, Violation, outcomes_of, promised
from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, keeping
from forbear.analysis.engine.space import check_witness
from forbear.analysis.engine.verdicts import Verdicts
from forbear.analysis.findings.promises.failed_example import is_met, lacking
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.kernel.cases import ActionDecision
from forbear.language.model.conditions import facts_in
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import Worded, decided_text, listed
from forbear.language.model.policy import (
    PERMITTING,
    REFUSING,
    Conforms,
    Ensure,
    Expectation,
    Expected,
    Rule,
    TypedPolicy,
)
from forbear.semantics import meaning
from forbear.semantics.composition.union import Incomparable
from forbear.space.axes import DAY
from forbear.space.formulas import FALSE, TRUE, All, Formula, Neither, inside
from forbear.space.search.bound import BoundReached

# `failed-ensure`: a promise that some case breaks.


FAILED_ENSURE = Code("failed-ensure", Severity.ERROR)


def failed_ensures(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each ensure. None can be accepted."""
    ensures = analysis.policy.ensures
    of_a_day = [ensure.when for ensure in ensures if ensure.on is not None]
    each_day = analysis.each_day(of_a_day) if of_a_day else analysis
    for ensure in ensures:
        yield _candidate(analysis if ensure.on is None else each_day, ensure)


def _candidate(analysis: Analysis, ensure: Ensure) -> Candidate:
    expectation = ensure.expected.expectation

    def find(more: Formula) -> Diagnostic | None:
        # The condition is read as that of a rule: one that expects permission where it is certainly true, and one that
        # expects refusal where it is possibly true.
        expects_permission = expectation in (Expectation.ALLOWED, Expectation.REQUIRED)
        when = analysis.space.condition(ensure.when, when_unknown=not expects_permission)
        where = All((when, _day(analysis, ensure), more))
        met = {action: _met(analysis, action, ensure.expected) for action in ensure.expected.actions}
        together = [tuple(met)] if ensure.any_of else [(action,) for action in met]
        breaks = {actions: Neither(tuple([met[action] for action in actions])) for actions in together}
        all_broken = [actions for actions, formula in breaks.items() if analysis.searcher.holds(where, formula)]
        if not all_broken:
            return None
        broken = [action for actions in all_broken for action in actions]
        shown_actions = all_broken[0]
        point = analysis.searcher.case(where, breaks[shown_actions])
        assert point is not None
        decided = {
            action: meaning.decide_action(analysis.policy, action, point.case, point.day) for action in shown_actions
        }
        is_kept = any(is_met(decision, ensure.expected) for decision in decided.values())
        check_witness(not is_kept, "a broken promise", point)
        witness = dict(point.witness)
        if ensure.on is not None:
            witness[DAY] = datetime.date.fromordinal(ensure.on).isoformat()
        verdicts = " and ".join(
            _decided("it" if len(broken) == 1 else f"`{action}`", decision, ensure.expected)
            for action, decision in decided.items()
        )
        names = {name for decision in decided.values() for name in decision.rules}
        deciding = [rule for rule in analysis.policy.rules if rule.name in names]
        keeper = _kept_by(analysis, ensure, shown_actions[0], where)
        return diagnosis(
            f"failed-ensure.{'any-of' if ensure.any_of else 'case'}",
            ensure.place,
            code=FAILED_ENSURE,
            related=(
                *[Label(rule.body, f"`{rule.name}` decides") for rule in deciding[:3]],
                *[Label(rule.body, f"`{rule.name}` keeps it in other cases") for rule in [keeper] if rule is not None],
            ),
            rules=tuple([rule.name for rule in deciding]),
            kept_by=() if keeper is None else (keeper.name,),
            actions=tuple(action for action in analysis.policy.actions if action in broken),
            witness=witness,
            broken=broken,
            expected=ensure.expected.expectation,
            companions=[*ensure.expected.companions],
            verdicts=Worded(verdicts, {action: decision.verdict for action, decision in decided.items()}),
            keeper=keeper and keeper.name,
        )

    return Candidate((), find, ensure.place)


def _kept_by(analysis: Analysis, ensure: Ensure, action: str, where: Formula) -> Rule | None:
    """The rule of the policy that keeps a promise about an action in other cases."""
    if ensure.any_of or ensure.expected.expectation is Expectation.UNSAID:
        return None
    promises_permission = ensure.expected.expectation in (Expectation.ALLOWED, Expectation.REQUIRED)
    number = keeping(
        analysis,
        action,
        PERMITTING if promises_permission else REFUSING,
        filter(analysis.space.is_own, range(len(analysis.policy.rules))),
        set(facts_in(ensure.when)),
        where,
    )
    return None if number is None else analysis.policy.rules[number]


def _decided(action: str, decision: ActionDecision, expected: Expected) -> str:
    without = lacking(decision, expected) if decision.permitted else []
    by = f" by {listed(decision.rules, 3)}" if decision.rules else ""
    return decided_text(action, decision.verdict) + by + (f", without {listed(without)}" if without else "")


def _day(analysis: Analysis, ensure: Ensure) -> Formula:
    if ensure.on is None or not analysis.space.cells.starts:
        return TRUE
    cell = bisect_right(analysis.space.cells.starts, ensure.on) - 1
    return inside([{DAY: 1 << cell}])


def _met(analysis: Analysis, action: str, expected: Expected) -> Formula:
    verdict = _meets(analysis.formulas.verdicts(action), expected.expectation)
    if not expected.companions:
        return verdict
    along = analysis.formulas.along(action)
    return All((verdict, *[along.get(companion, FALSE) for companion in expected.companions]))


def _meets(verdicts: Verdicts, expectation: Expectation) -> Formula:
    match expectation:
        case Expectation.ALLOWED:
            return verdicts.permitted
        case Expectation.NOT_ALLOWED:
            return Neither((verdicts.permitted,))
        case Expectation.FORBIDDEN:
            return verdicts.forbidden
        case Expectation.REQUIRED:
            return verdicts.required
        case Expectation.UNSAID:
            return verdicts.unsaid
        case Expectation.NOT_UNSAID:
            return Neither((verdicts.unsaid,))


# `failed-ensure` of a promise to conform to a standard: a case that breaks one of the standard's rules.


def failed_conforms(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rule of a standard that is broken, or for which that is undecided. None can be accepted."""
    for promise in analysis.policy.conforms:
        try:
            outcomes = outcomes_of(promised(analysis, promise), promise.standard)
        except Incomparable as error:
            yield Candidate.certain((), _incomparable(promise, error))
            continue
        for outcome in outcomes:
            if isinstance(outcome, Violation):
                yield Candidate.certain((), _broken(analysis.policy, promise, outcome))
        for outcome in outcomes:
            if isinstance(outcome, Undecided):
                yield _unsure(promise, outcome)


def _unsure(promise: Conforms, undecided: Undecided) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        raise BoundReached

    return Candidate((undecided.standard_rule.name,), find, promise.place)


def _broken(policy: TypedPolicy, promise: Conforms, violation: Violation) -> Diagnostic:
    rule, standard = violation.standard_rule, violation.standard
    requires = violation.kind == "omits required"
    demand = "requires" if requires else "forbids"
    deciding = [own for own in policy.rules if own.name in violation.policy_rules]
    keepers = [own for own in policy.rules if own.name == violation.kept_by]
    return diagnosis(
        f"failed-ensure.{'kept-elsewhere' if keepers else 'conforms'}",
        promise.place,
        code=FAILED_ENSURE,
        related=(
            Label(rule.body, f"`{rule.name}` {demand}"),
            *[Label(own.body, f"`{own.name}` keeps it in other cases") for own in keepers],
            *[Label(own.body, f"`{own.name}` decides") for own in deciding[:3]],
        ),
        rules=violation.policy_rules,
        by=(rule.name,),
        kept_by=tuple([own.name for own in keepers]),
        actions=(violation.action,),
        # The policy cannot be given facts that only the standard knows.
        witness={name: value for name, value in violation.witness.items() if name == DAY or name in policy.facts},
        standard=standard.name,
        rule=rule.name,
        demand=demand,
        cited=rule.cited,
        clause=clause(rule),
        keeper=keepers[0].name if keepers else None,
        permitting=[own.name for own in deciding if not requires],
        action=violation.action,
        verdict=violation.verdict != "unsaid" and violation.verdict,
    )


def clause(rule: Rule) -> str:
    """Returns the name by which a rule of a standard is shown: its source, or else its name."""
    return rule.source or f"`{rule.name}`"


def _incomparable(promise: Conforms, error: Incomparable) -> Diagnostic:
    return diagnosis(
        "failed-ensure.incomparable",
        promise.place,
        code=FAILED_ENSURE,
        standard=promise.standard.name,
        error=f"{error}",
    )


def failed_promises(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each promise, about actions or about a standard."""
    yield from failed_ensures(analysis)
    yield from failed_conforms(analysis)


def _rule_of_standard(finding: Diagnostic) -> tuple[str, ...]:
    return (f"{finding.place}: {finding.by}, {finding.kept_by}",) if finding.by else ()


FAILED_PROMISE = Finding(
    FAILED_ENSURE,
    failed_promises,
    applies=lambda policy: bool(policy.ensures or policy.conforms),
    causes=_rule_of_standard,
)
