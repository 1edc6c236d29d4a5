"""Decides whether a cell of a spreadsheet shows its value, by its number format.

A format may show another number, another day, another text or nothing. The formats that show a value as it is are few
and plain. A cell with any other format is refused: its author has read something that would not be imported.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

_NUMBER = re.compile(r"(?:#,##)?0+(?:\.(?P<decimals>[0#]+))?(?P<share>%)?")
_LOCALE = re.compile(r"\[\$-[0-9A-F]{3,4}\]", re.IGNORECASE)
"""A language, without the digits and the calendar that a longer one names."""
_LITERAL = re.compile(r'"[^"A-Za-z0-9]*"|\\[^A-Za-z0-9]')
_DATE = re.compile(r"[ymdhs\s/.,:\-年月日]*(?:am/pm)?")
_MOST_IN_GENERAL = 11
"""Characters to which a number without a format is rounded."""
_FIRST_DAY = datetime.date(1900, 3, 1)
"""Spreadsheets know a 29 February 1900, and do not agree on the days before it."""


def shares(number_format: str) -> bool:
    """Returns true if a format shows a number as a percentage."""
    plain = _NUMBER.fullmatch(number_format)
    return plain is not None and plain["share"] is not None


def shows_number(value: Decimal, number_format: str) -> bool:
    """Returns true if a format shows all of a number, and nothing else."""
    if number_format in ("General", "@"):
        return len(f"{abs(value):f}") <= _MOST_IN_GENERAL
    plain = _NUMBER.fullmatch(number_format)
    if plain is None:
        return False
    shown = value * 100 if plain["share"] else value
    return shown == round(shown, len(plain["decimals"] or ""))


def shows_text(number_format: str) -> bool:
    """Returns true if a format shows a text as it is: the fourth part of one is for texts, and so is a part with
    `@`.
    """
    return number_format == "@" or ("@" not in number_format and number_format.count(";") < 3)


def shows_truth(number_format: str) -> bool:
    """Returns true if a format shows a truth value."""
    return number_format in ("General", "@") or _NUMBER.fullmatch(number_format) is not None


def shows_date(value: datetime.date, number_format: str) -> bool:
    """Returns true if a format shows the year, the month and the day of a date."""
    parts = _parts(number_format)
    return value >= _FIRST_DAY and parts is not None and bool(re.search("y", parts)) and bool(_day_and_month(parts))


def shows_time(value: datetime.time, number_format: str) -> bool:
    """Returns true if a format shows all of a time of day."""
    parts = _parts(number_format)
    if parts is None or value.microsecond or not re.fullmatch(r"h{1,2}:mm(?::ss)?(?:\s*am/pm)?", parts.strip()):
        return False
    return "s" in parts or not value.second


def _parts(number_format: str) -> str | None:
    """The letters and separators of a format of dates and times; None where it is another one."""
    parts = _LITERAL.sub(" ", _LOCALE.sub("", number_format.removesuffix(";@"))).lower()
    return parts if _DATE.fullmatch(parts) else None


def _day_and_month(parts: str) -> bool:
    return (
        re.search(r"(?<!d)d{1,2}(?!d)", parts) is not None and re.search(r"(?<![hm:])m{1,4}(?![m:])", parts) is not None
    )
