"""A text that somebody edits, as it is read: its statements, its words, and what is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from forbear.analysis.severities import OWN, WORDS, Severities, all_codes, cannot_be
from forbear.base import resources
from forbear.base.diagnostic import Code, Diagnostic, in_file_order
from forbear.base.source import Place, Source
from forbear.check.files.gather import Checked, Parses, Reads
from forbear.check.files.locations import PACK, SUFFIX
from forbear.check.from_ast import check
from forbear.check.project import NO_PROJECT, Project, ProjectError, find_project, read_project
from forbear.language.model.policy import TypedPolicy
from forbear.language.syntax.nodes import Module
from forbear.language.syntax.parser import read_source

if TYPE_CHECKING:
    from forbear.analysis.run import Findings

MOST_FINDINGS = 100
"""Findings of one code that are looked for, as `forbear validate` does."""
_MARK = "\ufeff"


@frozen(eq=False)
class Reading:
    """A text that was read and checked, with all files that it uses.

    `policy` is None while there are errors; `draft` is what could be made of it all the same, and None only where
    nothing could. `modules` are its files, its own the last. `diagnostics` have no findings of the analyser.
    """

    source: Source
    path: Path | None
    policy: TypedPolicy | None
    draft: TypedPolicy | None
    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...]
    severities: Severities = OWN

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def module(self) -> Module | None:
        """Its own file."""
        return self.modules[-1] if self.modules else None

    def found(self, between: Callable[[], None] = lambda: None) -> Findings:
        """All diagnostics, with the findings of the analyser and their counts, as `forbear validate` reports them: what
        is of one cause is one finding. There must be a policy. `between` may raise an exception that ends the searches.
        """
        from forbear.analysis.run import findings  # late: errors of a text are shown before it is loaded

        assert self.policy is not None
        raw = findings(
            self.policy,
            self.diagnostics,
            limit=MOST_FINDINGS,
            today=datetime.date.today(),
            asked=self.severities.asked,
            between=between,
        )
        return self.severities.findings(raw).by_cause()


def read(
    text: str, path: Path | None, open_texts: Mapping[Path, str] | None = None, parses: Parses | None = None
) -> Reading:
    """Reads and checks a text as the file of a path, or as one without a file.

    `open_texts` are other open texts, which replace their files. With the `parses` of earlier readings only the changed
    parts are parsed.
    """
    name = "untitled" if path is None else str(path)
    source = source_of(name, text)
    if isinstance(source, Diagnostic):
        return Reading(source.place.source, path, None, None, (), (source,), ())
    project, diagnostics = _project(path)
    parses = Parses() if parses is None else parses
    checked = _checked(source, path, open_texts or {}, {}, parses)
    settings = checked.settings_of_project(project.settings)
    if settings:
        checked = _checked(source, path, open_texts or {}, settings, parses)
    severities = _severities(project)
    reported = in_file_order(severities.diagnostics((*diagnostics, *checked.diagnostics)))
    return Reading(
        source, path, checked.policy, checked.draft, checked.modules, reported, checked.files, severities=severities
    )


def source_of(name: str, text: str) -> Source | Diagnostic:
    """Returns the text of an editor as that of a rule file, or why it is not one. Each character keeps its position."""
    if text.startswith(_MARK):
        text = " " + text[1:]
    read_text = read_source(name, text.encode("utf-8", "surrogatepass"))
    if isinstance(read_text, Diagnostic):
        return evolve(read_text, place=Place(Source(name, text[:1]), (0, 0)))
    return read_text


def _checked(
    source: Source,
    path: Path | None,
    open_texts: Mapping[Path, str],
    settings: Mapping[str, object],
    parses: Parses,
) -> Checked:
    reads = Reads(parses)
    for its_path, text in open_texts.items():
        open_source = source_of(str(its_path), text)
        if its_path != path and isinstance(open_source, Source):
            reads.keep(its_path, open_source)
    return check(source, path, settings, _codes, reads)


def _codes() -> Sequence[Code]:
    from forbear.analysis.findings.registry import CODES

    return CODES


def _project(path: Path | None) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The project file above a file. One that cannot be read says so, and counts for nothing."""
    if path is None:
        return NO_PROJECT, ()
    try:
        project_path = find_project(path.parent)
        return (NO_PROJECT if project_path is None else read_project(project_path)), ()
    except ProjectError as error:
        return NO_PROJECT, (error.diagnostic,)
    except OSError:
        return NO_PROJECT, ()


def _severities(project: Project) -> Severities:
    """Returns the severities of a project. Invalid ones are left to `forbear validate`, which reports them."""
    return Severities(
        {
            code: WORDS[word]
            for code, word in project.severities.items()
            if code in all_codes() and word in WORDS and cannot_be(code, WORDS[word]) is None
        }
    )


def path_of(source: Source, beside: Path | None) -> Path | None:
    """The file in which a source lies; None for a text without one."""
    if source.name.startswith(PACK):
        return resources.folder("rules") / f"{source.name.removeprefix(PACK)}{SUFFIX}"
    if source.name in ("untitled", ""):
        return None
    named = Path(source.name)
    return named if named.is_absolute() or beside is None else beside.parent / named
