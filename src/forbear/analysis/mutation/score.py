"""The mutation score of a policy: of the slips of its author that change a verdict, how many its promises notice.

A mutant is equivalent only where it is proved that every case has the same verdicts. One for which that is not settled
within the bound of work is `undecided`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from attrs import evolve, frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import BOUND, Point, PolicySpace, check_witness, policy_space
from forbear.analysis.engine.verdicts import VerdictFormulas, Verdicts
from forbear.analysis.findings.promises.failed_example import example_case, failing, is_met
from forbear.analysis.findings.promises.failed_promise import failed_conforms, failed_ensures
from forbear.analysis.mutation.mutants import Mutant, Slip, SlipKind, concerned, mutants, without_standards
from forbear.kernel.cases import ActionDecision, InPart, Verdict
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.derived import Derived, Window
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.names import bundled_in
from forbear.language.model.policy import Example, Expectation, Expected, Past, Rule, TypedPolicy, own_rules
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.past import follow
from forbear.semantics.to_text import window_text
from forbear.space.formulas import FALSE, Any, Formula, any_of, but_not, inside
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached

# Which examples a mutant fails, and the idle examples, which no mutant fails.


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
    if window.span in ("days", "working days", "hours", "minutes", "months", "at least", "between"):
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
        return {number for number, fails in zip(near, failing(tried), strict=True) if fails}


class _Case:
    """A case, with the truth of the conditions that were read for it."""

    def __init__(self, policy: TypedPolicy, case: meaning.Case) -> None:
        self._policy = policy
        self._case: meaning.Case = {**dict.fromkeys(policy.facts), **case}
        self._truths: dict[int, bool | None] = {}

    def may_tell(self, mutant: Mutant) -> bool:
        """Returns true if a mutant may decide the case differently from the policy."""
        return any(self._may_differ(number, after) for number, after in mutant.rules.items())

    def _may_differ(self, number: int, after: Rule) -> bool:
        """Returns true if a rule may differ in the case before and after a slip."""
        before = self._policy.rules[number]
        if number not in self._truths:
            self._truths[number] = self._truth(before.condition)
        holding = self._truths[number]
        if after.condition is not before.condition and self._truth(after.condition) is not holding:
            return True
        return holding is not False and after != evolve(before, condition=after.condition)

    def _truth(self, condition: Condition) -> bool | None:
        return meaning.truth(condition, self._policy.facts, self._case)


class _Reading:
    """An example and its case."""

    def __init__(self, policy: TypedPolicy, example: Example) -> None:
        self._policy = policy
        self._example = example
        self._actions = {action for expected in example.expected for action in expected.actions}
        self._case = _Case(policy, example_case(example))

    def may_tell(self, mutant: Mutant, example: Example) -> bool:
        """Returns true if a mutant may decide the example, as it has it, differently from the policy."""
        if example.given != self._example.given:
            return True
        return self._case.may_tell(mutant) and not self._actions.isdisjoint(concerned(mutant, self._policy))


@frozen(eq=False)
class Unnoticed:
    """A case in which some mutants decide differently from the policy, and which no promise of the policy is about.

    An example of the case that expects the policy's verdicts on `actions` notices each of the mutants.
    `dangers` has a number for each, the least for the worst.
    """

    point: Point
    actions: tuple[str, ...]
    mutants: tuple[Mutant, ...]
    dangers: tuple[int, ...]


@frozen(eq=False)
class MutationScore:
    """The slips that the examples and ensures of a policy notice. The `idle` examples notice no mutant, and hold
    without the standards over the policy. The most dangerous of the `unnoticed` come first.

    The `equivalent` mutants change no verdict. Those that are `requiring` require in some cases what is allowed, and
    change nothing else: no example can notice, because one that expects `allowed` is met by `required`. Neither count.
    The `windows` are mutants in a window of events that are not noticed. They count, whether or not a case of the
    policy depends on the events in between: cases have no events.
    """

    policy: TypedPolicy
    noticed: int
    equivalent: tuple[Mutant, ...]
    requiring: tuple[Mutant, ...]
    unnoticed: tuple[Unnoticed, ...]
    undecided: tuple[Mutant, ...]
    idle: tuple[Example, ...]
    windows: tuple[Mutant, ...] = ()

    @property
    def counted(self) -> int:
        """The number of mutants that an example could notice."""
        return self.noticed + len(self.windows) + sum(len(unnoticed.mutants) for unnoticed in self.unnoticed)

    @property
    def percent(self) -> float:
        """The noticed mutants, as a percentage of those that an example could notice; 100 if there are none."""
        return 100 * self.noticed / self.counted if self.counted else 100.0


def mutation_score(policy: TypedPolicy) -> MutationScore:
    """The score of a policy whose examples and ensures hold."""
    trials = Trials(policy)
    idle = trials.of_rules
    survivors: list[Mutant] = []
    noticed = 0
    windows: list[Mutant] = []
    for mutant in chain(mutants(policy), window_mutants(policy)):
        failed = trials.failed(mutant, range(len(policy.examples)))
        idle -= failed
        if failed:
            noticed += 1
        else:
            (survivors if mutant.fact is None else windows).append(mutant)
    unnoticed: list[_Shown] = []
    undecided: list[Mutant] = []
    equivalent: list[Mutant] = []
    requiring: list[Mutant] = []
    searches = _Searches(policy, survivors)
    for mutant in survivors:
        try:
            shown = next((known for known in unnoticed if known.tells(mutant, policy)), None)
            point = shown.point if shown is not None else searches.difference(mutant)
            if point is None:
                (equivalent if searches.is_equivalent(mutant) else requiring).append(mutant)
            elif searches.breaks_ensure(mutant):
                noticed += 1
            else:
                if shown is None:
                    unnoticed.append(shown := _Shown(policy, point))
                shown.add(mutant, policy)
        except (BoundReached, TooManyBoxes):
            undecided.append(mutant)
    return MutationScore(
        policy,
        noticed,
        tuple(equivalent),
        tuple(requiring),
        tuple(sorted([shown.unnoticed(policy) for shown in unnoticed], key=lambda its: min(its.dangers))),
        tuple(undecided),
        tuple([policy.examples[number] for number in sorted(idle)]),
        tuple(windows),
    )


class _Shown:
    """A case that distinguishes some mutants from the policy, with the actions on which it does."""

    def __init__(self, policy: TypedPolicy, point: Point) -> None:
        self.point = point
        self._case = _Case(policy, point.case)
        self._decided: dict[str, ActionDecision] = {}
        self._actions: set[str] = set()
        self._dangers: dict[Mutant, int] = {}

    def add(self, mutant: Mutant, policy: TypedPolicy) -> None:
        """Adds a mutant that the case distinguishes from the policy."""
        by_action = _told_apart(mutant, policy, self.point, self._decided)
        self._actions |= by_action.keys()
        self._dangers[mutant] = min(by_action.values())

    def tells(self, mutant: Mutant, policy: TypedPolicy) -> bool:
        """Returns true if the case distinguishes a mutant from the policy."""
        return self._case.may_tell(mutant) and bool(_told_apart(mutant, policy, self.point, self._decided))

    def unnoticed(self, policy: TypedPolicy) -> Unnoticed:
        actions = tuple(filter(self._actions.__contains__, policy.actions))
        return Unnoticed(self.point, actions, tuple(self._dangers), tuple(self._dangers.values()))


_DANGER = {(Verdict.FORBIDDEN, True): 0, (Verdict.UNSAID, True): 1, (Verdict.REQUIRED, False): 2}
"""The worst that a mutant does, by the policy's verdict and whether the mutant permits the action."""


def _told_apart(
    mutant: Mutant, policy: TypedPolicy, point: Point, decided: dict[str, ActionDecision]
) -> Mapping[str, int]:
    """Returns the actions on which a case distinguishes a mutant from the policy, each with how dangerous that is: an
    example of the case that expects the policy's verdict, with all companions, fails. `decided` remembers the policy's
    decisions.
    """
    actions = {}
    for action in concerned(mutant, policy):
        if action not in decided:
            decided[action] = meaning.decide_action(policy, action, point.case, point.day)
        by_policy = decided[action]
        by_mutant = meaning.decide_action(mutant.policy, action, point.case, point.day)
        along = tuple([required.action for required in by_policy.along])
        if not is_met(by_mutant, Expected((action,), Expectation(by_policy.verdict.value), policy.place, along)):
            actions[action] = _DANGER.get((by_policy.verdict, by_mutant.permitted), len(_DANGER))
    return actions


class _Searches:
    """Searches of a policy and some of its mutants, in one space."""

    def __init__(self, policy: TypedPolicy, searched: Sequence[Mutant]) -> None:
        rules = list(policy.rules)
        self._places: dict[Mutant, dict[int, int]] = {}
        for mutant in searched:
            self._places[mutant] = {number: len(rules) + nth for nth, number in enumerate(mutant.rules)}
            rules += mutant.rules.values()
        family = evolve(policy, rules=tuple(rules))
        whole = policy_space(family, [ensure.when for ensure in policy.ensures])
        self._regions = whole.regions
        self._space = evolve(whole, policy=policy, regions=whole.regions[: len(policy.rules)])
        self._searcher = Searcher(self._space)
        self._formulas = VerdictFormulas(self._space, self._searcher)

    def _of(self, mutant: Mutant) -> PolicySpace:
        regions = list(self._space.regions)
        for number, place in self._places[mutant].items():
            regions[number] = self._regions[place]
        return evolve(self._space, policy=mutant.policy, regions=tuple(regions))

    def difference(self, mutant: Mutant) -> Point | None:
        """Returns a case that distinguishes the mutant from the policy; None if it is proved that there is none.

        Raises `BoundReached` or `TooManyBoxes`.
        """
        point = self._find(mutant, _tellable)
        if point is not None:
            check_witness(bool(_told_apart(mutant, self._space.policy, point, {})), "a mutant", point)
        return point

    def is_equivalent(self, mutant: Mutant) -> bool:
        """Returns true if a mutant without a `difference` changes no verdict at all. Raises as `difference` does."""
        return self._find(mutant, lambda old, new: but_not(new.required, old.required)) is None

    def _find(self, mutant: Mutant, differ: Callable[[Verdicts, Verdicts], Formula]) -> Point | None:
        """Returns a case in which the verdicts of the policy and of the mutant on an action differ as required."""
        self._searcher.bound.left = self._searcher.spare.left = BOUND // 4
        actions = concerned(mutant, self._space.policy)
        if any(map(self._space.is_too_large, actions)):
            raise TooManyBoxes
        space = self._of(mutant)
        formulas = VerdictFormulas(space, self._searcher)
        where = Any(tuple([self._holding(number, space) for number in mutant.rules]))
        for action in actions:
            differing = differ(self._formulas.verdicts(action), formulas.verdicts(action))
            along = formulas.along(action)
            lost = [but_not(where, along.get(name, FALSE)) for name, where in self._formulas.along(action).items()]
            differing = any_of((differing, *lost))
            point = self._searcher.possible_case(where, differing)
            if point is not None:
                return point
        return None

    def _holding(self, number: int, mutated: PolicySpace) -> Formula:
        """Returns the formula for when a rule holds before or after the slip: the verdicts can differ nowhere else."""
        return inside([*self._space.regions[number].possible, *mutated.regions[number].possible])

    def breaks_ensure(self, mutant: Mutant) -> bool:
        """Returns true if the mutant breaks an ensure of the policy. Raises `BoundReached` or `TooManyBoxes`."""
        if not self._space.policy.ensures and not self._space.policy.conforms:
            return False
        space = self._of(mutant)
        analysis = Analysis(space, Searcher(space))
        candidates = chain(failed_ensures(analysis), failed_conforms(analysis))
        return any(candidate.find(space.possible_cases.formula) is not None for candidate in candidates)


def _tellable(old: Verdicts, new: Verdicts) -> Formula:
    """Returns the formula for when the verdict on an action differs so that an example can notice: one that expects
    `allowed` is met by `required`.
    """
    return any_of(
        (
            but_not(old.forbidden, new.forbidden),
            but_not(old.required, new.required),
            but_not(old.permitted, new.permitted),
            but_not(old.unsaid, new.unsaid),
        )
    )
