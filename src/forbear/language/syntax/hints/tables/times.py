"""Hints for days, dates and times of day in other notations. They come first: the words in them, such as `past`, begin
other phrases too.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from forbear.language.syntax.hints.forms import (
    COMPARED,
    DAY_AND_MONTH,
    IN_DIGITS,
    IN_WORDS,
    TIME_OF_DAY,
    TIMED,
    evening_of,
    time_of,
)
from forbear.language.syntax.hints.hint import (
    ACTIONS,
    AFTER_DUE,
    AFTER_THEN,
    BEGINS,
    DATE,
    DAY,
    DAYS,
    DIGITS,
    DUE,
    LITERAL,
    NAME,
    STRING,
    UNIT,
    Hint,
    around,
    condition_help,
    instead,
)

_ANY_DATE = rf"(?:{DATE}|{IN_WORDS}|{IN_DIGITS})"
_DATE = rf"(?P<day>{_ANY_DATE})"
_CERTAIN = (
    r"(?=[^\s]*[:.h]|[0-9:.]+\s*[apAP]\.?\s?[mM]|noon|midnight|[0-9:.]+\s*(?:o.clock\s+)?(?:in\s+the|at)\s)"
    rf"{TIME_OF_DAY}"
)
"""A time of day that says which half of the day is meant."""
_NO_DAYS = rf"(?!\s*(?:{DAYS}|{UNIT}))"
_TO = r"\s*(?:\b(?:and|to|until|till)\b|[-\u2013\u2014~])\s*"
_BY_TIME = "hours of the day are compared with a fact"
_LOCAL = "{of_time}"
_ON_A_DATE = "a date is compared with the day of the decision"
_NO_DATE = r"(?!\s+(?:ago|before|after|since|from|past|following|of)\b)"
_BY_CLOCK = "days past due are counted by the clock"
_N_DAYS = rf"(?:{DAY}|(?:a|one)(?=\s+week))\s+(?:{DAYS}|weeks?\b)"
_NTH_DAY = rf"(?:(?:day|[Dd][Pp][Dd])\s+{DAY}|(?:the\s+)?[0-9]+(?:st|nd|rd|th)\s+day)"
_OVERDUE = r"(?:(?:overdue|late|past\s+due|delinquent)\s+(?:by\s+|for\s+)?)?"
_OR = r"or\s+(?:more|less|fewer)"
_PAST_DUE = (
    rf"(?P<phrase>(?!until\b|till\b|through\b|(?:after|within)\s+day\b)(?:{COMPARED}|{TIMED})\s+(?:{_N_DAYS}|{_NTH_DAY}(?:\s+onwards?)?)"
    rf"|{DAY}\s+(?:{_OR}\s+{DAYS}|{DAYS}\s+{_OR})|[0-9]+\+\s*(?:{DAYS}|[Dd][Pp][Dd]\b))"
)
"""Days past due in the words of a comparison or of a time, or with `or more` behind them."""
_TWO_DAYS = (
    rf"(?P<first>-?{DIGITS}(?![\w:/]))(?:\s+{DAYS})?\s*(?:\b(?:and|to|until|till|through|up\s+to(?:\s+and\s+including)?)\b|[-\u2013~])\s*"
    rf"(?:day\s+)?(?P<last>{DAY})(?:\s+{DAYS})?"
)


def _hours_since(words: Mapping[str, str]) -> str:
    """Days from a date, on the side that is said, or on one or both; of anything else, a fact of an event."""
    event, hours = words["event"], words["number"]
    if not words["as"].startswith("date"):
        return _LATELY(words)
    days = f"{int(hours) // 24}" if hours.isdigit() and int(hours) % 24 == 0 else "N"
    more = "1 day" if days == "1" else f"{days} days"
    when = "when " if "after_effect" in words else ""
    after = f"write `{when}today between {event} and {event} + {more}`"
    if words["side"] != "of":
        return f"{after}, in days, as a date has no hours"
    return (
        f"{after}, if the days after it are meant, or "
        f"`{when}today between {event} - {more} and {event} + {more}`, if those before it are too; a date has no hours"
    )


_LATELY = condition_help(
    "{event}_lately",
    ", and declare {uses}`event {event}_done` and `fact {event}_lately any {event}_done in last {number} hours`; of"
    " a date, days are counted, as in `today between {event} and {event} + N days`",
)


def _hours(words: Mapping[str, str]) -> str:
    """Returns the text to write for `between 8 and 21`, which may be hours or days; a small hour may be one in the
    evening.
    """
    first, last = words["first"], words["last"]
    when = "when " if "after_effect" in words else ""
    write = "leave this out, and write before `then`, after an `and`," if "after_then" in words else "write"
    fact = f"{words['local_time']} is not" if "outside" in words else words["local_time"]
    both = f"`{when}{fact} between {time_of(first)} and {time_of(last)}`"
    later = [f"`{evening_of(hour)}` for {hour} in the evening" for hour in (first, last) if evening_of(hour)]
    hours = both + (f", with {' and '.join(later)}" if later else "")
    if not (first.isdigit() and last.isdigit()) or "outside" in words:
        return f"{write} {hours}"
    return f"{write} `{when}from day {first} to day {last}` if these are days past due; if they are hours, {hours}"


HINTS = (
    # times of day
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>(?!days?\b){NAME})\s+(?!from\s+{LITERAL}\s+until\b)(?:is\s+)?(?:from\s+|between\s+)?"
            rf"(?P<low>{LITERAL})\s+(?:until|till)\s+(?P<high>{LITERAL}))(?!\w)"
        ),
        "`until` goes with `from`, and leaves its end out",
        "write `{fact} from {low} until {high}`, or, with its end, `{fact} between {low} and {high}`",
        "never sms when ⟨local_time is from 22:00 until 08:00⟩",
        more=(
            "never sms when ⟨local_time between 22:00 until 08:00⟩",
            "never sms when ⟨local_time from 22:00 till 08:00⟩",
            "never sms when ⟨local_time 22:00 until 08:00⟩",
        ),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>{NAME})\s+(?:is\s+)?not\s+from\s+(?P<low>{LITERAL})\s+until\s+(?P<high>{LITERAL}))"
        ),
        "`not` is written before a fact that is compared by `from` and `until`",
        "write `not {fact} from {low} until {high}`",
        "never sms when ⟨local_time is not from 22:00 until 08:00⟩",
        more=("never sms when ⟨overdue_amount not from CNY 5 until CNY 20⟩",),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>{NAME})\s+(?:is\s+)?(?:between|from)\s+(?P<first>{_CERTAIN})\s*(?P<until>\b(?:to|until|till)\b|[-\u2013~])\s*"
            rf"(?P<last>{_CERTAIN}))"
        ),
        "a range with both ends is written with `between`",
        lambda words: (
            None
            if words["as"] != "time"
            else (
                "write `{fact} from {first_time} until {last_time}`"
                if words["until"].startswith(("u", "ti")) or words["first_time"] > words["last_time"]
                else "write `{fact} between {first_time} and {last_time}`"
            ).format_map(words)
        ),
        "never sms when ⟨local_time from 14.00 to 4 pm⟩",
    ),
    instead(
        rf"from\s+(?P<first>{_CERTAIN})\s+(?:until|till)\s+(?P<last>{_CERTAIN}){_NO_DAYS}",
        _BY_TIME,
        "{local_time} from {first_time} until {last_time}",
        "from 9pm until 8am",
        _LOCAL,
    ),
    instead(
        rf"(?P<no>(?:local_time\s+|time\s+)?(?:not|outside(?:\s+of)?)\s+(?:between\s+|from\s+)?|(?:between|from)\s+|)"
        rf"(?P<first>{_CERTAIN}){_TO}(?P<last>{_CERTAIN}){_NO_DAYS}",
        _BY_TIME,
        "{local_time} {no_negated}between {first_time} and {last_time}",
        "outside 8am to 9pm",
        _LOCAL,
        "between 9pm and 8am",
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
    instead(
        rf"(?!on\s+(?!or\b))(?P<said>{TIMED}|(?:later|earlier)\s+than)\s+(?P<time>{_CERTAIN})(?!\s*(?:{DAYS}|to\b|and\s+[0-9]))",
        _BY_TIME,
        "{local_time} {said_sign} {time_time}",
        "after 9pm",
        _LOCAL,
        "before 9pm",
        "until 9pm",
        "from 9pm",
    ),
    Hint(
        around(
            rf"\bis\s+(?:not\s+)?(?:{NAME}|{STRING})\s+(?P<mark>(?:between|from)\s+(?P<first>{_CERTAIN}){_TO}(?P<last>{_CERTAIN}))"
        ),
        _BY_TIME,
        "write `and {local_time} between {first_time} and {last_time}`",
        'rule r: never sms when state is "CA" ⟨from 20:00 to 09:00⟩',
    ),
    Hint(
        around(rf"\bis\s+(?:not\s+)?(?:{NAME}|{STRING})\s+(?P<mark>(?P<said>{TIMED})\s+(?P<time>{_CERTAIN}))"),
        _BY_TIME,
        "write `and {local_time} {said_sign} {time_time}`",
        "rule r: weekday is sunday ⟨before 1pm⟩ then allow sms",
    ),
    # dates
    instead(
        rf"(?:between|from)\s+(?P<first>{_ANY_DATE}){_TO}(?P<last>{_ANY_DATE})",
        _ON_A_DATE,
        "today between {first_date} and {last_date}",
        "between 20 Dec 2026 and 3 Jan 2027",
        "",
        "between 20/12/2026 and 31.12.2026",
    ),
    instead(
        rf"(?:between|from)\s+{IN_DIGITS}{_TO}{IN_DIGITS}",
        _ON_A_DATE,
        "today between DATE and DATE",
        "between 03/04/2026 and 05/04/2026",
        ", with each date as YYYY-MM-DD",
    ),
    instead(
        rf"(?P<when>(?P<said>{TIMED})\s+{_DATE})",
        _ON_A_DATE,
        "today {said_is} {day_date}",
        "from 1 Jan 2027",
        "{when_inforce}",
        "until 1 Jan 2027",
        "after 1 Jan 2027",
        "before 1 Jan 2027",
        "on 1 Jan 2027",
    ),
    instead(
        rf"(?P<said>{TIMED})\s+(?P<day>{DAY_AND_MONTH})",
        _ON_A_DATE,
        "today {said_is} YYYY{day_yearly}",
        "from 25 December",
        ", with its year for `YYYY`",
        "until 25 December",
        "after 25 December",
        "before 25 December",
        "on 25 December",
    ),
    Hint(
        around(rf"(?P<mark>\b(?:valid|effective|applicable)\s+(?P<word>from|until)\s+{_DATE})(?:\s+until\s+{DATE})?"),
        "the days of a policy or rule come after `in force`",
        "write `in force {word} {day_date}`",
        "policy p ⟨valid until 31 December 2026⟩\nnever sms",
        more=("policy p\n  ⟨effective from 2026-03-01⟩ until 2026-12-31\n\nnever sms",),
    ),
    Hint(
        around(rf"\bsuspend\s[^\n:#]*?(?P<mark>\bbetween\s+(?P<first>{_ANY_DATE})\s+and\s+(?P<last>{_ANY_DATE}))"),
        "the first day is named after `from`, the last after `until`",
        "write `from {first_date} until {last_date}`",
        "suspend sms ⟨between 2026-04-01 and 2026-06-30⟩",
    ),
    Hint(
        around(
            rf"\b(?:suspend|force)\s[^\n:#]*?\b(?:from|until)\s+(?P<mark>{DAY_AND_MONTH}|[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?!\w))"
        ),
        "a date has one form here: the year, the month, the day",
        "write it with its year, as YYYY-MM-DD",
        "suspend sms from ⟨24.12.⟩ until 2027-01-01",
        "bad-literal",
        more=("suspend sms from 2026-12-24 until ⟨1 January⟩",),
    ),
    Hint(
        around(r"\bcovers\s+(?P<mark>(?P<year>(?:19|20)[0-9]{2}))(?![-\w./])"),
        "a calendar covers the days from one to another",
        "write `{year}-01-01 to {year}-12-31`",
        "calendar c covers ⟨2026⟩\nweekend saturday",
    ),
    # days past due
    instead(
        rf"(?:(?:once|as\s+soon\s+as|when)\s+)?(?P<number>{DAY})\s+{DAYS}\s+"
        rf"(?:(?:after|past|following)\s+{DUE}|(?:(?:have|has)\s+)?(?:passed|elapsed|gone\s+by)(?!\s+since\b))",
        _BY_CLOCK,
        "from day {number}",
        "7 days after the due date",
        " from that day on, or `after {number} days` from the next, or `on day {number}` on that day alone",
        "once 60 days have passed",
    ),
    Hint(
        around(rf"(?P<mark>\b(?:{COMPARED}|{TIMED})\s+(?P<days>[0-9]+\.[0-9]+)\s+{DAYS})"),
        "days past due are whole, and `{days}` is no whole number",
        "write a whole number of days in place of `{days}`",
        "⟨at least 10.5 days⟩ overdue then allow sms",
    ),
    instead(
        rf"{_OVERDUE}{_PAST_DUE}{AFTER_DUE}?(?![\w.:/%])(?!\s*(?:to|until|till|through|-)\s*(?:day\s+)?[0-9]){_NO_DATE}",
        _BY_CLOCK,
        "{phrase_clock}",
        "at least 60 days",
        "",
        "at most 60 days",
        "more than 60 days",
        "less than 60 days",
        "exactly 60 days",
        "60 days or more",
        "9 days or less",
        "30+ days",
        "up to day 60",
        "after 60 days late",
        "before 60 days past due",
        "from 60 days past due",
        "on 60 days past due",
        "after the 60th day",
        "from the 60th day",
        "before the 60th day",
        "on the 60th day",
        "no earlier than day 5",
        "no later than day 5",
        "after a week",
        "after 2 weeks",
        "from 2 weeks",
        "before 9 days",
        "on 9 days",
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>{NAME})\s+(?:is\s+)?(?:from|between)\s+days?\s+(?P<low>{DIGITS})\s+"
            rf"(?P<word>until|till|to|and)\s+(?:days?\s+)?(?P<high>{DIGITS}))"
        ),
        "a fact is compared with a number",
        lambda words: (
            "write `{fact} from {low} until {high}`"
            if words["word"] in ("until", "till")
            else "write `{fact} between {low} and {high}`"
        ).format_map(words),
        "never sms when ⟨days_overdue from day 3 until day 9⟩",
        more=("never sms when ⟨days_overdue from day 3 to 9⟩",),
    ),
    instead(
        rf"(?:from\s+)?(?:days?\s+)(?P<low>{DIGITS})\s+(?:until|till)\s+(?:days?\s+)?(?P<high>{DIGITS})(?!\w|[:.%]|\s*{UNIT})",
        "this is not how a span of days is written",
        "from day {low} and before day {high}",
        "from day 9 until 13",
        ", which leaves day {high} out; `from day {low} to day {high}` has it",
    ),
    instead(
        rf"(?=[a-z]|{DIGITS}\s*(?:to|until|[-\u2013~])\s*{DAY}\s+(?:{DAYS}|[Dd][Pp][Dd]))(?!between\s+{DAY}\s+and\s+{DAY}(?!\s+days)){_OVERDUE}(?:(?:on|from|between)\s+)?(?:days?\s+)?{_TWO_DAYS}{AFTER_DUE}?(?!\w|[:.%]|\s*{UNIT})",
        "this is not how a span of days is written",
        "from day {first} to day {last}",
        "91 to 120 days",
        "",
        "days 9 to 13",
        "from 9 to 13 days",
        "between day 9 and day 13",
    ),
    instead(
        rf"(?P<said>from|on|after|before)\s+{DUE}(?!\w)",
        _BY_CLOCK,
        "{said_due}",
        "from the due date",
        "",
        "after due date",
    ),
    instead(
        rf"(?:until|by)\s+(?:(?P<day>day)\s+)?(?P<number>{DAY})(?(day)|\s+{DAYS}{AFTER_DUE}){AFTER_DUE}?(?:\s+at\s+the\s+latest)?(?![\w:/])",
        _BY_CLOCK,
        "within {number} days",
        "until 60 days past due",
        ", which holds on day {number} too, or `before day {number}`, which does not",
        "by day 30 at the latest",
        "until day 60",
    ),
    Hint(
        around(rf"(?P<mark>\b(?:the\s+)?(?P<number>[0-9]+)(?:st|nd|rd|th)\s+day{AFTER_DUE}?)"),
        "a word before the day says on which days the rule holds",
        "write `on day {number}` for that day alone, or `from day {number}` for it and all that follow",
        "rule r: ⟨the 60th day⟩ then allow sms",
    ),
    # hours since an event
    evolve(
        instead(
            rf"(?:within|in|for|less\s+than)\s+(?P<number>{DAY})\s+hours?\s+(?P<side>of|after|since|from|following)\s+(?:an?\s+|the\s+|last\s+)*(?P<event>{NAME})",
            "hours are counted since an event, by a fact that follows from it, and a date has none",
            "{event}_lately",
            "within 24 hours after promise",
            "",
            "for 48 hours after a promise",
        ),
        help=_hours_since,
    ),
)
