"""A name that nothing declares here, and a file or a pack that declares it: the `uses` that is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Source
from forbear.check.files.locations import SUFFIX, text_found
from forbear.editors.editing.edits import applied
from forbear.editors.editing.offers.action import Action, in_the_head
from forbear.editors.editing.reading import Reading, read, source_of
from forbear.language.syntax import nodes
from forbear.language.syntax.naming import occurrences
from forbear.language.syntax.parser import parse

_MOST = 3


def missing_uses(
    reading: Reading, finding: Diagnostic, around: Iterable[Path], open_texts: Mapping[Path, str]
) -> Iterator[Action]:
    """Yields a `uses` for each file that declares an unknown name, if it makes the name known and causes no new error.
    Policies are left out: other files do not use them.
    """
    name = finding.unknown
    if name is None:
        return
    count = 0
    for clause in _declaring(name, reading, around, open_texts):
        edits = in_the_head(reading, clause)
        if _mends(reading, applied(reading.source.written, edits), finding, open_texts):
            yield Action(f"add `{clause}`", edits, finding, preferred=False)
            count += 1
        if count == _MOST:
            return


def _declaring(name: str, reading: Reading, around: Iterable[Path], open_texts: Mapping[Path, str]) -> Iterator[str]:
    bundled = resources.folder("rules") / "vocabulary"
    packs = sorted(Path(str(bundled)).glob(f"*{SUFFIX}"))
    for path in (*around, *packs):
        if path == reading.path or path in reading.files:
            continue
        try:
            text = open_texts[path] if path in open_texts else text_found(path)
        except (OSError, UnicodeDecodeError):
            continue
        if re.search(rf"\b{re.escape(name)}\b", text) is None:
            continue
        source = source_of(str(path), text)
        module = parse(source)[0] if isinstance(source, Source) else None
        if module is None or any(isinstance(node, nodes.PolicyHead) for node in module.statements):
            continue
        if any(occurrence.declares and occurrence.name == name for occurrence in occurrences(module)):
            yield f"uses {path.stem}" if path in packs else f'uses "{_path(path, reading)}"'


def _path(path: Path, reading: Reading) -> str:
    """A path as a rule file writes it: from its own folder, with `/`, and without the ending."""
    beside = Path.cwd() if reading.path is None else reading.path.parent
    return Path(os.path.relpath(path, beside)).as_posix().removesuffix(SUFFIX)


def _mends(reading: Reading, text: str, finding: Diagnostic, open_texts: Mapping[Path, str]) -> bool:
    after = read(text, reading.path, open_texts).diagnostics
    errors = [diagnostic for diagnostic in after if diagnostic.severity is Severity.ERROR]
    before = [diagnostic for diagnostic in reading.diagnostics if diagnostic.severity is Severity.ERROR]
    return len(errors) < len(before) and not any(diagnostic.unknown == finding.unknown for diagnostic in errors)
