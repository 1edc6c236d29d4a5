"""The text report of `validate`, which must be readable on the first run on a real policy.

Errors come first. Of the contradictions of a rule that forbids, the remedies are given once. Notes and accepted
findings are only counted, unless they are requested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from forbear.analysis.causes import totals_by_cause
from forbear.analysis.findings.undecided import undecided_of
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.names import counted, listed
from forbear.report.formats.json import counts, left_out
from forbear.report.text import INDEXED, STYLES, Line, Style, also_text, case_texts, diagnostic_lines, quoted_lines

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_QUOTED = 2
_LISTED = 6


def report_lines(
    diagnostics: Sequence[Diagnostic],
    totals: Mapping[Code, int],
    *,
    notes: bool,
    whole: bool = False,
    full: bool = False,
    quiet: bool = False,
) -> Iterator[Line]:
    """Yields the lines of the report. With `whole`, findings are not abbreviated, and those of one cause are printed
    too; with `full`, cases have all their facts; with `quiet`, findings that are not shown are not counted either.
    """
    open_ones = [diagnostic for diagnostic in diagnostics if diagnostic.accepted is None]
    shown = [one for one in open_ones if notes or _is_shown(one.code)]
    if len(shown) > INDEXED:
        yield from _index(shown)
    for severity in _ORDER:
        of_severity = [one for one in open_ones if one.severity is severity and (notes or _is_shown(one.code))]
        for diagnostic in _undecided_together(of_severity):
            if diagnostic.code == "contradiction" and any(
                related.code == diagnostic.code for related in diagnostic.also
            ):
                yield from _contradictions(diagnostic, whole=whole, full=full)
                yield ()
                rest = [related for related in diagnostic.also if related.code != diagnostic.code]
            else:
                yield from diagnostic_lines(diagnostic, full=full)
                yield ()
                rest = list(diagnostic.also)
            for related in rest if whole else ():
                yield from diagnostic_lines(related, full=full)
                yield ()
    reported = Counter(finding.code for diagnostic in open_ones for finding in (diagnostic, *diagnostic.also))
    for code, number in left_out(reported, totals):
        if notes or _is_shown(code):
            yield ((f"{number} more of {code}; --limit {totals[code]} shows all", "plain"),)
    if not notes and not quiet:
        yield from _notes_not_shown(totals_by_cause(totals, open_ones))
    if notes or not quiet:
        yield from _accepted([diagnostic for diagnostic in diagnostics if diagnostic.accepted is not None], notes)


def _index(shown: Sequence[Diagnostic]) -> Iterator[Line]:
    """Yields the number of findings of each code, and their lines, the worst first."""
    by_code: dict[tuple[Severity, Code], dict[str, dict[str, None]]] = {}
    numbers: Counter[Code] = Counter()
    for one in sorted(shown, key=lambda one: _ORDER.index(one.severity)):
        lines = by_code.setdefault((one.severity, one.code), {}).setdefault(one.place.source.name, {})
        lines[str(one.place.start.line)] = None
        numbers[one.code] += 1
    yield ((f"{len(shown)} findings:", "strong"),)
    for (severity, code), files in by_code.items():
        places = [f"{file}:{listed(lines, _LISTED, quote='')}" for file, lines in files.items()]
        said = listed(places, _LISTED, quote="")
        yield ((f"  {severity.value}[{code}]", STYLES[severity]), (f"  {numbers[code]}  {said}", "plain"))
    yield ()


def _is_shown(code: Code) -> bool:
    """Returns true if findings of a code are printed even if notes were not requested."""
    return code.severity is not Severity.NOTE or code.prominent


def _notes_not_shown(totals: Mapping[Code, int]) -> Iterator[Line]:
    numbers = {code: number for code, number in sorted(totals.items()) if not _is_shown(code)}
    if numbers:
        total = sum(numbers.values())
        codes = ", ".join(code if number == total else f"{number} {code}" for code, number in numbers.items())
        yield ((f"{counted(total, 'note')} not shown ({codes}); --notes shows {_them(total)}", "plain"),)


def summary_line(totals: Mapping[Code, int], files: int) -> Line:
    """Returns one line with the numbers of errors, warnings and notes in all files."""
    numbers = counts(totals)
    style: Style = "error" if numbers["error"] else "warning" if numbers["warning"] else "good"
    return ((summary(numbers, files), style),)


def file_rows(by_file: Mapping[str, Mapping[Code, int]], *, notes: bool) -> tuple[list[str], list[list[str]]]:
    """The head and the rows of a table with the numbers of each file in which something was found: of errors and
    warnings, and of notes where these are shown."""
    shown = _ORDER[: 3 if notes else 2]
    numbers = {file: counts(totals) for file, totals in by_file.items()}
    rows = [[file, *[str(of_file[severity.value]) for severity in shown]] for file, of_file in sorted(numbers.items())]
    with_findings = [row for row in rows if set(row[1:]) != {"0"}]
    return ["file", *[f"{severity.value}s" for severity in shown]], with_findings


def _undecided_together(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Merges the diagnostics of several codes that are undecided for the same reason."""
    together: dict[object, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        what = diagnostic.undecided
        key = id(diagnostic) if what is None else (diagnostic.place, what.where, what.what_to_do)
        together.setdefault(key, []).append(diagnostic)
    return [group[0] if len(group) == 1 else _one_of(group) for group in together.values()]


def _one_of(undecided: Sequence[Diagnostic]) -> Diagnostic:
    reasons = [diagnostic.undecided for diagnostic in undecided if diagnostic.undecided is not None]
    worst = min(undecided, key=lambda diagnostic: [*Severity].index(diagnostic.severity))
    together = undecided_of(reasons, worst.place)
    return evolve(worst, message=together.message, help=together.help, arguments=together.arguments)


def _contradictions(leading: Diagnostic, *, whole: bool, full: bool) -> Iterator[Line]:
    """The contradictions of one forbidding rule: its text, then each rule that permits in the same case.

    The first are quoted. The others have a line each: the place of the rule, and its case.
    """
    group = [leading, *[related for related in leading.also if related.code == leading.code]]
    forbids = leading.by[0]
    head = f": `{forbids}` forbids what {len(group)} rules permit in the same case, and none overrides the other"
    yield (("error[contradiction]", "error"), (head, "strong"))
    yield from quoted_lines(leading.place, "error", f"`{forbids}`")
    quoted = group if whole or len(group) <= _QUOTED + 1 else group[:_QUOTED]
    for diagnostic in quoted:
        [permitting] = diagnostic.related
        yield from quoted_lines(permitting.place, "place", permitting.text)
        for text in case_texts(diagnostic, full=full):
            yield (("  case: ", "place"), (text, "plain"))
    if len(quoted) < len(group):
        yield ((f"  {len(group) - len(quoted)} more rules, each with its case; --all quotes them", "plain"),)
    for diagnostic in group[len(quoted) :]:
        [permitting] = diagnostic.related
        line = f"{permitting.place.source.name}:{permitting.place.start.line}"
        yield (("  --> ", "place"), (f"{line}  {permitting.text}: {'; '.join(diagnostic.in_short)}", "plain"))
    rest = [related for related in leading.also if related.code != leading.code]
    if rest:
        yield (("  also: ", "place"), (also_text(evolve(leading, also=tuple(rest))), "plain"))
    yield (("  help: ", "place"), (f"if `{forbids}` is to win, write `overrides all` in it;", "plain"))
    by_name = "all" if forbids in leading.unnamed else forbids
    yield (("        ", "place"), (f"if a rule is to win, write `overrides {by_name}` in that rule;", "plain"))
    yield (("        ", "place"), ("if they are not to meet, narrow one of the conditions", "plain"))


def _accepted(accepted: Sequence[Diagnostic], notes: bool) -> Iterator[Line]:
    if not notes:
        if accepted:
            yield ((f"{len(accepted)} accepted; --notes shows {_them(len(accepted))}", "plain"),)
        return
    for diagnostic in accepted:
        yield ((f"accepted[{diagnostic.code}]", "note"), (f": {diagnostic.message}", "plain"))
        yield (("  --> ", "place"), (str(diagnostic.place), "plain"))
        yield (("  because ", "place"), (diagnostic.accepted or "", "plain"))
        yield ()


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def summary(numbers: Mapping[str, int], files: int) -> str:
    """Returns one line with the numbers of errors, warnings and notes."""
    parts = [counted(number, word) for word, number in numbers.items() if number]
    where = f"in {counted(files, 'file')}"
    return f"{', '.join(parts)} {where}" if parts else f"no errors {where}"
