"""The messages of the checker and the analyser, from the catalogue `messages.txt`: a diagnostic is a code, a variant of
it, and the arguments of its text.

An entry of the catalogue is three lines: `code.variant`, the message and the help. `{argument}` stands for its value:
several names are listed in backticks, at most three with `{names:3}`; `{names:has|have}` is a word for one of them, or
for several. A part in brackets is there if its arguments are; of texts between ` || ` the first one is taken of which
all arguments are there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from forbear.base.diagnostic import Code, Diagnostic
from forbear.base.source import Place
from forbear.kernel.cases import filled
from forbear.language.model.names import Suggestion, did_you_mean, listed


@cache
def catalogue() -> Mapping[str, tuple[str, str]]:
    """The message and the help of each variant of a code."""
    entries = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").strip().split("\n\n")
    return {key: (message, help) for key, message, help in (entry.split("\n") for entry in entries)}


def diagnosis(
    text: str,
    place: Place,
    /,
    *,
    code: Code | None = None,
    unknown: str | None = None,
    known: Collection[str] = (),
    **parts: Any,
) -> Diagnostic:
    """Returns a diagnostic of the catalogue; a finding has a `code` of its own. The `parts` are fields of the
    diagnostic, and the arguments of its text. An argument that is None, False or an empty list is left out. If one of
    the `known` names is near to the `unknown` one, the help is that name.
    """
    name, _, variant = text.partition(".")
    entry, meant = catalogue()[text], None if unknown is None else did_you_mean(unknown, known)
    fields = {field: parts.pop(field) for field in _FIELDS & parts.keys()}
    parts |= {"unknown": unknown, "known": [*known], "nearest": meant or parts.get("nearest")}
    there = {name: value for name, value in parts.items() if value not in (None, [], ()) and value is not False}
    words = {name: _in_words(value) for name, value in there.items()}
    read = "".join([*entry, "{nearest"])
    arguments = {name: value for name, value in there.items() if f"{{{name}" in read}
    fields |= {"unknown": unknown, "fact": parts.get("fact") if code else None, "place": place}
    fields |= {"code": code or name, "message": _worded(entry[0], words), "variant": variant, "arguments": arguments}
    return Diagnostic(help=meant or _worded(entry[1], words), **fields)


def _in_words(value: object) -> object:
    if isinstance(value, list | tuple):
        return _Names(value)
    return value.meant if isinstance(value, Suggestion) else value


class _Names(tuple[str, ...]):
    def __format__(self, spec: str) -> str:
        one, is_word, several = spec.partition("|")
        if is_word:
            return one if len(self) == 1 else several
        return listed(self, int(spec or 8))


_FIELDS = {field.name for field in attrs.fields(Diagnostic)} - {"fact", "names", "unknown"}


def _worded(text: str, words: Mapping[str, object]) -> str:
    *others, last = text.split(" || ")
    for one in others:
        try:
            return filled(one, words)
        except KeyError:
            continue
    return filled(last, words)
