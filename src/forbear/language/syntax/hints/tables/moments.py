"""Hints for days, dates and times of day in the notations of others. They come first: the words in them, such as
`past`, begin other phrases too."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.language.syntax.hints.forms import DAY_AND_MONTH, IN_DIGITS, IN_WORDS, TIME_OF_DAY, evening_of, time_of
from forbear.language.syntax.hints.hint import (
    ACTIONS,
    AFTER_THEN,
    BEGINS,
    DATE,
    DAY,
    DAYS,
    NAME,
    NUMBER,
    UNIT,
    Hint,
    around,
    instead,
    misplaced,
)

_DATE = rf"(?P<day>{DATE}|{IN_WORDS}|{IN_DIGITS})"
_OF_TIME = r"[0-9][0-9:.]*[0-9]|[0-9]"
_CERTAIN = rf"(?=[^\s]*[:.h]|[0-9:.]+\s*[ap]\.?\s?m|noon|midnight){TIME_OF_DAY}"
"""A time of day that says which half of the day is meant."""
_HOUR = r"(?:[1-9]|1[0-2])"
_NO_DAYS = rf"(?!\s*(?:{DAYS}|{UNIT}))"
_TO = r"\s*(?:\b(?:and|to|until|till)\b|[-\u2013\u2014])\s*"
_BY_TIME = "hours of the day are compared with a fact"
_LOCAL = "; `local_time` is a fact of the standard vocabulary"
_IN_FORCE = "; the days on which a rule applies may also be written after it: `in force {word} {day_date}`"
_ON_A_DATE = "a date is compared with the day of the decision"
_DUE = r"(?:the\s+)?due(?:\s+date)?"
_AFTER_DUE = rf"(?:\s+(?:overdue|late|delinquent|in\s+arrears|past(?:\s+{_DUE})?|after\s+{_DUE}))"
"""What says that days are those past due, which the clock counts anyway."""
_NO_DATE = r"(?!\s+(?:ago|before|after|since|from|past|following|of)\b)"
_BY_CLOCK = "days past due are counted by the clock"
_N_DAYS = rf"(?P<number>{DAY})\s+{DAYS}"
_LESS = r"(?:less|fewer)"
_CLOCK = (
    # as it is said; as it is written; an example
    (rf"(?:at\s+least|minimum(?:\s+of)?)\s+{_N_DAYS}", "from day {number}", "at least 60 days"),
    (rf"(?:at\s+most|no\s+more\s+than|up\s*to)\s+{_N_DAYS}", "within {number} days", "at most 60 days"),
    (rf"(?:more\s+than|over)\s+{_N_DAYS}", "after {number} days", "more than 60 days"),
    (rf"(?:less|fewer)\s+than\s+{_N_DAYS}", "before day {number}", "less than 60 days"),
    (rf"exactly\s+{_N_DAYS}", "on day {number}", "exactly 60 days"),
    (rf"(?P<number>{DAY})\s+(?:or\s+more\s+{DAYS}|{DAYS}\s+or\s+more)", "from day {number}", "60 days or more"),
    (rf"(?P<number>{DAY})\s+(?:or\s+{_LESS}\s+{DAYS}|{DAYS}\s+or\s+{_LESS})", "within {number} days", "9 days or less"),
    (rf"up\s*to\s+day\s+(?P<number>{DAY})", "within {number} days", "up to day 60"),
)  # fmt: skip
_ORDINAL = r"(?:the\s+)?(?P<number>[0-9]+)(?:st|nd|rd|th)\s+day"
_CLOCK_CONDITION = (
    rf"(?:after|within)\s+(?:{NUMBER}|{NAME})\s+{DAYS}|(?:before|on)\s+day\s+{DAY}"
    rf"|from\s+day\s+{DAY}(?:\s+to\s+(?:day\s+)?{DAY})?"
)


def _hours(words: Mapping[str, str]) -> str:
    """What to write for `between 8 and 21`, which may be hours or days; a small hour may be one in the evening."""
    first, last = words["first"], words["last"]
    when = "when " if "after_effect" in words else ""
    write = "leave this out, and write before `then`, after an `and`," if "after_then" in words else "write"
    both = f"`{when}local_time {'is not ' if 'outside' in words else ''}between {time_of(first)} and {time_of(last)}`"
    later = [f"`{evening_of(hour)}` for {hour} in the evening" for hour in (first, last) if evening_of(hour)]
    hours = both + (f", with {' and '.join(later)}" if later else "")
    if not (first.isdigit() and last.isdigit()) or "outside" in words:
        return f"{write} {hours}"
    return f"{write} `{when}from day {first} to day {last}` if these are days past due; if they are hours, {hours}"


HINTS = (
    # times of day
    *instead(
        rf"(?:local_time\s+|time\s+)?(?:not\s+|outside\s+(?:of\s+)?)(?:between\s+|from\s+)?"
        rf"(?P<first>{_CERTAIN}){_TO}(?P<last>{_CERTAIN}){_NO_DAYS}",
        _BY_TIME,
        "local_time is not between {first_time} and {last_time}",
        "outside 8am to 9pm",
        _LOCAL,
    ),
    *instead(
        rf"(?:between|from)\s+(?P<first>{_CERTAIN}){_TO}(?P<last>{_CERTAIN}){_NO_DAYS}",
        _BY_TIME,
        "local_time between {first_time} and {last_time}",
        "between 9pm and 8am",
        _LOCAL,
    ),
    Hint(
        around(
            rf"(?:(?P<after_then>{AFTER_THEN})|(?P<after_effect>{ACTIONS})|{BEGINS})(?<!not\s)(?P<mark>(?:between|from|(?P<outside>outside(?:\s+of)?))\s+(?P<first>{TIME_OF_DAY}){_TO}"
            rf"(?P<last>{TIME_OF_DAY}))(?!\s*(?:{DAYS}|{UNIT}))"
        ),
        _BY_TIME,
        _hours,
        "never phone_call when ⟨between 8 and 21⟩",
    ),
    *[
        row
        for word, sign in (("after", ">"), ("before", "<"), ("until|till", "<="), ("from|since", ">="))
        for row in instead(
            rf"(?:{word})\s+(?P<time>{_CERTAIN})(?!\s*(?:{DAYS}|to\b|and\b))",
            _BY_TIME,
            f"local_time {sign} {{time_time}}",
            f"{word.partition('|')[0]} 9pm",
            _LOCAL,
        )
    ],
    # dates
    *[
        row
        for said, sign, word in (
            ("from|since|starting(?:\\s+on)?", ">=", "from"),
            ("until|till|through", "<=", "until"),
        )
        for row in instead(
            rf"(?:{said})\s+{_DATE}",
            _ON_A_DATE,
            f"today {sign} {{day_date}}",
            f"{word} 1 Jan 2027",
            _IN_FORCE.replace("{word}", word),
        )
    ],
    *[
        row
        for word, sign in (("after", ">"), ("before", "<"), ("on", "is"))
        for row in instead(rf"{word}\s+{_DATE}", _ON_A_DATE, f"today {sign} {{day_date}}", f"{word} 1 Jan 2027")
    ],
    *[
        row
        for word, sign in (("from|since", ">="), ("until|till", "<="), ("after", ">"), ("before", "<"), ("on", "is"))
        for row in instead(
            rf"(?:{word})\s+(?P<day>{DAY_AND_MONTH})",
            _ON_A_DATE,
            f"today {sign} YYYY{{day_yearly}}",
            f"{word.partition('|')[0]} 25 December",
            ", with its year for `YYYY`",
        )
    ],
    Hint(
        around(rf"(?P<mark>\b(?:valid|effective|applicable)\s+(?P<word>from|until)\s+{_DATE})"),
        "the days of a policy or rule come after `in force`",
        "write `in force {word} {day_date}`",
        "policy p ⟨valid until 31 December 2026⟩\nnever sms",
    ),
    # days past due
    *[
        row
        for said, written, example in _CLOCK
        for row in instead(rf"{said}{_AFTER_DUE}?{_NO_DATE}", _BY_CLOCK, written, example)
    ],
    *instead(
        rf"(?P<word>after|within)\s+(?P<number>{DAY})\s+{DAYS}{_AFTER_DUE}",
        _BY_CLOCK,
        "{word} {number} days",
        "after 60 days late",
    ),
    *[
        row
        for word in ("before", "from", "on")
        for row in instead(
            rf"{word}\s+(?P<number>{DAY})\s+{DAYS}{_AFTER_DUE}",
            _BY_CLOCK,
            f"{word} day {{number}}",
            f"{word} 60 days past due",
        )
    ],
    *instead(
        rf"(?:until|by)\s+(?P<number>{DAY})\s+{DAYS}{_AFTER_DUE}",
        _BY_CLOCK,
        "within {number} days",
        "until 60 days past due",
        ", which holds on day {number} too, or `before day {number}`, which does not",
    ),
    *[
        row
        for said, written, example in (
            (r"after\s+", "after {number} days", "after"),
            (r"from\s+", "from day {number}", "from"),
            (r"before\s+", "before day {number}", "before"),
            (r"on\s+", "on day {number}", "on"),
        )
        for row in instead(rf"{said}{_ORDINAL}{_AFTER_DUE}?", _BY_CLOCK, written, f"{example} the 60th day")
    ],
    Hint(
        around(rf"(?P<mark>\b{_ORDINAL}{_AFTER_DUE}?)"),
        "a word before the day says on which days the rule holds",
        "write `on day {number}` for that day alone, or `from day {number}` for it and all that follow",
        "rule r: ⟨the 60th day⟩ then allow sms",
    ),
    # hours since an event
    *instead(
        rf"(?:within|in|less\s+than)\s+(?P<number>{DAY})\s+hours?\s+(?:of|after|since|from|following)\s+(?:an?\s+|the\s+|last\s+)*(?P<event>{NAME})",
        "hours are counted since an event, by a fact that follows from it",
        "{event}_lately",
        "within 24 hours after promise",
        ", and declare {uses}`event {event}_done` and `fact {event}_lately any {event}_done in last {number} hours`",
    ),
)

LAST = (
    misplaced(
        rf"(?P<condition>{_CLOCK_CONDITION})(?![^\n]*\bthen\b)",
        "a condition after its effect begins with `when`",
        "{condition}",
        "before day 60",
    ),
)
"""These come after days since a date or an event."""
