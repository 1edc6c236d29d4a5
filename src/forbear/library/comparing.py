"""Two policies in comparison: what a change alters, and whether a policy keeps the bounds of standards."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from forbear.base.diagnostic import Severity
from forbear.check.files.standards import differs_on
from forbear.check.from_ast import check_on_terms
from forbear.kernel.cases import read_on
from forbear.language.model.policy import TypedPolicy, terms_to_standards
from forbear.library.policy import Policy

if TYPE_CHECKING:
    from forbear.analysis.comparison.conformance import Conformance
    from forbear.analysis.comparison.difference import Difference


def diff(
    old: Policy, new: Policy, on: datetime.date | str | None = None, *, findings: bool = False, effort: int = 1
) -> Difference:
    """Returns the effect of a change: for each action exactly the cases whose verdict differs, with an example of each
    set.

    `consequences` describe them by their effect on the borrower, the most dangerous first, each with the `edits` that
    make it. `promises` are those that are gone, changed or new: if there are any, the two policies are not
    `equivalent`, even if every case has the same verdicts. With `findings`, the result has the errors and warnings of
    `validate` that come and go.

    With `on`, the policies are compared on that day only. The `in force` of the policies is ignored; the dates of their
    rules are not. With `effort`, a whole number from 1, the search goes that many times as far before an action is
    `undecided`. Raises `Incomparable` if a fact has different meanings in the two.

    >>> old = loads("rule ask: after 60 days and unreachable >= 3 then allow contact_related")
    >>> new = loads("rule ask: after 30 days and unreachable >= 3 then allow contact_related")
    >>> for change in diff(old, new).changes:
    ...     print(change.action, change.before, change.after, "when", change.condition)
    contact_related unsaid allowed when from day 31 to day 60 and unreachable >= 3
    >>> diff(new, new).equivalent
    True
    """
    from attrs import evolve

    from forbear.analysis.comparison.coming import findings_between
    from forbear.analysis.comparison.difference import difference
    from forbear.semantics.composition.union import Domain

    outcome = difference(old.typed, new.typed, Domain(day=None if on is None else read_on(on)), effort)
    if not findings:
        return outcome
    between = findings_between(old.typed, old.warnings, new.typed, new.warnings, effort=effort)
    return evolve(outcome, findings=between)


def conform(policy: Policy, *standards: Policy, on: datetime.date | str | None = None, effort: int = 1) -> Conformance:
    """Returns whether a policy conforms to standards: the rules of the standards that some case violates, each with a
    case.

    A policy does not conform to a standard that is vacuous for it, because that standard can refuse nothing. With `on`,
    only that day counts. The `in force` of policy and standards is ignored. `effort` and `Incomparable` are as for
    `diff`.

    >>> house = loads("rule ask: after 60 days then allow contact_related")
    >>> bounds = loads("standard bounds  rule apart: never contact_related when contact_source is shipping_record")
    >>> for violation in conform(house, bounds).violations:
    ...     print(violation.action, violation.kind, violation.standard_rule.name, violation.policy_rules)
    contact_related permits forbidden apart ('ask',)
    """
    from forbear.analysis.comparison.conformance import conformance

    bounds = [_over(policy, standard) for standard in standards]
    return conformance(policy.typed, bounds, None if on is None else read_on(on), effort=effort)


def _over(policy: Policy, standard: Policy) -> TypedPolicy:
    """A standard as it binds a policy, which may have added to its groups and have set what it leaves open.

    Raises `Incomparable` if the standard has errors then.
    """
    terms = terms_to_standards(policy.typed)
    if not differs_on(terms, standard.typed):
        return standard.typed
    origin = standard.checked.origin
    assert origin is not None
    checked = check_on_terms(origin, terms)
    if checked.policy is None:
        from forbear.semantics.composition.union import Incomparable

        error = next(diagnostic for diagnostic in checked.diagnostics if diagnostic.severity is Severity.ERROR)
        raise Incomparable(
            f"with what `{policy.name}` adds to its groups `{standard.name}` is in error, {error.message}"
        )
    return checked.policy
