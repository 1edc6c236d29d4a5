"""From a cell of a sheet to a cell of a table, in the words of the language; and back."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

from forbear.base.characters import hidden, named
from forbear.base.source import Source
from forbear.check.sheets.sheet import Cell
from forbear.kernel.cases import decimal_text
from forbear.language.model.facts import Fact
from forbear.language.model.values import quoted
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import parse

_LOCALE = re.compile(r"\d[.,' \u00a0\u202f]\d{3}[.,]\d|\d,\d")
"""A comma within digits: 12,5 and 1,000, and 1.000,50."""
_SPREAD = re.compile(r"\d\s*[-\u2013\u2014]\s*\d")


_TEXTS = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORDS = frozenset({"any", "none", "known", "unknown", "yes", "no"})
"""The words that a cell may be, and that a value of a closed list may be too."""


class Unclear(Exception):
    """A cell that has no meaning in a table: what is wrong with it, and what to do."""

    def __init__(self, message: str, help: str) -> None:
        self.message = message
        self.help = help


def heading_of(cell: Cell) -> str:
    """A heading. Raises `Unclear`."""
    if not isinstance(cell.value, str):
        raise Unclear("a heading is a text", "write the name of a fact or of an action")
    return _one_line(cell.value)


@cache
def is_heading(text: str) -> bool:
    """Whether a text may head a column of a table."""
    module, diagnostics = parse(Source("heading", f"table t\n| {text} |\n| any |\n"))
    if diagnostics or len(module.statements) != 1:
        return False
    (table,) = module.statements
    return isinstance(table, nodes.Table) and len(table.headings) == len(table.rows) == 1


def text_of(cell: Cell) -> str:
    """A cell of a text of the author's, as it is. Raises `Unclear`."""
    if not isinstance(cell.value, str):
        raise Unclear("here stands a text", "write it as one")
    return quoted(_one_line(cell.value))


def said(cell: Cell) -> str:
    """A cell under an action, `then` or `rule`. Raises `Unclear`."""
    if not isinstance(cell.value, str):
        raise Unclear(f"`{written(cell)}` is no word", "write it as a text")
    return _read(_one_line(cell.value))


def test_of(cell: Cell, fact: Fact | None) -> str:
    """A cell under a fact or, without one, under a definition. Raises `Unclear`."""
    value = cell.value
    if isinstance(value, datetime.date) and (fact is None or fact.kind.literal != "date"):
        raise Unclear(
            f"the spreadsheet has the date {value} here",
            "it may have made it of something like `9-13`: format the cell as text, and write it again",
        )
    if not isinstance(value, str):
        text = written(cell)
        return quoted(text) if fact is not None and _is_code(fact, text) else text
    text = _one_line(value)
    bare = None if fact is None else _codes(fact, text)
    if bare is not None:
        return bare
    if _LOCALE.search(_TEXTS.sub("", text)):
        raise Unclear(
            f"`{text}` may be a number with a comma, or two values",
            "write a point before decimals and nothing between thousands; after the comma of a list write a blank",
        )
    if _SPREAD.search(_TEXTS.sub("", text)) and fact is not None and fact.kind.numeric:
        span = re.sub(r"\s*[-\u2013\u2014]\s*", " to ", text, count=1)
        raise Unclear(f"`{text}` may be a span or a difference", f"write a span with `to`: `{span}`")
    if fact is not None and fact.names and fact.kind.literal is None and text not in fact.names:
        lower = text.lower()
        if lower in fact.names:
            raise Unclear(f"`{text}` has capital letters, and `{fact.name}` has none", f"write `{lower}`")
    return _read(text)


def written(cell: Cell) -> str:
    """A value that is no text, as the language writes it."""
    match cell.value:
        case bool():
            return "yes" if cell.value else "no"
        case Decimal():
            number = cell.value * 100 if cell.share else cell.value
            text = decimal_text(Fraction(number))
            return f"{text}%" if cell.share else text
        case datetime.date():
            return cell.value.isoformat()
        case datetime.time():
            return cell.value.isoformat("seconds" if cell.value.second else "minutes")
        case _:
            return str(cell.value)


def _one_line(text: str) -> str:
    """A text without the blanks around it. Raises `Unclear` for one of several lines, and for hidden characters."""
    stripped = text.strip()
    if len(stripped.splitlines()) > 1:
        raise Unclear("there is a line break in this cell", "write it on one line")
    for at in hidden(stripped):
        raise Unclear(f"there is a hidden character here: {named(stripped[at])}", "delete it, or type the text again")
    return stripped


@cache
def _read(text: str) -> str:
    """The text of a cell, which can be read as one. Raises `Unclear`."""
    rest = _TEXTS.sub("", text)
    for sign in '"|#':
        if sign in rest:
            help = "close the text with a second one" if sign == '"' else "take it out"
            raise Unclear(f"`{sign}` cannot stand here", help)
    module, diagnostics = parse(Source("cell", f"table t\n| x |\n| {text} |\n"))
    if diagnostics:
        raise Unclear(diagnostics[0].message, diagnostics[0].help)
    (table,) = module.statements
    assert isinstance(table, nodes.Table)
    assert len(table.rows[0].cells) == 1
    return text


def _is_code(fact: Fact, text: str) -> bool:
    """Whether a text is a value of a fact that is a closed list of texts."""
    return fact.kind.named and fact.kind.literal == "text" and text in fact.names


def _codes(fact: Fact, text: str) -> str | None:
    """A cell of bare values of a closed list, in quotation marks; None where there are none. Raises `Unclear`."""
    if _is_code(fact, text):
        return _marked(fact, text)
    negation = "not " if text.startswith("not ") else ""
    parts = [part.strip() for part in text.removeprefix("not ").split(",")]
    whole = text.removeprefix("not ").strip()
    if _is_code(fact, whole):
        parts = [whole]
    if not any(_is_code(fact, part) for part in parts):
        return None
    return negation + ", ".join([_marked(fact, part) if _is_code(fact, part) else _read(part) for part in parts])


def _marked(fact: Fact, text: str) -> str:
    if text in _WORDS:
        raise Unclear(f"`{text}` is a value of `{fact.name}`, and a word of tables too", f"write `{quoted(text)}`")
    return quoted(text)


def bare(cell: str, fact: Fact) -> str:
    """A cell of a table as a sheet has it: the values of a closed list without quotation marks, where they are read
    back as they are."""
    text = _TEXTS.sub(lambda literal: literal[0][1:-1], cell)
    try:
        return text if text != cell and test_of(Cell(text), fact) == cell else cell
    except Unclear:
        return cell
