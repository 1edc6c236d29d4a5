"""`failed-ensure` of a promise to conform to a standard: a case that breaks one of the standard's rules."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.comparison.conformance import Undecided, Violation, outcomes_of, promised
from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.analysis.findings.promises.failed_ensure import FAILED_ENSURE
from forbear.base.diagnostic import Diagnostic, Label
from forbear.language.model.names import listed
from forbear.language.model.policy import Conforms, Rule, TypedPolicy
from forbear.semantics.composition.union import Incomparable
from forbear.space.axes import DAY
from forbear.space.formulas import Formula
from forbear.space.search.bound import BoundReached


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
    lapse = f"`{violation.action}` is {violation.verdict.value}"
    if deciding and not requires:
        permit = "permits" if len(deciding) == 1 else "permit"
        lapse = f"{listed(violation.policy_rules, 3)} {permit} `{violation.action}`"
    message = f"conforms to `{standard.name}`: {lapse}, which `{rule.name}` {demand}"
    message += "" if rule.cited is None else f" ({rule.cited})"
    help = "`forbear conform POLICY --to STANDARD --suggest` prints the rule that is missing"
    if keepers:
        message = f"conforms to `{standard.name}`: `{keepers[0].name}` does not keep {clause(rule)} in every case: "
        message += f"here {lapse}"
        help = f"widen `{keepers[0].name}`, which keeps it in other cases; {help}"
    return Diagnostic(
        code=FAILED_ENSURE,
        message=message,
        place=promise.place,
        help=help,
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
    )


def clause(rule: Rule) -> str:
    """What a rule of a standard is called: its source, or else its name."""
    return rule.source or f"`{rule.name}`"


def _incomparable(promise: Conforms, error: Incomparable) -> Diagnostic:
    return Diagnostic(
        code=FAILED_ENSURE,
        message=f"whether it conforms to `{promise.standard.name}` cannot be decided: {error}",
        place=promise.place,
        help="declare the fact as the standard does, or give one of the two another name",
    )
