"""Values as authors write them: from the text of a token to a number, a date, a time of day, a string.

A reader returns the value, or raises `Unreadable` with the help for writing it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from forbear.base.source import Span
from forbear.kernel.cases import MAXIMUM_DIGITS


@frozen
class Mistake:
    """An error in one statement: a diagnostic without the file, which its readers do not know.

    `instead` is what may be written in place of the span, `choices` what else if the author has to choose, and
    `stand_in` by what the statement can be read on where he has to choose a text.
    """

    code: str
    message: str
    span: Span
    help: str
    instead: str | None = None
    stand_in: str | None = None
    choices: Sequence[str] = ()


class Broken(NamedTuple):
    """A statement that cannot be read: the error, the beginning of its broken part, and the intended word, if one was
    misspelt.
    """

    mistake: Mistake
    begin: int
    meant: str | None = None


class Unreadable(Exception):
    """A token in the form of a literal that has no value; never leaves `syntax/`."""

    def __init__(self, message: str, help: str) -> None:
        self.message = message
        self.help = help


def read_number(text: str, negative: bool) -> Decimal:
    digits = text.replace("_", "")
    if len(digits) - ("." in digits) > MAXIMUM_DIGITS:
        raise Unreadable(f"a number of more than {MAXIMUM_DIGITS} digits", "write it with fewer digits")
    if not all(text.rstrip("_").split("_")) or text.endswith("_") or "_." in text:
        raise Unreadable(f"`{text}` is not a number", "an underscore goes between two digits: `1_000`")
    number = Decimal(digits)
    return -number if negative else number


def read_date(text: str) -> date:
    year, month, day = text.split("-")
    if (len(year), len(month), len(day)) != (4, 2, 2):
        example = f"{year}-{month:0>2}-{day:0>2}" if len(year) == 4 else "2015-09-01"
        raise Unreadable(
            f"`{text}` is not a date as the language writes it",
            f"write four digits of the year, two of the month, two of the day: `{example}`",
        )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable(f"there is no day `{text}`", "write a month from 01 to 12, and a day that it has") from None


def read_time(text: str) -> int:
    """Seconds since midnight."""
    if re.fullmatch(r"[0-9]:[0-5][0-9](:[0-5][0-9])?", text, re.ASCII):
        raise Unreadable(f"the hour of `{text}` has one digit", f"write two digits of the hour: `0{text}`")
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", text, re.ASCII):
        if text.startswith("24:00"):
            raise Unreadable(
                f"`{text}` is not a time of day",
                "the day ends with `23:59:59`; `00:00` begins it, and ends a span that is written `until 00:00`",
            )
        raise Unreadable(f"`{text}` is not a time of day", "write it from 00:00 to 23:59, with seconds to 23:59:59")
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def read_string(text: str) -> str:
    """Returns the text of a token that still has its quotation marks."""
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    wrong = re.search(r'\\[^"\\]', inner.replace("\\\\", ""))
    if wrong:
        raise Unreadable(
            f"`{wrong.group()}` means nothing inside a string", r"only `\"` and `\\` may follow a backslash; double it"
        )
    return "\\".join([part.replace('\\"', '"') for part in inner.split("\\\\")])
