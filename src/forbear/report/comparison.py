"""The effect of a change of a policy, and violations of standards, as text.

Changes that differ only in the action are grouped, so that the report is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from forbear.analysis.comparison.conformance import Conformance, VacuousStandard, Violation
from forbear.analysis.comparison.difference import Change, Days, Difference
from forbear.analysis.comparison.pair import ChangeEffect
from forbear.analysis.comparison.telling.edits import Edit
from forbear.base.characters import printable
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.language.model.cases import case_text
from forbear.language.model.names import counted, decided_text, listed, verdict_word
from forbear.language.model.policy import TypedPolicy
from forbear.report.difference import (
    Description,
    Group,
    Words,
    alike,
    described,
    effects_summary,
    lines_of,
    promises_summary,
    refused_text,
    section_of,
    shown_of,
)
from forbear.report.formats.json import dumps
from forbear.report.text import FURTHER, INDEXED, Line, Style
from forbear.semantics.composition.standards import not_read, omissions, with_standards
from forbear.semantics.to_text import period_text

_SHORT = 80
"""The longest edit that is shown on the line of its rule."""
_IDLE = 5
"""The most edits that change no verdict that are shown."""
_WIDE = 40
"""The most columns for actions, if another column follows them."""

# A difference


def difference_lines(
    difference: Difference,
    old: str,
    new: str,
    limit: int,
    *,
    whole: bool = False,
    full: bool = False,
    code: Callable[[str], str] | None = None,
) -> Iterator[Line]:
    """The lines of a difference between two policies with these names, with at most `limit` conditions of one
    consequence; all there is if `whole`. Cases have all their facts if `full`. Names and conditions within a text are
    marked by `code`, if there is one. What belongs to the line above begins with blanks, and the last line is the
    summary."""
    for subject, text in remarks_between(difference, old, new):
        yield ((f"{subject}: ", "place"), (text, "code"))
    what = described(difference, Words(code or (lambda name: f"`{name}`"), code or printable, limit, whole, full))
    yield from _promise_lines(difference, what, whole=whole)
    before: list[Edit] = []
    for block in what.blocks:
        yield from _edit_lines(difference, [edit for edit in block.edits if edit not in before])
        again = [edit.name for edit in block.edits if edit in before]
        if again:
            beginning = "with " if len(again) < len(block.edits) else ""
            yield ((beginning, "plain"), *_named(again, " and "), (", as above", "place"))
        before += block.edits
        for group in block.groups:
            yield from _group_lines(group)
        if block.refused:
            refused = refused_text(block.refused, quote="`" if code else "")
            yield (("refused as before, for another reason: ", "plain"), (refused, "verdicts"))
        yield from map(_untold_line, block.untold)
        yield ()
    if whole:
        yield from _refused_lines(difference, code)
    if what.idle:
        yield from _edit_lines(difference, what.idle if whole else what.idle[:_IDLE])
        more = 0 if whole else len(what.idle[_IDLE:])
        yield (
            ((f"and {counted(more, 'more edit')} (--all), which change no verdict", "plain"),)
            if more
            else (("changes no verdict" if len(what.idle) == 1 else "change no verdict", "plain"),)
        )
        yield ()
    yield from _finding_lines("findings that come", difference.come, new=True, whole=whole)
    yield from _finding_lines("findings that go", difference.go, new=False, whole=whole)
    if what.folded:
        yield (("--all names the unchanged rules, and shows all that is left out", "place"),)
    yield (summary(difference, old, new),)


def _promise_lines(difference: Difference, what: Description, *, whole: bool) -> Iterator[Line]:
    """The promises that are broken, gone, changed or new."""
    yield from _finding_lines("promises that are broken", difference.broken, new=True, whole=whole)
    yield from _edit_lines(difference, what.promises)
    if what.more_promises:
        yield ((f"and {counted(len(what.more_promises), 'more promise')} (--all)", "plain"),)
    if what.promises:
        yield ()


def _edit_lines(difference: Difference, edits: Sequence[Edit]) -> Iterator[Line]:
    for edit in edits:
        where = lines_of(edit)
        kind = "" if edit.kind == "rule" else f"{edit.kind} "
        section = section_of(difference, edit)
        line: Line = (
            *(((f"{section}: ", "place"),) if section else ()),
            (kind, "plain"),
            (edit.name, "name"),
            (f" ({where})" if where else "", "place"),
        )
        if len(edit.what) == 1 and len(edit.what[0]) <= _SHORT:
            yield (*line, ("   ", "plain"), (edit.what[0], "code"))
        else:
            yield line
            for text in edit.what:
                yield (("  ", "plain"), (text, "code"))


def _untold_line(action: str) -> Line:
    return ((action, "name"), (f": not all of its changes are known: {FURTHER}", "warning"))


def _named(names: Sequence[str], between: str = ", ") -> Line:
    """Names, with a text between two of them."""
    return tuple([span for name in names for span in ((between, "plain"), (name, "name"))][1:])


def _group_lines(group: Group) -> Iterator[Line]:
    style: Style = "error" if group.effect.newly else "good"
    head: Line = ((group.effect.value, style), (f" ({group.verdicts})", "verdicts"))
    is_one_line = len(group.where) == 1 and not group.left_out
    where = f" {group.where[0]}" if is_one_line and group.where[0] else ""
    unless = f", {group.unless}" if group.unless else ""
    yield (*head, (f"{where}{unless}", "plain"))
    if not is_one_line:
        for condition in group.where:
            yield ((f"    {condition}", "plain"),)
        if group.left_out:
            yield ((f"    and {counted(group.left_out, 'more condition')} (--all)", "plain"),)
    width = max(len(", ".join(row.actions)) for row in group.rows)
    for row in group.rows:
        actions = ", ".join(row.actions)
        remarks = ", ".join(filter(None, (row.by, row.unless)))
        pad = " " * (min(width, _WIDE) - len(actions)) if remarks else ""
        yield (("  ", "plain"), *_named(row.actions), (f"{pad}   {printable(remarks)}" if remarks else "", "plain"))
    of = "" if group.example_of is None else f"{group.example_of}: "
    yield ((f"  e.g. {of}", "place"), (group.example, "code"))


def _refused_lines(difference: Difference, code: Callable[[str], str] | None) -> Iterator[Line]:
    """Yields, as conditions, when actions are refused for another reason."""
    refused = [change for change in difference.changes if change.effect is ChangeEffect.REFUSED_OTHERWISE]
    actions: tuple[str, ...] | None = None
    for its_actions, change in grouped(iter(refused)):
        if its_actions != actions:
            yield (("refused for another reason: ", "strong"), *_named(its_actions))
            actions = its_actions
        verdicts = f"{verdict_word(change.before)} -> {verdict_word(change.after)}"
        yield (("  ", "plain"), (verdicts, "verdicts"), (f" {when(change, code or printable)}", "plain"))
    listed = {change.action for change in refused}  # of other actions no condition is shown that may lack some
    yield from map(_untold_line, [name for name in difference.undecided if name in listed - difference.untold.keys()])
    if refused:
        yield ()


def _finding_lines(title: str, diagnostics: Sequence[Diagnostic], *, new: bool, whole: bool) -> Iterator[Line]:
    if not diagnostics:
        return
    yield ((title, "strong"),)
    told_apart = alike(diagnostics, whole=whole)
    shown = shown_of(told_apart, whole=whole)
    for diagnostic, more in told_apart[:shown]:
        style: Style = "error" if diagnostic.severity is Severity.ERROR else "warning"
        text = f" {diagnostic.code}: {printable(diagnostic.message)}{more}   {diagnostic.place}"
        yield ((f"  {diagnostic.severity.value}", style if new else "plain"), (text, "plain"))
    if len(told_apart) > shown:
        yield ((f"  and {len(told_apart) - shown} more (--all)", "plain"),)
    yield ()


def summary(difference: Difference, old: str, new: str) -> tuple[str, Style]:
    coming = difference.findings
    findings = "" if coming is None or coming.come or coming.go else "; no finding comes or goes"
    promises = promises_summary(difference)
    if not difference.same_verdicts:
        parts = "; ".join(filter(None, (promises, effects_summary(difference))))
        return f"{old} and {new} differ: {parts}{findings}", "warning"
    both = [fact.name for fact in difference.facts if fact.old and fact.new]
    if both:
        declared = f"but {'fact' if len(both) == 1 else 'facts'} {listed(both, 5)} {'is' if len(both) == 1 else 'are'}"
        return (
            f"the rules of {old} and {new} give the same verdicts, {declared} declared differently: what is a case for "
            f"one may be none for the other{f'; {promises}' if promises else ''}",
            "warning",
        )
    but = [promises] if promises else []
    but += [] if difference.days is None else ["they are in force on other days"]
    if difference.come:
        number = counted(len(difference.come), "finding")
        but.append(f"{number} {'comes' if len(difference.come) == 1 else 'come'}")
        findings = ""
    if but:
        return f"every case has the same verdicts in {old} and {new}, but {' and '.join(but)}{findings}", "warning"
    return f"{old} and {new} are equivalent: every case has the same verdicts{findings}", "good"


def remarks_between(difference: Difference, old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yields the differences of vocabularies and settings, and of the days on which the two are in force: the subject
    of each, and a text. A setting whose value is among the edits is left out.
    """
    told_as_edits = {(edit.kind, edit.name) for edit in difference.edits}
    for what, names in (("fact", difference.facts), ("action", difference.actions), ("setting", difference.settings)):
        only_old, only_new = [name for name in names if not name.new], [name for name in names if not name.old]
        for side, only in ((old, only_old), (new, only_new)):
            if only:
                shown = [f"{name.name} ({name.old or name.new})" if what == "setting" else name.name for name in only]
                yield f"{what}s that only {side} has", ", ".join(shown)
        for name in only_new if what == "fact" else ():
            alike = [gone.name for gone in only_old if gone.old == name.new]
            if len(alike) == 1:
                yield f"fact {name.name}", f"declared as {alike[0]} was; they are compared as two facts"
        for name in names:
            if name.old and name.new and (what, name.name) not in told_as_edits:
                apart = f"; the one of {old} is called {name.apart} here" if name.apart else ""
                yield f"{what} {name.name}", f"{name.old} -> {name.new}{apart}"
    if difference.old.standard and difference.new.standard:
        yield "of two standards", "allowed is what they do not forbid"
    if difference.days is not None:
        yield days_remark(difference.days)


def days_remark(days: tuple[Days, Days]) -> tuple[str, str]:
    """Returns the remark about the days on which two policies are in force: the subject, and a text."""
    before, after = (period_text(*ends).strip() or "always" for ends in days)
    return "in force", f"{before} -> {after}"


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
    period = period_text(change.since, change.until)
    text = "in every case" if change.condition == "always" else f"when {quote(change.condition)}"
    return f"{text},{period}" if period else text


# A conformance


def conformance_lines(conformance: Conformance, policy: str, *, full: bool = False) -> Iterator[Line]:
    """The lines of a conformance. `policy` is the name of the policy in messages. If `full`, cases have all their
    facts."""
    for fact in conformance.facts:
        has = f"declares it as {fact.new}" if fact.new else "does not have it"
        apart = f"; the standard's is called {fact.apart} here" if fact.apart else ""
        yield (
            (f"fact {fact.name}: ", "place"),
            (f"a standard reads it as {fact.old}, and {policy} {has}{apart}", "plain"),
        )
    if len(conformance.violations) > INDEXED:
        yield ((f"{len(conformance.violations)} violations:", "strong"),)
        actions: dict[str, list[str]] = {}
        for violation in conformance.violations:
            actions.setdefault(_demand(violation), []).append(violation.action)
        for demand, names in actions.items():
            yield ((f"  {demand}", "error"), (f"  {len(names)}  {listed(names, 6, quote='')}", "plain"))
        yield ()
    for violation in conformance.violations:
        yield from _violation_lines(violation, conformance.policy, full=full)
        yield ()
    for undecided in conformance.undecided:
        rule = f"{undecided.standard_rule.name} of {undecided.standard.name}"
        text = f"{undecided.action}: whether a case breaks {rule} is not known: {FURTHER}"
        yield ((text, "warning"),)
    for vacuous in conformance.vacuous:
        verb = "may be" if vacuous.how == "undecided" else "is"
        yield ((f"{vacuous.standard.name} {verb} vacuous: ", "error"), (_vacuity(vacuous, policy), "plain"))
    if conformance.unjudged:
        text = f"unjudged, since no rule of a standard covers {'it' if len(conformance.unjudged) == 1 else 'them'}: "
        yield ((text, "place"), (", ".join(conformance.unjudged), "plain"))
    for name, texts in omissions(conformance.standards):
        yield ((f"what {name} does not say, by its own account:", "place"),)
        yield from (((f"  - {printable(text)}", "plain"),) for text in texts)
    for standard in with_standards(conformance.standards):
        unread = not_read(standard)
        if unread:
            text = f"rules of {standard.name} whose text nobody has read: "
            yield ((text, "place"), (", ".join(f"{name} ({basis})" for name, basis in unread.items()), "plain"))
        if standard.reviewed is not None:
            yield ((f"{standard.name} was {printable(standard.reviewed.words)}", "place"),)
    yield (_conclusion(conformance, policy),)


def _vacuity(vacuous: VacuousStandard, policy: str) -> str:
    match vacuous.how:
        case "holds nowhere":
            return f"none of its rules holds in any case that {policy} can have"
        case "forbids nothing":
            names = "check that both call their actions by the same names, or leave it out"
            return f"it requires nothing, and forbids nothing of which a rule of {policy} speaks: {names}"
        case "undecided":
            return FURTHER


def _conclusion(conformance: Conformance, policy: str) -> tuple[str, Style]:
    names = ", ".join(standard.name for standard in conformance.standards)
    if conformance.conforms:
        return f"{policy} conforms to {names}", "good"
    of_broken, of_undecided = (
        ", ".join(dict.fromkeys(outcome.standard.name for outcome in outcomes))
        for outcomes in (conformance.violations, conformance.undecided)
    )
    if conformance.violations:
        number = counted(len(conformance.violations), "violation")
        return f"{policy} does not conform to {of_broken}: {number}", "error"
    if conformance.undecided:
        return f"whether {policy} conforms to {of_undecided} is not decided", "warning"
    silent = ", ".join(vacuous.standard.name for vacuous in conformance.vacuous) or names
    return f"it cannot be said that {policy} conforms to {names}: {silent} judges nothing that it does", "error"


def _violation_lines(violation: Violation, policy: TypedPolicy, *, full: bool) -> Iterator[Line]:
    rule = violation.standard_rule
    yield ((decided_text(violation.action, violation.verdict), "error"), (f", which {_demand(violation)}", "strong"))
    if violation.policy_rules:
        yield (("  by:       ", "place"), (", ".join(violation.policy_rules), "plain"))
    where = f"{rule.place.source.name}:{rule.place.start.line}"
    yield (("  standard: ", "place"), (where, "plain"))
    if rule.cited is not None:
        yield (("  source:   ", "place"), (rule.cited, "plain"))
    facts = {**violation.standard.facts, **policy.facts}
    text = dumps(violation.witness) if full else case_text(violation.case, facts)
    yield (("  case:     ", "place"), (text, "plain"))


def _demand(violation: Violation) -> str:
    verb = "requires" if violation.kind == "omits required" else "forbids"
    return f"`{violation.standard_rule.name}` of `{violation.standard.name}` {verb}"
