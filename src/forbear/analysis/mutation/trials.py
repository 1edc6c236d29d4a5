"""Which examples a mutant fails, and the idle examples, which no mutant fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from attrs import evolve

from forbear.analysis.findings.promises.failed_example import example_case, try_examples
from forbear.analysis.mutation.mutants import Mutant, Slip, SlipKind, concerned, mutants, without_standards
from forbear.kernel.cases import InPart
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.derived import Derived, Window
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.names import bundled_in
from forbear.language.model.policy import Example, Past, Rule, TypedPolicy, own_rules
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.past import follow
from forbear.semantics.to_text import window_text

# The mutants of a policy in which a window of events is one day, hour or month off.
#
# They concern the facts that the policy's own rules read. Facts of a bundled vocabulary count for bundled packs alone,
# since no author of another policy wrote their windows. The events of each example are counted anew, so that an example
# with an event at the end of the window notices the slip, and no other does.


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


_LIKELY = (SlipKind.RULE, SlipKind.EFFECT)
"""The slips that are tried first: without the rule that decides it, an example mostly fails."""


def idle_examples(policy: TypedPolicy) -> tuple[Example, ...]:
    """Those of the examples that no mutant of a policy fails, nor the policy without its standards. All of them
    hold."""
    trials = Trials(policy)
    pending = trials.of_rules
    of_rules = sorted(mutants(policy), key=lambda mutant: mutant.slip.kind not in _LIKELY)
    for mutant in chain(of_rules, window_mutants(policy)):
        if not pending:
            break
        pending -= trials.failed(mutant, pending)
    return tuple([policy.examples[number] for number in sorted(pending)])


class Trials:
    """The examples of a policy, which hold, tried on its mutants. What a slip cannot change in an example is not
    decided again."""

    def __init__(self, policy: TypedPolicy) -> None:
        self._readings = [_Reading(policy, example) for example in policy.examples]
        self._without_standards = without_standards(policy)

    @property
    def of_rules(self) -> set[int]:
        """The numbers of the examples that hold by the policy's own rules alone."""
        numbers = set(range(len(self._readings)))
        without = self._without_standards
        return numbers if without is None else numbers - self.failed(without, numbers)

    def failed(self, mutant: Mutant, numbers: Iterable[int]) -> set[int]:
        """Those of the examples with these numbers that a mutant fails."""
        examples = mutant.policy.examples
        near = [number for number in numbers if self._readings[number].may_tell(mutant, examples[number])]
        tried = mutant.policy.with_promises(examples=tuple([examples[number] for number in near]))
        outcomes = try_examples(tried) if near else ()
        return {number for number, outcome in zip(near, outcomes, strict=True) if outcome.failures}


class _Reading:
    """An example, with the truth of the conditions that were read for it."""

    def __init__(self, policy: TypedPolicy, example: Example) -> None:
        self._policy = policy
        self._example = example
        self._actions = {action for expected in example.expected for action in expected.actions}
        self._case: meaning.Case = {**dict.fromkeys(policy.facts), **example_case(example)}
        self._truths: dict[int, bool | None] = {}

    def may_tell(self, mutant: Mutant, example: Example) -> bool:
        """Whether a mutant may decide the example, as it has it, otherwise than the policy does."""
        if example.given != self._example.given:
            return True
        return any(self._may_differ(number, after) for number, after in mutant.rules.items()) and not (
            self._actions.isdisjoint(concerned(mutant, self._policy))
        )

    def _may_differ(self, number: int, after: Rule) -> bool:
        """Whether a rule and what it is after a slip may differ in the case."""
        before = self._policy.rules[number]
        if number not in self._truths:
            self._truths[number] = self._truth(before.condition)
        holding = self._truths[number]
        if after.condition is not before.condition and self._truth(after.condition) is not holding:
            return True
        return holding is not False and after != evolve(before, condition=after.condition)

    def _truth(self, condition: Condition) -> bool | None:
        return meaning.truth(condition, self._policy.facts, self._case)
