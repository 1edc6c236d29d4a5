"""Renames a name everywhere, in all files that use it, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Span
from forbear.check.files.locations import text_found
from forbear.editors.editing.edits import Edit, applied
from forbear.editors.editing.looking import Names
from forbear.editors.editing.reading import Reading, path_of, read
from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.naming import Occurrence

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@frozen
class Refused:
    """Why a name is not written anew, for its author."""

    why: str


def unread(error: OSError) -> Refused:
    """Why no name is written anew where a folder or a file cannot be read."""
    return Refused(f"{cannot_be_read(error)}, and may hold uses of the name; rename by hand")


def cannot_be_read(error: OSError) -> str:
    """A folder or file that cannot be read, and why, as a clause."""
    return f"`{error.filename}` cannot be read ({(error.strerror or 'error').lower()})"


def renamable(reading: Reading, offset: int) -> Span | Refused:
    """The span of the name at an offset, or why it cannot be renamed."""
    names = Names.of(reading)
    occurrence = names.at(offset)
    meant = Refused("there is no name here") if occurrence is None else _meant(names, occurrence)
    if isinstance(meant, Refused) or occurrence is None:
        return meant if isinstance(meant, Refused) else Refused("there is no name here")
    return occurrence.span


def rename(
    reading: Reading, offset: int, new: str, users: Iterable[Path] = (), open_texts: Mapping[Path, str] | None = None
) -> Mapping[Path | None, tuple[Edit, ...]] | Refused:
    """Returns the edits of each file that rename a name; None stands for a text without a file.

    `users` are files that may use the declaring one, and `open_texts` the other open texts. Refused if the result would
    have a new error.
    """
    names = Names.of(reading)
    occurrence = names.at(offset)
    meant = Refused("there is no name here") if occurrence is None else _meant(names, occurrence)
    if isinstance(meant, Refused):
        return meant
    if not _NAME.fullmatch(new) or new in keywords().values():
        return Refused(
            f"`{new}` is not a name: write small letters, digits and underscores, and no word of the language"
        )
    if (meant[0], new) in names.known:
        return Refused(f"`{new}` is declared already")
    texts = dict(open_texts or {})
    target = _file(names.known[meant], reading)
    user_readings = _users(target, reading, users, texts)
    if isinstance(user_readings, Refused):
        return user_readings
    readings = [reading, *user_readings]
    spans: dict[Path | None, set[Span]] = {}
    written: dict[Path | None, str] = {}
    for affected in readings:
        its_names = Names.of(affected)
        for use in its_names.every:
            meanings = its_names.meant(use)
            if meant not in meanings:
                continue
            if len(meanings) > 1:
                return Refused(f"line {use.place.start.line}: `{use.name}` may be one of two; rename it by hand")
            path = _file(use, affected)
            spans.setdefault(path, set()).add(use.span)
            written[path] = use.source.written
    edits = {path: tuple([Edit(span, new) for span in sorted(at_spans)]) for path, at_spans in spans.items()}
    after = {path: applied(written[path], edits[path]) for path in edits}
    for affected in readings:
        why = _new_error(affected, after, texts)
        if why is not None:
            return Refused(f"it would be an error: {why}")
    return edits


def _meant(names: Names, occurrence: Occurrence) -> tuple[str, str] | Refused:
    meant = names.meant(occurrence)
    if not meant:
        return Refused(f"nothing is declared by the name `{occurrence.name}`")
    if len(meant) > 1:
        return Refused(f"`{occurrence.name}` may be one of two here; rename it where it is declared")
    if names.known[meant[0]].source.name.startswith("pack:"):
        return Refused(
            f"`{occurrence.name}` is declared in {names.known[meant[0]].source.name}, which comes with Forbear"
        )
    return meant[0]


def _file(occurrence: Occurrence, reading: Reading) -> Path | None:
    return reading.path if occurrence.source is reading.source else path_of(occurrence.source, reading.path)


def _users(
    target: Path | None, reading: Reading, users: Iterable[Path], texts: Mapping[Path, str]
) -> list[Reading] | Refused:
    """The readings of files that use the declaring one."""
    user_readings = []
    for path in users if target is not None else ():
        if path == reading.path:
            continue
        try:
            text = texts[path] if path in texts else text_found(path)
        except (FileNotFoundError, UnicodeDecodeError):
            continue
        except OSError as error:
            return unread(error)
        user = read(text, path, {**texts, **({} if reading.path is None else {reading.path: reading.source.written})})
        if target in user.files:
            user_readings.append(user)
    return user_readings


def _new_error(before: Reading, after: Mapping[Path | None, str], texts: Mapping[Path, str]) -> str | None:
    """The message of an error that a reading has after the change and had not before."""
    open_texts = {**texts, **{path: text for path, text in after.items() if path is not None}}
    again = read(after.get(before.path, before.source.written), before.path, open_texts)
    known = _errors(before.diagnostics)
    return next((text for text, count in _errors(again.diagnostics).items() if count > known.get(text, 0)), None)


def _errors(diagnostics: Iterable[Diagnostic]) -> dict[str, int]:
    """The errors by code and line, since a message may quote the name."""
    counts: dict[str, int] = {}
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.ERROR:
            text = f"{diagnostic.code} in line {diagnostic.place.start.line} of {diagnostic.place.source.name}"
            counts[text] = counts.get(text, 0) + 1
    return counts
