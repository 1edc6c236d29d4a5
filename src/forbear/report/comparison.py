"""The effect of a change of a policy, and violations of standards, as text.

Changes that differ only in the action are grouped, so that the report is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from forbear.analysis.comparison.conformance import Conformance, VacuousStandard, Violation
from forbear.analysis.comparison.difference import Change, Difference
from forbear.characters import printable
from forbear.composition.standards import omissions
from forbear.report.formats.json import dumps
from forbear.report.text import Line, Style, counted

# A difference


def difference_lines(found: Difference, old: str, new: str, limit: int) -> Iterator[Line]:
    """The lines of a difference between two policies with these names, with at most `limit` changes of one action."""
    yield from _vocabulary_lines(found, old, new)
    actions: tuple[str, ...] | None = None
    for its_actions, change in grouped(limited(found.changes, limit)):
        if its_actions != actions:
            yield ((", ".join(its_actions), "strong"),)
            actions = its_actions
        style: Style = "good" if change.after.value in ("allowed", "required") else "error"
        verdicts: Line = ((f"  {change.before.value} -> ", "plain"), (change.after.value, style))
        yield (*verdicts, (f" {printable(when(change))}", "plain"))
        yield (("    case: ", "place"), (dumps(change.witness), "plain"))
    for action, number in Counter(change.action for change in found.changes).items():
        if number > limit:
            left_out = f"{counted(number - limit, 'more change')} of {action}; --limit {number} shows all"
            yield ((left_out, "plain"),)
    for action in found.undecided:
        yield ((f"{action}: not all of its changes are known, the search reached its bound", "warning"),)
    yield (summary(found, old, new),)


def summary(found: Difference, old: str, new: str) -> tuple[str, Style]:
    if found.equivalent:
        return f"{old} and {new} are equivalent: every case has the same verdicts", "good"
    changed = {change.action for change in found.changes} | set(found.undecided)
    same = len({*found.new.actions, *found.old.actions}) - len(changed)
    return (
        f"{old} and {new} differ: {counted(len(found.changes), 'change')} of {counted(len(changed), 'action')}, "
        f"{counted(same, 'action')} as before",
        "warning",
    )


def _vocabulary_lines(found: Difference, old: str, new: str) -> Iterator[Line]:
    for what, text in vocabulary_remarks(found, old, new):
        yield ((f"{what}: ", "place"), (text, "plain"))


def vocabulary_remarks(found: Difference, old: str, new: str) -> Iterator[tuple[str, str]]:
    """The differences of vocabularies and settings: the subject of each, and a text."""
    for what, names in (("fact", found.facts), ("action", found.actions), ("setting", found.settings)):
        only_old, only_new = [name for name in names if not name.new], [name for name in names if not name.old]
        for side, only in ((old, only_old), (new, only_new)):
            if only:
                shown = [f"{name.name} ({name.old or name.new})" if what == "setting" else name.name for name in only]
                yield f"{what}s that only {side} has", ", ".join(shown)
        for name in names:
            if name.old and name.new:
                apart = f"; the one of {old} is called {name.apart} here" if name.apart else ""
                yield f"{what} {name.name}", f"{name.old} -> {name.new}{apart}"


def limited(changes: Sequence[Change], limit: int) -> Iterator[Change]:
    """The first `limit` changes of each action."""
    reported: Counter[str] = Counter()
    for change in changes:
        reported[change.action] += 1
        if reported[change.action] <= limit:
            yield change


def grouped(changes: Iterator[Change]) -> list[tuple[tuple[str, ...], Change]]:
    """Merges changes that differ only in the action; changes of the same actions follow each other."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        key = (change.before, change.after, change.condition, change.since, change.until)
        groups.setdefault(key, []).append(change)
    by_actions: dict[tuple[str, ...], list[Change]] = {}
    for group in groups.values():
        by_actions.setdefault(tuple(change.action for change in group), []).append(group[0])
    return [(actions, change) for actions, merged in by_actions.items() for change in merged]


def when(change: Change, quote: Callable[[str], str] = str) -> str:
    """The cases and days of a change in words. `quote` puts the condition in quotation marks."""
    since = "" if change.since is None else f" from {change.since.isoformat()}"
    until = "" if change.until is None else f" until {change.until.isoformat()}"
    text = "in every case" if change.condition == "always" else f"when {quote(change.condition)}"
    return f"{text},{since}{until}" if since or until else text


# A conformance


def conformance_lines(found: Conformance, policy: str) -> Iterator[Line]:
    """The lines of a conformance. `policy` is the name of the policy in messages."""
    for fact in found.facts:
        has = f"declares it as {fact.new}" if fact.new else "does not have it"
        apart = f"; the standard's is called {fact.apart} here" if fact.apart else ""
        yield (
            (f"fact {fact.name}: ", "place"),
            (f"a standard reads it as {fact.old}, and {policy} {has}{apart}", "plain"),
        )
    for violation in found.violations:
        yield from _violation_lines(violation)
        yield ()
    for undecided in found.undecided:
        rule = f"{undecided.standard_rule.name} of {undecided.standard.name}"
        text = f"{undecided.action}: whether a case breaks {rule} is not known, the search reached its bound"
        yield ((text, "warning"),)
    for vacuous in found.vacuous:
        is_so = "may be" if vacuous.how == "undecided" else "is"
        yield ((f"{vacuous.standard.name} {is_so} vacuous: ", "error"), (_vacuity(vacuous, policy), "plain"))
    if found.unjudged:
        text = "unjudged, since no rule of a standard speaks of them: "
        yield ((text, "place"), (", ".join(found.unjudged), "plain"))
    for name, texts in omissions(found.standards):
        yield ((f"what {name} does not say, by its own account:", "place"),)
        yield from (((f"  - {printable(text)}", "plain"),) for text in texts)
    yield (_conclusion(found, policy),)


def _vacuity(vacuous: VacuousStandard, policy: str) -> str:
    match vacuous.how:
        case "holds nowhere":
            return f"none of its rules holds in any case that {policy} can have"
        case "forbids nothing":
            return f"it requires nothing, and forbids nothing of which a rule of {policy} speaks"
        case "undecided":
            return "the search for what it forbids reached its bound"


def _conclusion(found: Conformance, policy: str) -> tuple[str, Style]:
    names = ", ".join(standard.name for standard in found.standards)
    if found.conforms:
        return f"{policy} conforms to {names}", "good"
    if found.violations:
        return f"{policy} does not conform to {names}: {counted(len(found.violations), 'violation')}", "error"
    if found.undecided:
        return f"whether {policy} conforms to {names} is not decided", "warning"
    silent = ", ".join(its.standard.name for its in found.vacuous) or names
    return f"it cannot be said that {policy} conforms to {names}: {silent} judges nothing that it does", "error"


def _violation_lines(violation: Violation) -> Iterator[Line]:
    rule = violation.standard_rule
    yield ((f"{violation.action} is {violation.verdict.value}", "error"), (f", which {_demand(violation)}", "strong"))
    if violation.policy_rules:
        yield (("  by:       ", "place"), (", ".join(violation.policy_rules), "plain"))
    where = f"{rule.place.source.name}:{rule.place.start.line}"
    yield (("  standard: ", "place"), (where, "plain"))
    if rule.source is not None:
        yield (("  source:   ", "place"), (rule.source, "plain"))
    yield (("  case:     ", "place"), (dumps(violation.witness), "plain"))


def _demand(violation: Violation) -> str:
    verb = "requires" if violation.kind == "omits required" else "forbids"
    return f"`{violation.standard_rule.name}` of `{violation.standard.name}` {verb}"
