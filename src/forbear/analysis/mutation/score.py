"""The mutation score of a policy: of the slips of its author that change a verdict, how many its promises notice.

A mutant is equivalent only where it is proved that every case has the same verdicts. One for which that is not settled
within the bound of work is `undecided`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from attrs import evolve, frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import BOUND, Point, PolicySpace, check_witness, policy_space
from forbear.analysis.engine.verdicts import VerdictFormulas, Verdicts
from forbear.analysis.findings.promises.failed_example import is_met
from forbear.analysis.findings.promises.failed_promise import failed_conforms, failed_ensures
from forbear.analysis.mutation.mutants import Mutant, concerned, mutants
from forbear.analysis.mutation.trials import Trials, window_mutants
from forbear.language.model.policy import Example, Expectation, Expected, TypedPolicy
from forbear.semantics import meaning
from forbear.space.formulas import FALSE, Any, Formula, any_of, but_not, inside
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached


@frozen(eq=False)
class Unnoticed:
    """A case in which some mutants decide otherwise than the policy, and which no promise of it is about.

    An example of the case that expects the policy's verdicts on `actions` notices each of the mutants.
    """

    point: Point
    actions: tuple[str, ...]
    mutants: tuple[Mutant, ...]


@frozen(eq=False)
class MutationScore:
    """What the examples and ensures of a policy notice. The `idle` examples notice no mutant, and
    hold without the standards over the policy.

    The `equivalent` mutants change no verdict. Those that are `requiring` require in some cases what is allowed, and
    change nothing else: no example can tell, since one that expects `allowed` is met by `required`. Neither count.
    The `windows` are mutants in a window of events that are not noticed. They count, whether or not a case of the
    policy depends on the events in between: no case tells events.
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
        """How many mutants there are that an example could notice."""
        return self.noticed + len(self.windows) + sum(len(unnoticed.mutants) for unnoticed in self.unnoticed)

    @property
    def percent(self) -> float:
        """The noticed mutants, as a percentage of those that an example could notice; 100 where there is none."""
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
                    unnoticed.append(shown := _Shown(point))
                shown.add(mutant, policy)
        except (BoundReached, TooManyBoxes):
            undecided.append(mutant)
    return MutationScore(
        policy,
        noticed,
        tuple(equivalent),
        tuple(requiring),
        tuple([shown.unnoticed(policy) for shown in unnoticed]),
        tuple(undecided),
        tuple([policy.examples[number] for number in sorted(idle)]),
        tuple(windows),
    )


class _Shown:
    """A case that distinguishes some mutants from the policy, with the actions on which it does."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self._actions: set[str] = set()
        self._mutants: list[Mutant] = []

    def add(self, mutant: Mutant, policy: TypedPolicy) -> None:
        """Adds a mutant that the case distinguishes from the policy."""
        self._actions |= _told_apart(mutant, policy, self.point)
        self._mutants.append(mutant)

    def tells(self, mutant: Mutant, policy: TypedPolicy) -> bool:
        """Whether the case distinguishes a mutant from the policy."""
        return bool(_told_apart(mutant, policy, self.point))

    def unnoticed(self, policy: TypedPolicy) -> Unnoticed:
        return Unnoticed(self.point, tuple(filter(self._actions.__contains__, policy.actions)), tuple(self._mutants))


def _told_apart(mutant: Mutant, policy: TypedPolicy, point: Point) -> set[str]:
    """The actions on which a case distinguishes a mutant from the policy: an example of the case that expects the
    policy's verdict, with all that goes along, fails."""
    actions = set()
    for action in concerned(mutant, policy):
        by_policy = meaning.decide_action(policy, action, point.case, point.day)
        by_mutant = meaning.decide_action(mutant.policy, action, point.case, point.day)
        along = tuple([required.action for required in by_policy.along])
        if not is_met(by_mutant, Expected((action,), Expectation(by_policy.verdict.value), policy.place, along)):
            actions.add(action)
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
        self._regions, self._too_large = whole.regions, set(whole.too_large)
        self._space = evolve(whole, policy=policy, regions=whole.regions[: len(policy.rules)])
        self._searcher = Searcher(self._space)
        self._formulas = VerdictFormulas(self._space, self._searcher)

    def _of(self, mutant: Mutant) -> PolicySpace:
        regions = list(self._space.regions)
        for number, place in self._places[mutant].items():
            regions[number] = self._regions[place]
        return evolve(self._space, policy=mutant.policy, regions=tuple(regions))

    def difference(self, mutant: Mutant) -> Point | None:
        """A case that distinguishes the mutant from the policy; None where it is proved that there is none.

        Raises `BoundReached` or `TooManyBoxes`.
        """
        point = self._find(mutant, _tellable)
        if point is not None:
            check_witness(bool(_told_apart(mutant, self._space.policy, point)), "a mutant", point)
        return point

    def is_equivalent(self, mutant: Mutant) -> bool:
        """Whether a mutant without a `difference` changes no verdict at all. Raises as `difference` does."""
        return self._find(mutant, lambda old, new: but_not(new.required, old.required)) is None

    def _find(self, mutant: Mutant, differ: Callable[[Verdicts, Verdicts], Formula]) -> Point | None:
        """A case in which the verdicts of the policy and of the mutant on an action differ as asked for."""
        self._searcher.bound.left = self._searcher.spare.left = BOUND // 4
        actions = concerned(mutant, self._space.policy)
        if any(self._is_too_large(action) for action in actions):
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

    def _is_too_large(self, action: str) -> bool:
        return evolve(self._space, too_large=tuple(self._too_large)).is_too_large(action)

    def _holding(self, number: int, mutated: PolicySpace) -> Formula:
        """Where a rule holds before or after the slip: the verdicts can differ nowhere else."""
        return inside([*self._space.regions[number].possible, *mutated.regions[number].possible])

    def breaks_ensure(self, mutant: Mutant) -> bool:
        """Whether the mutant breaks an ensure of the policy. Raises `BoundReached` or `TooManyBoxes`."""
        if not self._space.policy.ensures and not self._space.policy.conforms:
            return False
        space = self._of(mutant)
        analysis = Analysis(space, Searcher(space))
        candidates = chain(failed_ensures(analysis), failed_conforms(analysis))
        return any(candidate.find(space.possible_cases.formula) is not None for candidate in candidates)


def _tellable(old: Verdicts, new: Verdicts) -> Formula:
    """Where the verdict on an action differs, and an example can tell: one that expects `allowed` takes `required`."""
    return any_of(
        (
            but_not(old.forbidden, new.forbidden),
            but_not(old.required, new.required),
            but_not(old.permitted, new.permitted),
            but_not(old.unsaid, new.unsaid),
        )
    )
