"""An explanation as text: the verdict, then each rule on the action, then what would change it."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.report.text import Line, Style
from forbear.runtime.explain import Explanation, RuleExplanation


def explanation_lines(explanation: Explanation) -> Iterator[Line]:
    """The lines of an explanation."""
    decided = explanation.decision
    style: Style = "good" if decided.permitted else "error"
    by = f" by {', '.join(decided.rules)}" if decided.rules else ": no rule permits it, so it is not permitted"
    yield ((f"{explanation.action} is ", "strong"), (decided.verdict.value, style), (by, "plain"))
    for its in decided.along:
        yield ((f"  with    {its.action}, by {', '.join(its.rules)}", "plain"),)
    for reason in decided.because:
        yield ((f"  because {reason}", "plain"),)
    for source in decided.source:
        yield ((f"  source  {source}", "plain"),)
    if decided.unknown:
        yield ((f"  unknown {', '.join(decided.unknown)}", "plain"),)
    if not explanation.rules:
        yield (("no rule speaks of it", "plain"),)
    for rule in explanation.rules:
        yield ()
        yield from _rule_lines(rule)
    if explanation.changes:
        yield ()
        yield (("what would change it:", "strong"),)
        for change in explanation.changes:
            yield ((f"  {change.fact} {change.text}", "plain"), (f" -> {change.verdict.value}", "strong"))


def _rule_lines(rule: RuleExplanation) -> Iterator[Line]:
    start = rule.place.start
    where = f"  ({rule.place.source.name}:{start.line})"
    yield ((f"{rule.effect} by {rule.name}: ", "strong"), (rule.standing, "strong"), (where, "place"))
    if rule.standing == "not in force":
        yield ((f"  it is {rule.period}", "plain"),)
    if rule.set_aside_by:
        yield ((f"  set aside by {', '.join(rule.set_aside_by)}", "plain"),)
    for clause in rule.clauses:
        mark = {True: "yes", False: "no", None: "unknown"}[clause.holds]
        yield ((f"  {mark:8}", "place"), (clause.text if clause.holds else clause.missing or clause.text, "plain"))
