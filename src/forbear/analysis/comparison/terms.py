"""A standard on the terms of a policy, as it stands over that policy."""

from __future__ import annotations

from forbear.check.files.loading import Origin
from forbear.check.files.standards import differs_on
from forbear.check.from_ast import check_on_terms
from forbear.composition.union import Incomparable
from forbear.diagnostic import Severity
from forbear.model.policy import TypedPolicy, terms_to_standards


def on_terms_of(policy: TypedPolicy, standard: TypedPolicy, origin: Origin | None) -> TypedPolicy:
    """A standard as it binds a policy, which may have added to its groups and have set what it leaves open.

    `origin` is that of the standard. Raises `Incomparable` where the standard has errors then.
    """
    terms = terms_to_standards(policy)
    if not differs_on(terms, standard):
        return standard
    assert origin is not None
    checked = check_on_terms(origin, terms)
    if checked.policy is None:
        error = next(one for one in checked.diagnostics if one.severity is Severity.ERROR)
        raise Incomparable(
            f"with what `{policy.name}` adds to its groups `{standard.name}` is in error, {error.message}"
        )
    return checked.policy
