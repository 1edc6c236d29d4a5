"""What a policy says of a case of which some facts are open: each verdict, as a condition on these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forbear.kernel.cases import CaseError, Verdict, unknown_name
from forbear.queries.opened.answers import Answers
from forbear.queries.opened.covering import fewest
from forbear.queries.opened.outcomes import Outcome, outcome
from forbear.space.in_words import box_text

_ORDER = (Verdict.REQUIRED, Verdict.ALLOWED, Verdict.FORBIDDEN, Verdict.UNSAID)


class Partial(Mapping[str, tuple[Outcome, ...]]):
    """For each action what may come of it: outcomes of which exactly one holds for any values of the open facts.

    An action that the vocabulary lacks raises `CaseError`.
    """

    __slots__ = ("_by_action", "opened")

    def __init__(self, opened: tuple[str, ...], by_action: Mapping[str, tuple[Outcome, ...]]) -> None:
        self.opened = opened
        """The open facts."""
        self._by_action = by_action

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
        return {action: [each_outcome.as_json() for each_outcome in outcomes] for action, outcomes in self.items()}


def outcomes_of(answers: Answers, action: str) -> tuple[Outcome, ...]:
    """What may come of an action, each with a condition of as few alternatives as can be found."""
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
