"""The text report of `validate`: made to be read on the first run on a real policy.

Errors come first. Contradictions stand together under the rule that forbids, with the ways out said once. Notes and
accepted findings are counts, unless they are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forbear.diagnostic import CODES, Diagnostic, Severity
from forbear.report.json import counts, dumps
from forbear.report.text import Line, Style, diagnostic_lines, quoted_lines
from forbear.source import Place

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def report_lines(
    diagnostics: Sequence[Diagnostic], totals: Mapping[str, int], files: int, *, notes: bool
) -> Iterator[Line]:
    """The lines of the report."""
    open_ones = [diagnostic for diagnostic in diagnostics if diagnostic.accepted is None]
    for severity in _ORDER[: 3 if notes else 2]:
        of_severity = [diagnostic for diagnostic in open_ones if diagnostic.severity is severity]
        for diagnostic in of_severity:
            if diagnostic.code != "contradiction":
                yield from diagnostic_lines(diagnostic)
                yield ()
        for group in _by_forbidding_rule(d for d in of_severity if d.code == "contradiction"):
            yield from _contradictions(group)
            yield ()
    told = Counter(diagnostic.code for diagnostic in open_ones)
    for code, number in sorted(totals.items()):
        if number > told[code] and (notes or CODES[code] is not Severity.NOTE):
            yield ((f"{number - told[code]} more of {code}; --limit {number} tells all", "plain"),)
    for code, number in sorted(totals.items()):
        if CODES[code] is Severity.NOTE and not notes:
            yield ((f"{number} of the note {code}; --notes tells them", "plain"),)
    yield from _accepted([diagnostic for diagnostic in diagnostics if diagnostic.accepted is not None], notes)
    numbers = counts(totals)
    style: Style = "error" if numbers["error"] else "warning" if numbers["warning"] else "good"
    yield ((summary(numbers, files), style),)


def _by_forbidding_rule(contradictions: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    for diagnostic in contradictions:
        key = (diagnostic.place.source.name, diagnostic.by[0] if diagnostic.by else "")
        groups.setdefault(key, []).append(diagnostic)
    return list(groups.values())


def _contradictions(group: Sequence[Diagnostic]) -> Iterator[Line]:
    """The contradictions of one forbidding rule: what it says, then each rule that permits the same."""
    if len(group) == 1:
        yield from diagnostic_lines(group[0])
        return
    forbids = group[0].by[0]
    head = f": `{forbids}` forbids what {len(group)} rules permit in the same case, and nobody overrides"
    yield (("error[contradiction]", "error"), (head, "strong"))
    places = {d.place: None for d in group} | {label.place: None for d in group for label in d.related}
    forbidding = next(place for place in places if all(place in _places(d) for d in group))
    yield from quoted_lines(forbidding, "error", f"`{forbids}`")
    for diagnostic in group:
        other = next(name for name in diagnostic.rules if name != forbids)
        place = next(place for place in _places(diagnostic) if place != forbidding)
        yield from quoted_lines(place, "place", f"`{other}` permits {', '.join(diagnostic.actions)}")
        yield (("  case: ", "place"), (dumps(diagnostic.witness), "plain"))
    yield (("  help: ", "place"), (f"if `{forbids}` is to win, write `overrides all` in it;", "plain"))
    yield (("        ", "place"), (f"if a rule is to win, write `overrides {forbids}` in that rule;", "plain"))
    yield (("        ", "place"), ("if they are not to meet, narrow one of the conditions", "plain"))


def _places(diagnostic: Diagnostic) -> list[Place]:
    return [diagnostic.place, *(label.place for label in diagnostic.related)]


def _accepted(accepted: Sequence[Diagnostic], notes: bool) -> Iterator[Line]:
    if not notes:
        if accepted:
            yield ((f"{len(accepted)} accepted; --notes tells them", "plain"),)
        return
    for diagnostic in accepted:
        yield ((f"accepted[{diagnostic.code}]", "note"), (f": {diagnostic.message}", "plain"))
        yield (("  --> ", "place"), (str(diagnostic.place), "plain"))
        yield (("  because ", "place"), (diagnostic.accepted or "", "plain"))
        yield ()


def summary(numbers: Mapping[str, int], files: int) -> str:
    """One line: how many errors, warnings and notes there are."""
    parts = [f"{number} {word}{'' if number == 1 else 's'}" for word, number in numbers.items() if number]
    where = f"in {files} file{'' if files == 1 else 's'}"
    return f"{', '.join(parts)} {where}" if parts else f"no errors {where}"
