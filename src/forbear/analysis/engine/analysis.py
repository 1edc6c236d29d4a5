"""What a finder is given: a policy's space, searches of it, and what was found out of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from attrs import evolve, field, frozen

from forbear.analysis.engine.containment import Containment, RulesByEffect
from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import PolicySpace, policy_space
from forbear.analysis.engine.verdicts import VerdictFormulas
from forbear.diagnostic import Diagnostic
from forbear.model.conditions import Condition
from forbear.model.policy import TypedPolicy
from forbear.source import Place
from forbear.space.formulas import Formula


@frozen
class Candidate:
    """Something that may be a finding: the names that an `accept` knows it by, and a search for it.

    The search takes one more condition that the case must meet, and gives the finding, with a witness that meets it, or
    None. `place` is where it is reported, if that is not where its names say.
    """

    names: tuple[str, ...]
    find: Callable[[Formula], Diagnostic | None]
    place: Place | None = None


@frozen(slots=False, eq=False)
class Analysis:
    """The analysis of one policy. What it finds out is kept."""

    space: PolicySpace
    searcher: Searcher
    _accepted: dict[str, Mapping[int, int]] = field(factory=dict, init=False)

    @property
    def policy(self) -> TypedPolicy:
        """The policy that is analysed."""
        return self.space.policy

    @cached_property
    def formulas(self) -> VerdictFormulas:
        """Where rules are active, and actions have which verdict."""
        return VerdictFormulas(self.space, self.searcher)

    @cached_property
    def by_effect(self) -> RulesByEffect:
        """Which rules have which effects."""
        return RulesByEffect(self.space)

    @cached_property
    def containment(self) -> Containment:
        """Which rules add nothing to which others."""
        return Containment(self.space, self.searcher, self.by_effect)

    def accepted_with(self, code: str) -> Mapping[int, int]:
        """For each rule its partners in the pairs that an `accept` of a code names, by their bits in the row."""
        if code not in self._accepted:
            self._accepted[code] = self.space.accepted_with(code)
        return self._accepted[code]

    def of(self, space: PolicySpace) -> Analysis:
        """The analysis of another space, with the same budgets."""
        return Analysis(space, evolve(self.searcher, space=space))


Finder = Callable[[Analysis], Iterable[Candidate | int]]
"""Gives the candidates for a finding, or counts some that are certain and that nobody asks for."""


@frozen
class Finding:
    """A kind of finding, by its code. `of_rules_alone` says that what is found among some rules does not depend on the
    others; `of_what_is_left_open` that it asks what a policy permits, which a standard leaves to others."""

    code: str
    find: Finder
    of_rules_alone: bool = False
    of_what_is_left_open: bool = False


def analyse(policy: TypedPolicy, more: Iterable[Condition] = ()) -> Analysis:
    """The analysis of a policy, in a space that is cut for `more` conditions too."""
    space = policy_space(policy, more)
    return Analysis(space, Searcher(space))
