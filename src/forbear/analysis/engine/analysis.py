"""The analysis of a policy, from which findings are made: its space, searches of it, and memoised results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from attrs import evolve, field, frozen

from forbear.analysis.engine.containment import Containment, RulesByEffect
from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import Point, PolicySpace, check_witness, policy_space
from forbear.analysis.engine.verdicts import VerdictFormulas
from forbear.base.diagnostic import Code, Diagnostic
from forbear.base.source import Place
from forbear.kernel.cases import PERMITTED
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.space.boundaries import all_starts
from forbear.space.formulas import All, Formula, inside
from forbear.space.search.bound import BoundReached


@frozen
class Candidate:
    """A possible finding: the names by which an `accept` refers to it, and a search for it.

    `find` takes a further condition on the witness, and returns the finding with a witness that meets it, or None.
    `place` is where the finding is reported, if that does not follow from the names.
    """

    names: tuple[str, ...]
    find: Callable[[Formula], Diagnostic | None]
    place: Place | None = None

    @staticmethod
    def certain(names: tuple[str, ...], finding: Diagnostic) -> Candidate:
        """A finding that needs no search."""
        return Candidate(names, lambda more: finding, finding.place)


@frozen(slots=False, eq=False)
class Analysis:
    """The analysis of one policy. Its results are memoised."""

    space: PolicySpace
    searcher: Searcher
    today: int | None = None
    """The day on which the policy is looked at, an ordinal; without one nothing is past."""
    pairs: dict[Place, Any] = field(factory=dict, init=False)
    """By the place of a promise to conform to a standard: policy and standard in one space, a `Pair` of
    `comparison/`.
    """
    _accepted: dict[str, Mapping[int, int]] = field(factory=dict, init=False)

    @property
    def policy(self) -> TypedPolicy:
        """The policy that is analysed."""
        return self.space.policy

    @cached_property
    def formulas(self) -> VerdictFormulas:
        """The formulas of active rules and of verdicts."""
        return VerdictFormulas(self.space, self.searcher)

    @cached_property
    def by_effect(self) -> RulesByEffect:
        """The rules by their effects."""
        return RulesByEffect(self.space)

    @cached_property
    def containment(self) -> Containment:
        """The pairs of rules of which one adds nothing to the other."""
        return Containment(self.space, self.searcher, self.by_effect)

    def accepted_with(self, code: str) -> Mapping[int, int]:
        """Returns, for each rule, its partners in the pairs that an `accept` of a code names, by their bits in the
        row.
        """
        if code not in self._accepted:
            numbers = {rule.name: number for number, rule in enumerate(self.policy.rules)}
            of_code = [accept.names for accept in self.policy.accepts if accept.code == code and len(accept.names) == 2]
            pairs = [[numbers[name] for name in names] for names in of_code if numbers.keys() >= {*names}]
            partners: dict[int, int] = {}
            for first, second in [*pairs, *[pair[::-1] for pair in pairs]]:
                partners[first] = partners.get(first, 0) | self.space.row.mask([second])
            self._accepted[code] = partners
        return self._accepted[code]

    def by_accept(self, code: str, actions: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """The actions of each finding of a code: those together that the same accepts name, so that an accept of some
        leaves the others."""
        together: dict[tuple[Place, ...], list[str]] = {}
        accepts = [accept for accept in self.policy.accepts if accept.code == code]
        for action in actions:
            together.setdefault(tuple([a.place for a in accepts if action in a.names]), []).append(action)
        yield from map(tuple, together.values())

    def permitted(
        self, code: str, actions: Iterable[str], told: Callable[[tuple[str, ...], str, Point], Diagnostic]
    ) -> Iterator[Candidate]:
        """Yields a candidate for each group of some actions that the same accepts name, and for all that none names.
        `told` makes the finding of the group, its first action that is permitted in a case, and a minimal such case.
        """

        def find(together: tuple[str, ...], more: Formula) -> Diagnostic | None:
            for action in together:
                point = self.searcher.case(self.formulas.verdicts(action).permitted, more)
                if point is not None:
                    check_witness(self.space.verdict(action, point) in PERMITTED, "a permitted action", point)
                    return told(together, action, point)
            return None

        return (Candidate(together, partial(find, together)) for together in self.by_accept(code, actions))

    def of(self, space: PolicySpace) -> Analysis:
        """The analysis of another space, with the same bounds."""
        return Analysis(space, evolve(self.searcher, space=space), self.today)

    def each_day(self, more: Iterable[Condition] = ()) -> Analysis:
        """The same, with the days for which nobody has to ask: those before the standards over the policy."""
        if all_starts(self.policy) == self.space.cells.starts:
            return self
        space = policy_space(self.policy, more, self.space.effort, each_day=True)
        return self.of(evolve(space, bound=self.space.bound))


Finder = Callable[[Analysis], Iterable[Candidate | int]]
"""Gives the candidates for a finding, and numbers of certain findings that are only counted."""


def unless_standard(policy: TypedPolicy) -> bool:
    """Returns true unless the policy is a standard, for findings about cases that a policy leaves open: a standard does
    so on purpose.
    """
    return not policy.standard


def by_place_and_case(finding: Diagnostic) -> tuple[str, ...]:
    """The cause of findings that one case shows at one place."""
    return (f"{finding.code} at {finding.place}: {finding.cases}",) if finding.cases else ()


@frozen
class Finding:
    """A kind of finding: its code, how it is found, and the policies in which it is looked for.

    With `of_rules_alone`, findings about some rules do not depend on the other rules. `causes` gives texts for a
    finding: findings that have one in common, of this kind or of others, are reported as one.
    """

    code: Code
    find: Finder
    of_rules_alone: bool = False
    applies: Callable[[TypedPolicy], bool] = lambda policy: True
    causes: Callable[[Diagnostic], tuple[str, ...]] = by_place_and_case


def last_word(rules: Sequence[str]) -> tuple[str, ...]:
    """The cause of findings about what some rules leave no other to decide."""
    return (f"the last word: {', '.join(rules)}",)


def ending(finding: Diagnostic) -> tuple[str, ...]:
    """The causes of findings that begin with two cases, in the second of which something is lost: the two cases, and
    the rule that ends there."""
    before, after = finding.witnesses[:2]
    passing = [f"{name} {value} to {after.get(name)}" for name, value in before.items() if value != after.get(name)]
    return f"an end: {before}, {after}", f"an end of {finding.place}: {passing}"


def analyse(
    policy: TypedPolicy,
    more: Iterable[Condition] = (),
    effort: int = 1,
    today: int | None = None,
    between: Callable[[], None] = lambda: None,
    *,
    each_day: bool = False,
) -> Analysis:
    """The analysis of a policy, in a space with cells in which `more` conditions agree too; with `each_day`, also of
    the days for which nobody has to ask. Its searches call `between` often, and it may end them by raising."""
    space = policy_space(policy, more, effort, each_day=each_day)
    space.bound.between = between
    return Analysis(space, Searcher(space), today)


# Which rule of a policy keeps a promise in other cases than the one in which it is broken.


def keeping(
    analysis: Analysis,
    action: str,
    effects: Collection[Effect],
    numbers: Iterable[int],
    facts: Collection[str],
    where: Formula,
) -> int | None:
    """Returns a rule, among those with some `numbers`, that has one of some effects on an action and holds in some
    cases `where` a promise applies; None if there is none.

    Of several it is the one that reads the most of the `facts` that the promise reads, and the fewest others. A rule
    that reads none of them is left out, and so is one for which the search reaches its bound.
    """
    shared: dict[int, tuple[int, int]] = {}
    for number in numbers:
        rule = analysis.policy.rules[number]
        if rule.effects.get(action) in effects:
            read = set(facts_in(rule.condition))
            common = len(read.intersection(facts))
            if common or not facts:
                shared[number] = (-common, len(read) - common)
    search = analysis.searcher.spare_search()
    possible = analysis.space.possible_cases.formula
    try:
        for number in sorted(shared, key=shared.__getitem__):
            holds = inside(analysis.space.of_effect(number, analysis.policy.rules[number].effects[action]))
            if search.find(All((holds, where, possible))) is not None:
                return number
    except BoundReached:
        pass
    return None
