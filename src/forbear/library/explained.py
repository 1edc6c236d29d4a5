"""Explanations in words. They are written above the room that decides."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from forbear.base.characters import printable
from forbear.deciding import explain as deciding
from forbear.deciding.decision import Decision
from forbear.language.model.policy import TypedPolicy
from forbear.report.explanation import explanation_lines


@frozen
class Explanation(deciding.Explanation):
    def text(self, *, full: bool = False) -> str:
        """Returns the lines that `forbear explain` prints or, with `full`, those that it prints with `--full`."""
        lines = ["".join([text for text, _ in line]) for line in explanation_lines(self, full=full)]
        return "\n".join([printable(line.removesuffix("  (--full)")) for line in lines])


def explain(
    policy: TypedPolicy, decision: Decision, action: str, case: Mapping[str, object], on: object, at: object
) -> Explanation:
    """Explains the verdict of a decision on an action."""
    its = deciding.explain(policy, decision, action, case, on, at)
    return Explanation(**{name: getattr(its, name) for name in deciding.Explanation.__match_args__})
