"""Writes moments in words: that of a decision, with its time zone; and others, with their offsets."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

_END_OF_DAY = datetime.time(23, 59, 59)


def moment_text(moment: datetime.datetime, *, in_words: bool = False) -> str:
    """`2026-03-01 21:30 in America/New_York`. A case `in_words` names no zone: its moment is the borrower's local time,
    in an offset that the command line names or, without one, as it is written."""
    seconds = f":{moment:%S}" if moment.second else ""
    text = f"{moment:%Y-%m-%d %H:%M}{seconds}"
    if moment.time().replace(microsecond=0, fold=0) == _END_OF_DAY:
        text = f"the end of {moment:%Y-%m-%d}"
    if not in_words:
        return f"{text} in {moment.tzinfo}"
    if moment.tzinfo is None:
        return f"{text}, the borrower's local time"
    return f"{text} in {moment.tzinfo}, taken for the borrower's local time"


def decided_text(moments: Sequence[datetime.datetime], *, in_words: bool = False) -> str:
    """Returns the moment of the decision, in each time zone of the case."""
    texts = "; ".join(moment_text(moment, in_words=in_words) for moment in moments)
    return f"decided at {texts}" + ("; what is permitted is permitted in each" if len(moments) > 1 else "")


def offset_text(moment: datetime.datetime) -> str:
    """A moment on the clocks there, as short as it can be: `Sat 2026-03-07 10:00-05:00`."""
    digits = "auto" if moment.microsecond else "seconds" if moment.second else "minutes"
    return f"{moment:%a} {moment.isoformat(sep=' ', timespec=digits)}"
