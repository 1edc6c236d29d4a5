"""The requests of the studio's page while an author types. Answers are plain data, ready for JSON.

The page runs this in its worker, under Pyodide. Offsets count UTF-16 units, as JavaScript does.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64decode
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from attrs import evolve

from forbear.analysis.comparison.coming import findings_between
from forbear.analysis.comparison.difference import difference
from forbear.analysis.run import Findings
from forbear.base import resources
from forbear.base.diagnostic import Diagnostic, has_errors, in_file_order
from forbear.base.source import Place, Span
from forbear.check.files.gather import Parses
from forbear.check.files.locations import SUFFIX
from forbear.editors.editing import looking
from forbear.editors.editing.completing import completions
from forbear.editors.editing.edits import Edit
from forbear.editors.editing.mending import layout, quick_fixes
from forbear.editors.editing.moving import Moving
from forbear.editors.editing.reading import Reading, read
from forbear.editors.editing.renaming import Refused, rename
from forbear.editors.editing.showing import lenses
from forbear.editors.editing.showing.inlays import inlays
from forbear.editors.editing.showing.preview import case_address
from forbear.report.page.page import page
from forbear.report.text import also_text
from forbear.report.text import case_texts as cases_in_short
from forbear.semantics.composition.duties import with_duties
from forbear.semantics.composition.union import Incomparable

Answer = dict[str, object]
_BROKEN = "The text has errors. What it changes is shown once they are mended."
_UNCHANGED = "The text is as it was saved. Edit it, and what the edit changes for the borrower is shown here."
_INCOMPARABLE = "The saved text has errors, so there is nothing to compare with. Save, and later edits are compared."
_MEND_FIRST = "The text has errors. Mend them first."
_CONTROLS = (
    ("`forbear explain [^`]*`", "“Try this case”"),
    ("`forbear facts FILE --all`", "“Words” above"),
    ("`forbear packs` lists the packs", "“Start from” lists the packs"),
)
"""Texts of help about commands, and the controls of the page that do the same."""
_TOLD: Mapping[str, Callable[[Reading, str], str]] = {
    lenses.RUN: lenses.example_text,
    lenses.EXPLAIN: lenses.explanation_text,
    lenses.EXAMPLES: lenses.examples_text,
}
_COMMAND = re.compile(r"`forbear [^`]*`")


class Session:
    """One text that is edited, with the text that was last opened or saved.

    `folder` has the files that the text may use; only `open` writes there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._saved: Reading | None = None
        self._saved_text = ""
        self._reading: Reading | None = None
        self._parses = Parses()
        self._units = _Units("")
        self._found: tuple[Reading, Findings] | None = None
        """The findings of the last text without errors."""
        self._page: str | None = None
        """The report page of that text, once it was asked for."""
        self._of_analyser: list[tuple[Diagnostic, Answer]] = []
        """The findings of the analyser there, with what was reported about them."""
        self._told: list[Diagnostic] = []
        """The diagnostics last reported for the current text; those of an earlier text are left out."""

    def open(self, name: str | None, text: str, siblings: Mapping[str, str]) -> None:
        """Begins with a text, that of the file `name` of the folder or, with None, of no file. `siblings` are the other
        files, by their paths from the folder. Raises `ValueError` for a path that leads out of it.
        """
        for path, content in siblings.items():
            target = self._folder / path
            if not target.resolve().is_relative_to(self._folder.resolve()):
                raise ValueError(f"{path!r} is outside of the folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8", newline="")
        self._path = None if name is None else self._folder / name
        self._reading = self._found = self._page = None
        self._of_analyser = []
        self._parses = Parses()
        self.saved(text)

    def saved(self, text: str) -> None:
        """Compares later changes with this text."""
        self._saved_text, self._saved = text, None

    def pack(self, name: str) -> str:
        """The text of a bundled pack."""
        return (resources.folder("rules") / f"{name}{SUFFIX}").read_text(encoding="utf-8")

    def check(self, text: str) -> Answer:
        """Returns the errors of a text, without the analyser. Findings of the last whole text stay where they were."""
        reading = self._read(text)
        diagnostics = self._tell(reading.diagnostics)
        return {"diagnostics": diagnostics + self._stale(reading), "whole": reading.policy is not None}

    def findings(self, text: str, between: Callable[[], None] = lambda: None) -> Answer:
        """Returns all diagnostics of a text, as `forbear validate` reports them. `between` may raise an exception that
        ends the search.
        """
        reading = self._read(text)
        if reading.policy is None:
            return self.check(text)
        self._found, self._page = (reading, reading.found(between)), None
        diagnostics = self._tell(in_file_order(self._found[1].diagnostics))
        checked = set(reading.diagnostics)
        self._of_analyser = [
            (finding, answer) for finding, answer in zip(self._told, diagnostics, strict=True) if finding not in checked
        ]
        return {"diagnostics": diagnostics, "whole": True}

    def fixes(self, text: str, number: int) -> list[Answer]:
        """Returns the fixes for a diagnostic of the last answer about this text, by its number there, the best first:
        the probable meaning, or the careful alternative. The page requests them only for diagnostics that an author
        looks at, because they take as long as reading the text.
        """
        reading = self._reading
        if reading is None or reading.source.written != text or number >= len(self._told):
            return []
        diagnostic = self._told[number]
        fixes = list(quick_fixes(reading, [diagnostic], diagnostic.place.span))
        first = next((fix for fix in fixes if fix.preferred or fix.careful), None)
        return [{"title": fix.title, "first": fix is first, "edits": self._edits(fix.edits)} for fix in fixes]

    def report(self) -> Answer:
        """The report page of the last text without errors, with where its rules are in the text."""
        if self._found is None:
            return {"html": None}
        from forbear.report.page.contents import policy_report

        reading, findings = self._found
        assert reading.policy is not None
        if self._page is None:
            self._page = page(policy_report(reading.policy, findings, None))
        return {"html": self._page, "rules": self._rules(reading)}

    def change(self, between: Callable[[], None] = lambda: None) -> Answer:
        """Returns the report page of the change from the saved text to the last text without errors, or why there is
        none. `between` may raise an exception that ends the search.
        """
        if self._found is None:
            return {"html": None, "why": _BROKEN}
        from forbear.report.page.contents import change_report

        new, _ = self._found
        if new.text == self._saved_text:
            return {"html": None, "why": _UNCHANGED if self._reading is new else _BROKEN}
        if self._saved is None:
            self._saved = read(self._saved_text, self._path)
        old = self._saved
        if old.policy is None or new.policy is None:
            return {"html": None, "why": _INCOMPARABLE}
        try:
            difference_made = difference(old.policy, new.policy, between=between)
            sides = old.policy, old.diagnostics, new.policy, new.diagnostics
            coming = findings_between(*sides, new.severities, between=between)
            report = change_report(evolve(difference_made, findings=coming), "the saved text", "the edited text", None)
        except Incomparable as error:
            return {"html": None, "why": f"The two texts cannot be compared: {error}"}
        return {"html": page(report), "rules": self._rules(new)}

    def complete(self, text: str, offset: int) -> Answer:
        """Returns the completions at an offset."""
        reading = self._read(text)
        span, completions_there = completions(reading, self._units.offset(offset))
        options = [
            {
                "label": completion.text,
                "kind": completion.kind,
                "detail": completion.detail,
                "info": completion.description,
            }
            for completion in completions_there
        ]
        return {"from": self._units.unit(span[0]), "options": options}

    def hover(self, text: str, offset: int) -> Answer | None:
        """Returns the description of the name at an offset."""
        hover_there = looking.hover(self._read(text), self._units.offset(offset))
        return None if hover_there is None else {"text": hover_there.text, **self._span(hover_there.span)}

    def define(self, text: str, offset: int) -> Answer | None:
        """Returns the declaration of the name at an offset."""
        place = looking.definition(self._read(text), self._units.offset(offset))
        return None if place is None else self._place(place)

    def references(self, text: str, offset: int) -> list[Answer]:
        """Returns the places of the name at an offset, with their lines."""
        places = looking.references(self._read(text), self._units.offset(offset))
        return [{**self._place(place), "text": _line_of(place)} for place in places]

    def between(self, text: str) -> Answer:
        """Returns what is shown between the lines and the words of a text: lenses above statements, and values after
        words.
        """
        reading = self._read(text)
        return {
            "lenses": [
                {"at": self._units.unit(lens.span[0]), "text": lens.text, "command": lens.command, "about": lens.about}
                for lens in lenses.lenses(reading)
            ],
            "inlays": [{"at": self._units.unit(inlay.offset), "text": inlay.text} for inlay in inlays(reading)],
        }

    def told(self, text: str, command: str, about: str) -> str:
        """Returns the answer of a lens that was chosen."""
        return _TOLD[command](self._read(text), about)

    def rename(self, text: str, offset: int, name: str) -> Answer:
        """The edits that give the name at an offset another name, or why not."""
        outcome = rename(self._read(text), self._units.offset(offset), name, (), {})
        if isinstance(outcome, Refused):
            return {"why": outcome.why}
        if len(outcome) != 1:
            return {"why": "the name stands in other files too, which the studio does not write"}
        return {"edits": self._edits(next(iter(outcome.values())))}

    def layout(self, text: str) -> Answer:
        """The edits that give a text the canonical layout, or the error that is in the way."""
        self._read(text)
        outcome = layout(text)
        if isinstance(outcome, Diagnostic):
            return {"why": outcome.message, **self._span(outcome.place.span)}
        return {"edits": self._edits(outcome)}

    def sheet(self, text: str, name: str, content: str) -> Answer:
        """A sheet of rules, a file in Base64, as a table in the words of the text; or why it is refused."""
        table = re.sub("[^a-z0-9]+", "_", Path(name).stem.lower()).strip("_")
        table = table if table[:1].isalpha() else f"table_{table}"
        if text.strip() and self._read(text).policy is None:
            return {"why": _MEND_FIRST}
        words = ("--vocabulary", "{policy}") if text.strip() else ()
        done = self._run(text, name, content, "table", "import", "{given}", "--name", table, *words)
        return {"text": done.stdout} if done.returncode == 0 else {"why": done.stderr}

    def portfolio(self, text: str, name: str, content: str) -> Answer:
        """Returns how many rows of a file of cases, in Base64, have which verdict; or why they cannot be decided."""
        policy = self._read(text).policy
        if policy is None:
            return {"why": _MEND_FIRST}
        moment = ("--at", "now") if policy.events else ("--on", "today")
        options = ("-o", "verdicts.csv", "--format", "json", *moment)
        answer: Answer = json.loads(self._run(text, name, content, "apply", "{policy}", "{given}", *options).stdout)
        return {"why": answer["error"]} if "error" in answer else answer

    def _run(self, text: str, name: str, content: str, *arguments: str) -> CompletedProcess[str]:
        """Runs a command on the text, and on a file that was given with it."""
        policy = self._path or self._folder / "house.forbear"
        policy.write_text(text, encoding="utf-8", newline="")
        with TemporaryDirectory() as folder:
            given = re.sub(r"[^\w.-]", "_", Path(name).name).lstrip("-") or "given.csv"
            Path(folder, given).write_bytes(b64decode(content))
            named = {"policy": str(policy.resolve()), "given": given}
            command = [sys.executable, "-m", "forbear", *[argument.format(**named) for argument in arguments]]
            return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)

    def _read(self, text: str) -> Reading:
        if self._reading is None or self._reading.source.written != text:
            self._reading = read(text, self._path, None, self._parses)
            self._units = _Units(text)
            self._told = []
        return self._reading

    def _stale(self, reading: Reading) -> list[Answer]:
        """Returns the analyser's findings in an earlier text, at their present lines."""
        if self._found is None:
            return []
        moving = Moving(self._found[0].source.written, reading.source.written)
        known = {(diagnostic.code, diagnostic.place.span[0]) for diagnostic in reading.diagnostics}
        changed = {"related": [], "fixable": False, "stale": has_errors(reading.diagnostics)}
        shown_again = []
        for diagnostic, answer in self._of_analyser:
            span = moving.still_there(diagnostic, reading.source.name)
            if span is not None and (diagnostic.code, span[0]) not in known:
                shown_again.append({**answer, **changed, **self._place(Place(reading.source, span))})
        return shown_again

    def _tell(self, diagnostics: Iterable[Diagnostic]) -> list[Answer]:
        self._told = list(diagnostics)
        return [self._diagnostic(diagnostic) for diagnostic in self._told]

    def _diagnostic(self, diagnostic: Diagnostic) -> Answer:
        reading = self._reading
        assert reading is not None
        addresses = [case_address(case, reading.policy or reading.draft) for case in diagnostic.cases]
        return {
            "code": str(diagnostic.code),
            "severity": diagnostic.severity.value,
            "message": diagnostic.message,
            "help": _of_page(diagnostic.help),
            "accepted": diagnostic.accepted,
            "also": also_text(diagnostic) if diagnostic.also else "",
            "cases": [
                {"text": text, "address": address}
                for text, address in zip(cases_in_short(diagnostic, full=False), addresses, strict=False)
            ],
            "related": [{"text": label.text, **self._place(label.place)} for label in diagnostic.related],
            "fixable": diagnostic.accepted is None,
            "stale": False,
            **self._place(diagnostic.place),
        }

    def _rules(self, reading: Reading) -> list[Answer]:
        assert reading.policy is not None
        return [{**self._place(rule.place), "name": rule.name} for rule in with_duties(reading.policy).policy.rules]

    def _place(self, place: Place) -> Answer:
        """Returns a place: in the edited text, otherwise the name of its file and its line."""
        reading = self._reading
        if reading is not None and place.source.name == reading.source.name:
            return {**self._span(place.span), "line": place.start.line, "elsewhere": None}
        name = place.source.name.removeprefix(f"{self._folder}/")
        return {"from": None, "to": None, "line": place.start.line, "elsewhere": name}

    def _span(self, span: Span) -> Answer:
        return {"from": self._units.unit(span[0]), "to": self._units.unit(span[1])}

    def _edits(self, edits: Iterable[Edit]) -> list[Answer]:
        return [{**self._span(edit.span), "insert": edit.text} for edit in edits]


def _of_page(help: str) -> str:
    """A help that names the controls of the page in place of commands, and says of others where they are."""
    for command, control in _CONTROLS:
        help = re.sub(command, control, help)
    return _COMMAND.sub(r"\g<0> on the command line", help)


def _line_of(place: Place) -> str:
    text = place.source.text
    start = text.rfind("\n", 0, place.span[0]) + 1
    return text[start:].split("\n", 1)[0].strip()[:200]


class _Units:
    """From characters to UTF-16 units and back, for one text."""

    def __init__(self, text: str) -> None:
        self._wide = [] if text.isascii() else [at for at, character in enumerate(text) if character > "\uffff"]

    def unit(self, offset: int) -> int:
        """The units before a character."""
        return offset + bisect_left(self._wide, offset)

    def offset(self, unit: int) -> int:
        """The character at a unit."""
        return unit - bisect_left(range(len(self._wide)), unit, key=lambda number: self._wide[number] + number)
