"""Asks a policy about cases of which some facts are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from attrs import evolve, frozen

from forbear.kernel.cases import CaseError, Verdict, as_dict, unknown_name
from forbear.kernel.faults import fault, listed_facts
from forbear.language.model.conditions import facts_in
from forbear.language.model.policy import TypedPolicy, compared_with_private
from forbear.language.model.values import plain_json
from forbear.queries.opened.answers import Answers, NoCase, TooManyCases, rules_on
from forbear.queries.opened.given import following, follows, read_given
from forbear.queries.opened.outcomes import Outcome, fewest, outcome
from forbear.queries.opened.questions import Questions, TooLarge, questions_of
from forbear.space.in_words import box_text
from forbear.space.predicates.specs import Specs, specs
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached

# What a policy says of a case of which some facts are open: each verdict, as a condition on these.


_ORDER = (Verdict.REQUIRED, Verdict.ALLOWED, Verdict.FORBIDDEN, Verdict.UNSAID)


@frozen(eq=False, repr=False)
class Partial(Mapping[str, tuple[Outcome, ...]]):
    """The possible outcomes of each action, of which exactly one holds for any values of the open facts.

    An action that the vocabulary lacks raises `CaseError`.
    """

    opened: tuple[str, ...]
    """The open facts."""
    _by_action: Mapping[str, tuple[Outcome, ...]]
    covered: Mapping[str, tuple[date, date]]
    """The first and last day that no outcome goes beyond, of open dates by which working days are counted."""

    def __getitem__(self, action: str) -> tuple[Outcome, ...]:
        try:
            return self._by_action[action]
        except (KeyError, TypeError):
            raise CaseError([unknown_name(None, action, self._by_action, "action")]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_action)

    def __len__(self) -> int:
        return len(self._by_action)

    def __repr__(self) -> str:
        settled = [action for action, outcomes in self.items() if len(outcomes) == 1]
        return f"<Partial: {', '.join(self.opened) or 'nothing'} open, {len(settled)} of {len(self)} actions settled>"

    def as_json(self) -> dict[str, object]:
        """The `decisions` object that `forbear decide --open` prints."""
        return {action: plain_json(outcomes) for action, outcomes in self.items()}


def outcomes_of(answers: Answers, action: str) -> tuple[Outcome, ...]:
    """Returns the possible outcomes of an action, each with a condition of as few alternatives as can be found."""
    decided = answers.decided(action)
    space = answers.space
    absent = {name: axis.everything & ~axis.known for name, axis in space.axes.items()}
    absent |= {name: form.everything & ~form.known for name, form in space.forms.items()}
    outcomes = []
    for answer in sorted(decided.by_answer, key=lambda candidate: (_ORDER.index(candidate[0]), candidate[1])):
        where = decided.by_answer[answer]
        cost = lambda box: len(box_text(box, space)) if box else 0  # noqa: E731
        many = len(decided.by_answer) > 1
        boxes = fewest(where, answers.cases.possible, decided.search, cost, absent) if many else [{}]
        outcomes.append(outcome(decided, answer, boxes))
    return tuple(outcomes)


class Asker:
    """Asks one policy. It never changes, and threads may share it."""

    def __init__(self, policy: TypedPolicy) -> None:
        self._policy = policy
        self._tables = specs(policy)

    def partial(self, case: Mapping[str, object], opened: Sequence[str], on: object, at: object) -> Partial:
        """Returns the possible outcomes of each action. See `Policy.partial`."""
        opened = (opened,) if isinstance(opened, str) else tuple(dict.fromkeys(opened))
        for spec in self._tables.history.of_moment:
            if spec.name in opened and spec.measure != "time" and on is not None:
                raise CaseError([fault(spec.name, "open-after-day", name=spec.name)])
        answers = self._answers(self._tables, tuple(self._tables.told), case, opened, on, at, False)
        for name, private_name in self._hidden(answers).items():
            raise CaseError([fault(name, "open-beside-private", name=name, other=private_name)])
        try:
            covered = {
                name: (date.fromordinal(first), date.fromordinal(last))
                for name, (first, last) in answers.covered.items()
            }
            return Partial(opened, {action: outcomes_of(answers, action) for action in answers.actions}, covered)
        except _UNANSWERED as error:
            raise _unanswered(answers, error) from None

    def ask(self, action: str, case: Mapping[str, object], on: object, at: object) -> Questions:
        """Returns the facts that still matter for an action. See `Policy.ask`."""
        if action not in self._policy.actions:
            raise CaseError([unknown_name(None, action, self._policy.actions, "action")])
        tables = self._about(action)
        asked = tables.without_history(case)
        entries = as_dict(asked) or {}
        missing = [name for name in tables.needed if name not in entries]
        settled = {following.fact for following in follows(tables, entries, missing, on, at)}
        opened = tuple([name for name in missing if name not in settled])
        answers = self._answers(tables, (action,), asked, opened, on, at, True)
        try:
            return questions_of(answers, action, self._hidden(answers))
        except _UNANSWERED as error:
            raise _unanswered(answers, error) from None

    def _about(self, action: str) -> Specs:
        """The tables, with the facts that the rules on one action read."""
        rules = [self._tables.policy.rules[number] for number in rules_on(self._tables, action)]
        read = {name for rule in rules for name in facts_in(rule.condition)}
        needed = tuple([name for name in self._tables.needed if name in read])
        history = self._tables.history.but(needed=self._tables.history.needed & read)
        return evolve(self._tables, needed=needed, history=history)

    def _answers(
        self,
        tables: Specs,
        actions: tuple[str, ...],
        case: object,
        opened: tuple[str, ...],
        on: object,
        at: object,
        may_stay_unknown: bool,
    ) -> Answers:
        ages = following(tables, opened, (on or at) is not None)
        by_zone = read_given(tables, self._policy, case, opened, ages, on, at)
        return Answers(tables, by_zone, opened, ages, actions, may_stay_unknown)

    def _hidden(self, answers: Answers) -> dict[str, str]:
        """Returns the open facts that a rule compares with a private fact that is not open, each with that fact."""
        ages = answers.ages.dates
        private_by_open = compared_with_private(self._policy, {*answers.opened, *ages})
        return {ages.get(name, name): private_name for name, private_name in private_by_open.items()}


_UNANSWERED = (TooLarge, TooManyBoxes, TooManyCases, BoundReached, NoCase)


def _unanswered(answers: Answers, error: Exception) -> CaseError:
    if isinstance(error, NoCase):
        return CaseError([fault(None, "no-case-of-open", **listed_facts(answers.space.axes))])
    together = answers.cases.together
    if not together or not isinstance(error, BoundReached):
        return CaseError([fault(None, "too-many-cases", **listed_facts(answers.space.axes))])
    why = {"reason": str(error)} if str(error) else {}
    code = "cases-of-relations" if answers.space.forms else "cases-of-dates"
    return CaseError([fault(None, code, **listed_facts(together), **why)])
