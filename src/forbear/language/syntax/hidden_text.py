"""Warns of text that a reader of a rule file cannot see: hidden characters, and letters that look like others.

Legitimate text gets no warning: any script as such, its punctuation, emoji. A letter of another script gets one if it
looks like a Latin letter and shares a word with one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any, NamedTuple

from forbear.base.characters import hidden, named
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Source, Span
from forbear.language.model.messages import diagnosis
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Statement

_MOST = 1000
"""The number of lines with a warning, at most."""
_LONG = 60
_LINE_ENDS = frozenset("\v\f\x85\u2028\u2029")
"""The parser reports these as errors."""
_SCRIPTS = (
    ("асԁеһіјӏорԛѕуѵԝх", "acdehijlopqsyvwx"),  # Cyrillic
    ("АВСԌЕНІЈКМОРԚЅТѴԜХУҮ", "ABCGEHIJKMOPQSTVWXYY"),
    ("αιϳνορυϲ", "aijvopuc"),  # Greek
    ("ΑΒϹΕΗΙΚΜΝΟΡΤΥΧΖ", "ABCEHIKMNOPTYXZ"),
    ("ցհոօզսԼՕՏՍ", "ghnoquLOSU"),  # Armenian
    ("ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏚᎢᏙᎳᏃ", "ABCDEGHJKLMPSTVWZ"),  # Cherokee
)
_ALIKE = {ord(letter): plain for letters, plains in _SCRIPTS for letter, plain in zip(letters, plains, strict=True)}
"""Letters of other scripts, and the plain Latin ones that they look like, by the confusables of UTS 39."""
_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z]")


class _Found(NamedTuple):
    """Something that misleads a reader: where it is, and what to say of it."""

    span: Span
    variant: str
    arguments: dict[str, Any]


def hidden_text(source: Source, statements: Sequence[Statement], errors: Collection[int]) -> Iterator[Diagnostic]:
    """A warning for each line that holds something hidden, except for `errors`, the lines that have an error already.

    A warning within a named rule names it in its `rules`, so that it can be accepted.
    """
    text = source.text
    misleading = merge(_hidden(text), _alike(text))
    starts = [statement.span[0] for statement in statements]
    lines = groupby(misleading, lambda found: source.position(found.span[0]).line)
    for line, on_line in islice(filter(lambda group: group[0] not in errors, lines), _MOST):
        first = next(on_line)
        more_on_line = sum(1 for _ in on_line)
        place = Place(source, first.span)
        at = bisect_right(starts, first.span[0]) - 1
        within = _rule(statements[at], first.span[0]) if at >= 0 else ()
        yield diagnosis(
            f"hidden-text.{first.variant}", place, rules=within, line=line, more=more_on_line or None, **first.arguments
        )


def _rule(statement: Statement, at: int) -> tuple[str, ...]:
    if isinstance(statement, nodes.Rule | nodes.Table) and statement.name is not None and at < statement.span[1]:
        return (statement.name.text,)
    return ()


def _hidden(text: str) -> Iterator[_Found]:
    for at in hidden(text):
        if text[at] not in _LINE_ENDS:
            yield _Found((at, at + 1), "character", {"character": named(text[at])})


def _alike(text: str) -> Iterator[_Found]:
    """The words in which a letter looks like another."""
    if text.isascii():
        return
    letters = set(text)
    styled = {letter: plain for letter in letters if (plain := _plain(letter)) is not None}
    strange = {*styled, *(letter for letter in letters if ord(letter) in _ALIKE)}
    if not strange:
        return
    for match in _WORD.finditer(text):
        word = match.group()
        if strange.isdisjoint(word):
            continue
        mixed = _LATIN.search(word) is not None
        for at, letter in enumerate(word, match.start()):
            plain = styled.get(letter) or (letter.translate(_ALIKE) if mixed else letter)
            if plain != letter:
                seen = {"word": word[:_LONG], "letter": letter, "character": named(letter), "plain": plain}
                yield _Found((at, at + 1), "alike", seen)
                break


def _plain(letter: str) -> str | None:
    """Returns the plain letter or digit that a full-width one, or one of a mathematical alphabet, resembles."""
    if not unicodedata.decomposition(letter).startswith(("<wide>", "<font>")):
        return None
    plain = unicodedata.normalize("NFKC", letter)
    return plain if plain.isascii() and plain.isalnum() else None
