"""Describes in words on which days of the clock a rule decides, for readers of its name."""

from __future__ import annotations

from functools import lru_cache

from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.spans import rule_spans, to_the_day
from forbear.editors.editing.reading import Reading
from forbear.editors.editing.showing.lenses import rules_of
from forbear.language.model.names import counted
from forbear.language.model.policy import Rule
from forbear.report.page.chart import united
from forbear.report.page.scale import days_text
from forbear.report.sentences import actions_in_words
from forbear.space.search.bound import BoundReached

_MOST_ROWS = 12
"""Rows of a table of which it is said when they decide."""


def decides_when(reading: Reading, name: str) -> list[str]:
    """Returns the days on which the rule of a name, or each row of the table of that name, decides; empty while the
    text has errors. Each text is a paragraph.
    """
    policy = reading.policy
    if policy is None:
        return []
    names = rules_of(reading, name)
    rules = [(number, rule) for number, rule in enumerate(policy.rules) if rule.name in names]
    texts = [_of_rule(_analysis(reading), number, rule) for number, rule in rules[:_MOST_ROWS]]
    if len(rules) < 2:
        return texts
    more = [f"and {counted(len(rules) - _MOST_ROWS, 'more row')}"] if len(rules) > _MOST_ROWS else []
    rows = zip(rules, texts, strict=False)
    return ["\n".join([f"- `{rule.name}` {text}" for (_, rule), text in rows] + [f"- {text}" for text in more])]


def _of_rule(analysis: Analysis, number: int, rule: Rule) -> str:
    policy = analysis.policy
    by_days: dict[str, list[str]] = {}
    try:
        for action in rule.effects:
            spans = rule_spans(analysis, action, number)
            days = days_text(analysis, united(span.runs for span in spans))
            by_days.setdefault(days or "in some case" if spans else "", []).append(action)
    except BoundReached:
        return "decides on days that would take long to find"
    never = by_days.pop("", [])
    if not by_days:
        return "decides nothing by itself"
    parts = [f"{', '.join(actions_in_words(actions, policy.groups))}: {days}" for days, actions in by_days.items()]
    if never:
        parts.append(f"{', '.join(actions_in_words(never, policy.groups))}: never, other rules decide")
    return f"decides {'; '.join(parts)}"


@lru_cache(maxsize=2)
def _analysis(reading: Reading) -> Analysis:
    """Returns the analysis, kept for the most recent texts, because it takes longer than a request."""
    assert reading.policy is not None
    return to_the_day(analyse(reading.policy))
