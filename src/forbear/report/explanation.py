"""An explanation as text: the verdict, then each rule on the action, then what would change it."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.deciding.explain import Explanation, RuleExplanation
from forbear.language.model.names import UNSAID, verdict_word
from forbear.report.moments import moment_text
from forbear.report.text import Line, Style

_FEW = 3
"""More rules than these that do not matter are named on one line."""
_CHANGES = 8
"""The most changes that are listed."""


def explanation_lines(explanation: Explanation, *, full: bool = False) -> Iterator[Line]:
    """The lines of an explanation: of what matters, or if `full` of every rule, fact and change."""
    decided = explanation.decision
    style: Style = "good" if decided.permitted else "error"
    verdict, by = decided.verdict.value, f" by {', '.join(decided.rules)}"
    if not decided.rules:
        verdict, by = UNSAID[0], f": {UNSAID[1]}"
    yield ((f"{explanation.action} is ", "strong"), (verdict, style), (by, "plain"))
    if explanation.description is not None:
        yield ((f"  {explanation.description}", "plain"),)
    facts = [fact for fact in explanation.facts if fact.matters or full]
    shown = [fact for fact in facts if full or not fact.usual]
    if facts:
        case = ", ".join(f"{fact.name} {fact.text}" for fact in shown)
        yield ((f"  case    {case or 'every fact that matters as usual'}", "plain"),)
    if explanation.moment is not None:
        yield ((f"  at      {_moment(explanation)}", "plain"),)
    elif explanation.day is not None:
        yield ((f"  on      {explanation.day}", "plain"),)
    for companion in decided.along:
        yield ((f"  with    {companion.action}, by {', '.join(companion.rules)}", "plain"),)
    for reason in decided.because:
        yield ((f"  because {reason}", "plain"),)
    for source in decided.source:
        yield ((f"  source  {source}", "plain"),)
    if decided.unknown:
        yield ((f"  unknown {', '.join(decided.unknown)}", "plain"),)
    if not explanation.rules:
        yield (("no rule speaks of it", "plain"),)
    idle = [rule for rule in explanation.rules if not rule.matters]
    folded = idle if len(idle) > _FEW and not full else []
    for rule in explanation.rules:
        if rule not in folded:
            yield ()
            yield from _rule_lines(rule)
    if folded:
        yield ()
        names = ", ".join(dict.fromkeys(rule.name for rule in folded))
        yield (("do not hold, and would permit nothing: ", "strong"), (f"{names}  (--full)", "plain"))
    yield from _change_lines(explanation, {fact.name for fact in facts}, full=full)


def _moment(explanation: Explanation) -> str:
    """`2026-03-01 21:30 in America/New_York, the first time zone with this verdict; the case also has ...`."""
    moment = explanation.moment
    assert moment is not None
    text = moment_text(moment, in_words=not explanation.zones)
    further = [zone for zone in explanation.zones if zone != str(moment.tzinfo)]
    return f"{text}, the first time zone with this verdict; the case also has {', '.join(further)}" if further else text


def _change_lines(explanation: Explanation, mattering: set[str], *, full: bool) -> Iterator[Line]:
    """Yields the changes that would change the verdict, those of facts that matter first."""
    withheld = [reason for reason in explanation.withheld if full or reason.fact in mattering]
    if not explanation.changes and not withheld:
        return
    changes = sorted(explanation.changes, key=lambda change: change.fact not in mattering)
    shown = changes if full or len(changes) <= _CHANGES + 1 else changes[:_CHANGES]
    yield ()
    yield (("what would change it:", "strong"),)
    for change in shown:
        after = verdict_word(change.verdict)
        yield ((f"  {change.fact} {change.text}", "plain"), (" -> ", "strong"), (after, "strong"))
    if len(shown) < len(changes):
        yield ((f"  and {len(changes) - len(shown)} more changes of one fact  (--full)", "plain"),)
    for reason in withheld:
        yield ((f"  {reason.message}", "plain"),)


def _rule_lines(rule: RuleExplanation) -> Iterator[Line]:
    start = rule.place.start
    where = f"  ({rule.place.source.name}:{start.line})"
    title = f' "{rule.title}"' if rule.title is not None else ""
    yield ((f"{rule.effect} by {rule.name}{title}: ", "strong"), (rule.standing, "strong"), (where, "place"))
    if rule.standing == "not in force":
        yield ((f"  it is {rule.period}", "plain"),)
    if rule.set_aside_by:
        yield ((f"  set aside by {', '.join(rule.set_aside_by)}", "plain"),)
    for clause in rule.clauses:
        mark = {True: "yes", False: "no", None: "unknown"}[clause.holds]
        yield ((f"  {mark:8}", "place"), (clause.text if clause.holds else clause.missing or clause.text, "plain"))
