"""The mutants of a policy in which a window of events is one day, hour or month off.

They concern the facts that the policy's own rules read. Facts of a bundled vocabulary count for bundled packs alone,
since no author of another policy wrote their windows. The events of each example are counted anew, so that an example
with an event at the end of the window notices the slip, and no other does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from forbear.analysis.mutation.mutants import Mutant, Slip, SlipKind
from forbear.kernel.cases import InPart
from forbear.language.model.conditions import facts_in
from forbear.language.model.derived import Derived, Window
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.names import bundled_in
from forbear.language.model.policy import Example, Past, TypedPolicy, own_rules
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.past import follow
from forbear.semantics.to_text import window_text


def window_mutants(policy: TypedPolicy) -> Iterator[Mutant]:
    """The policy after each slip of a window."""
    read = {name for rule in own_rules(policy) for name in facts_in(rule.condition)}
    for name, derived in policy.derived.items():
        fact = policy.facts[name]
        if name in read and derived.window is not None and _is_answered_for(policy, fact):
            for moved in _moved(derived.window):
                slip = Slip(SlipKind.WINDOW, *[window_text(span, policy) for span in (derived.window, moved)])
                changed = {**policy.derived, name: evolve(derived, window=moved)}
                yield Mutant(None, slip, _counted_anew(policy, name, changed), {}, fact)


def _is_answered_for(policy: TypedPolicy, fact: Fact) -> bool:
    return bundled_in(fact.place) is None or bundled_in(policy.place) is not None


def _moved(window: Window) -> Iterator[Window]:
    if window.span in ("days", "hours", "months", "at least", "between"):
        for number in (window.number - 1, window.number + 1):
            if number >= max(window.least, 1):
                yield evolve(window, number=number)
    if window.span == "between":
        for least in (window.least - 1, window.least + 1):
            if 1 <= least <= window.number:
                yield evolve(window, least=least)


def _counted_anew(policy: TypedPolicy, name: str, derived: Mapping[str, Derived]) -> TypedPolicy:
    """The policy with these derivations, and its examples with the value of that fact that follows from them."""
    changed = evolve(policy, derived=derived)
    tables = history_spec(changed, frozenset([name]), fact_specs(changed))

    def again(example: Example, past: Past) -> Grid | Absent:
        value = follow(changed, tables, evolve(past, follows=(name,)))[name]
        return Absent.UNKNOWN if isinstance(value, InPart) else value

    examples = [
        evolve(example, given={**example.given, name: again(example, example.past)})
        if example.past is not None and name in example.past.follows
        else example
        for example in policy.examples
    ]
    return evolve(changed, examples=tuple(examples))
