"""What an editor offers an author where a finding is, as `$ offers` in a transcript shows it."""

from __future__ import annotations

from difflib import ndiff
from pathlib import Path

from forbear.analysis.comparison.difference import difference
from forbear.analysis.comparison.pair import ChangeEffect
from forbear.base.diagnostic import Diagnostic, in_file_order
from forbear.editors.editing.edits import applied
from forbear.editors.editing.mending import layout, quick_fixes
from forbear.editors.editing.reading import Reading, read


def findings_of(reading: Reading) -> tuple[Diagnostic, ...]:
    """All diagnostics of a text, as an editor shows them."""
    return reading.diagnostics if reading.policy is None else in_file_order(reading.found().diagnostics)


def offers(folder: Path, file: str, code: str) -> bytes:
    """The ways out of the first finding of a code: each with the lines that it changes, whether it is careful, and
    whether the finding stays. What it makes of the text can be read, and is laid out if the text is; a careful one
    permits nothing more."""
    text = (folder / file).read_text(encoding="utf-8")
    reading = read(text, None)
    one = next(one for one in findings_of(reading) if one.code == code)
    lines = []
    for way in quick_fixes(reading, [one], one.place.span):
        after = applied(text, way.edits)
        again = read(after, None)
        assert again.policy is not None, (way.title, [one.message for one in again.diagnostics])
        assert not layout(after) or layout(text), (way.title, after)
        effects = {one.effect for one in difference(reading.policy, again.policy).changes} if reading.policy else set()
        assert not way.careful or ChangeEffect.NEWLY_PERMITTED not in effects, way.title
        stays = any(one.code == code and one.accepted is None for one in findings_of(again))
        lines.append(f"{way.title}{' (careful)' * way.careful}{' (the finding stays)' * stays}")
        changes = ndiff(text.splitlines(), after.splitlines())
        lines += [f"  {line}".rstrip() for line in changes if line[0] in "+-"]
    return "".join(f"{line}\n" for line in lines).encode()
