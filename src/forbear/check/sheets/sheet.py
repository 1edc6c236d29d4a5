"""A sheet of a spreadsheet as data, and what is refused of it, by the address of its cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from attrs import frozen

from forbear.base.characters import hidden, named
from forbear.base.source import Source
from forbear.check.rules.tables import FOR_OTHERWISE
from forbear.kernel.cases import decimal_text
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.names import did_you_mean, listed
from forbear.language.model.values import quoted
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import parse

Value: TypeAlias = str | Decimal | bool | datetime.date | datetime.time | None
"""The value of a cell; None is an empty one."""


@frozen
class Cell:
    """A cell. `share` says of a number that it is shown as a percentage: then 0.8 is 80%."""

    value: Value
    share: bool = False


@frozen
class Refusal:
    """The error of a cell, and its help. `address` is that of the spreadsheet: C7."""

    address: str
    message: str
    help: str

    def __str__(self) -> str:
        return f"{self.address}: {self.message}; {self.help}"


@frozen
class Sheet:
    """A sheet: its name, its cells by rows from the first one on, and what could not be read."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    refusals: tuple[Refusal, ...] = ()


class SheetError(Exception):
    """A file that cannot be read as a sheet."""


EMPTY = Cell(None)
MOST_CELLS = 100_000
"""The most cells that are read of a sheet, empty ones between others among them."""


def column_name(number: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def address(row: int, column: int) -> str:
    """The address of a cell by its place, both counted from 0."""
    return f"{column_name(column)}{row + 1}"


def trimmed(rows: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Returns the rows up to the last one that is not empty, each up to the last column that is not empty in any
    row.
    """
    cells = [tuple(row) for row in rows]
    widths = [max((at + 1 for at, cell in enumerate(row) if cell.value is not None), default=0) for row in cells]
    while widths and not widths[-1]:
        widths.pop()
    width = max(widths, default=0)
    return tuple([(*row[:width], *[EMPTY] * (width - len(row))) for row in cells[: len(widths)]])


# From a cell of a sheet to a cell of a table, in the words of the language; and back.


_LOCALE = re.compile(r"\d[.,' \u00a0\u202f]\d{3}[.,]\d|\d,\d")
"""A comma within digits: 12,5 and 1,000, and 1.000,50."""
_SPREAD = re.compile(r"\d\s*[-\u2013\u2014]\s*\d")


_TEXTS = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORDS = frozenset({"any", "none", "known", "otherwise", "unknown", "yes", "no"})
"""The words that a cell may be, and that a value of a closed list may be too."""


_EFFECTS = frozenset({"allow", "forbid", "require", "never"})


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
    """Returns true if a text may head a column of a table."""
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
    word = word_of(text)
    if word is not None and word != text and not (fact is not None and text.lower() in fact.names):
        raise Unclear(f"`{text}` is not a word of tables", f"write `{word}`, here or with --map {text}={word}")
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
    unknown = None if fact is None else _unknown(fact, text)
    if fact is not None and unknown is not None and not did_you_mean(unknown, fact.names):
        values = listed(fact.names or ("yes", "no"), 12)
        help = f"it takes {values}, or `any`; to read all such cells as one of them, write --map {unknown}=VALUE"
        raise Unclear(f"`{unknown}` is not a value of `{fact.name}`", help)
    return _read(text)


def word_of(text: str) -> str | None:
    """The word of tables that a cell may mean, also with the capital letters that a spreadsheet gives it."""
    lower = text.strip().lower()
    return "otherwise" if lower in FOR_OTHERWISE else lower if lower in _WORDS else None


def written(cell: Cell) -> str:
    """Returns a value that is not a text, as the language writes it."""
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
    """Returns a text without the blanks around it. Raises `Unclear` for one of several lines, and for hidden
    characters.
    """
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
    """Returns true if a text is a value of a fact that is a closed list of texts."""
    return fact.kind.named and fact.kind.literal == "text" and text in fact.names


def _unknown(fact: Fact, text: str) -> str | None:
    """Returns a part of a cell that is not a value of a fact of a closed list, if it is no other word of the
    language.
    """
    closed = fact.names or (("yes", "no") if fact.kind.storage is Storage.FLAG else ())
    parts = [part.strip() for part in text.removeprefix("not ").split(",")] if closed and not fact.ordered else []
    plain = [part for part in parts if part not in closed and part not in _WORDS | _EFFECTS]
    return next((part for part in plain if re.fullmatch(r"[^\W\d][\w ./-]*|[^\x00-\x7f]+", part)), None)


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
    """Returns a cell of a table as a sheet has it: the values of a closed list without quotation marks, if they are
    read back as they are.
    """
    text = _TEXTS.sub(lambda literal: literal[0][1:-1], cell)
    try:
        return text if text != cell and test_of(Cell(text), fact) == cell else cell
    except Unclear:
        return cell
