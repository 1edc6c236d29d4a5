"""Hints for limits and days: limits as they are spoken, working days, weekdays.

They precede the search for misspelt words: `every` is not a misspelt `never`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve

from forbear.language.syntax.from_tree.rules import counted
from forbear.language.syntax.hints.forms import (
    COMPARED,
    NUMBER_IN_WORDS,
    SCALED,
    TIMED,
    UNIT_NAME,
    WEEKDAYS,
    weekday_of,
)
from forbear.language.syntax.hints.hint import (
    ACTIONS,
    AFTER_DUE,
    AFTER_THEN,
    DIGITS,
    NAME,
    NUMBER,
    TIME,
    Hint,
    around,
    condition_help,
    instead,
)

_WINDOW = (
    r"(?P<window>(?:(?:per|an?|each|every|in\s+(?:an?|one|1)|this)\s+(?:hour|day|week|month|quarter)|(?:hour|week|month|quarter)ly|daily|today"
    r"|(?:per|every|in|within|over|during)\s+(?:any\s+|the\s+)?(?:(?:last|past)\s+)?[1-9][0-9]*\s+(?:days?|hours?|months?|minutes?))\b)"
)
"""Over which time a limit counts."""
_LISTED = rf"{NAME}(?:\s*(?:,|and\b)\s*{NAME})*"
_AT_MOST = r"(?:never|no|not)\s+more\s+than|at\s+most|up\s*to|only|max(?:imum)?(?:\s+of)?"
_LIMIT = (
    rf"(?P<mark>\blimit\s+(?P<actions>{_LISTED})\s+(?:(?:to|at)\s+|(?={_AT_MOST}|[0-9]))(?:(?:{_AT_MOST})\s+)?"
    rf"(?P<number>{NUMBER}|{NAME})"
)
_TIMES = rf"(?:(?!(?:by|per|a|each|every|in|when|not|no|days?)\b|{UNIT_NAME}){NAME}\s+)?"


def _counted(start: str, most: str, window: str = "{window_window}") -> Callable[[Mapping[str, str]], str]:
    """A help that begins so, and says what to write for a limit in a window."""

    def help(words: Mapping[str, str]) -> str:
        actions, number, of_window = (
            re.split(r"\s*(?:,|\band\b)\s*", words["actions"]),
            most.format_map(words),
            window.format_map(words),
        )
        told = counted(actions, number, of_window, words["uses"], of_contacts=bool(words["contacts"]))
        own = [name for name, _, of in (one.partition(" ") for one in words["counting"].split(";")) if of == of_window]
        if f"{words.get('by')} {of_window}" in f"{words['counting']};{words['counts']}".split(";"):
            return f"{start}`limit {', '.join(actions)} to {number} by {words['by']}`"
        by_own = ", or ".join(f"`limit {', '.join(actions)} to {number} by {name}`" for name in own)
        return start + (f"{by_own}, if this file counts these actions so; otherwise " if own else "") + told

    return help


_NUMBER = rf"(?P<number>{NUMBER}(?:{SCALED})?|{NUMBER_IN_WORDS}|{NAME}(?=\s+by\b))"
_BY = rf"(?:(?:by|using|with|counted\s+by|in|per)\s+)?(?P<known>(?!by\b){NAME})"
_ENDS = r"(?=\s*(?:\Z|\n|(?:when|unless|because|source|in\s+force)\b))"
_BY_FACT = "a limit counts by a fact, which says over which time"
_OFTEN = "a `limit` says how often something may be done"
_EVERY = rf"every\s+(?P<days>{DIGITS})\s+(?P<unit>days|months|hours)\b"
_ONCE = ("1", "{days} {unit}")
_WHEN_TO = "a rule says what may be done, and a `limit` how often"
_WORKING = r"(?:working|work|business|bank)[\s_-]?days?\b"
_WORKING_DAYS = rf"(?P<said>{COMPARED}|{TIMED})\s+(?P<number>{NUMBER})\s+(?:working|business|bank|work)\s+days"
_WORKING_DAYS_AFTER = (
    rf"{_WORKING_DAYS}\s+(?:after|since|of|from|following)\s+(?:an?\s+|the\s+|last\s+)*(?P<event>{NAME})"
)
_NO_WORKING_DAYS = "the clock counts days of the calendar, and working days are counted since an event or a date"
_CALENDAR = ", and declare {uses}`fact working_day working day of {calendar}`{of_calendar}"
_BY_CALENDAR = "a calendar says which days are worked"
_DAYS = r"(?:[Mm]on|[Tt]ue(?:s)?|[Ww]ed(?:nes)?|[Tt]hu(?:rs?)?|[Ff]ri|[Ss]at(?:ur)?|[Ss]un)(?:day)?"
_DAY = rf"(?:an?\s+|every\s+)?(?P<day>{_DAYS})s?\b"
_DAY_NAME = rf"(?![Hh]oli){_DAYS}s?\b"
_HOLIDAY = r"(?:an?\s+|any\s+)?(?:(?:public|national|bank)\s+)?holidays?\b"
_OTHER_TIME = rf"(?:(?:on|the|a|public|national|bank)\s+)*(?:holidays?|weekends?|after|before|at|during|{_DAYS})"
_DAY_OF_ANY = rf"(?:(?:the|an?|public|national|bank)\s+)*(?:holiday|weekend|weekday|{_DAYS})s?"
_NO_MORE = rf"(?!\s*(?:,|and|or)\s+{_OTHER_TIME})"
"""No other days or times follow, which people join with `and` where either is meant."""
_WEEKDAY = "{of_weekday}"
_WITHIN = "whether the moment is within weekly hours is a fact"
_BY_WEEKDAY = "the day of the week is a fact"


def _limited(words: Mapping[str, str]) -> str | None:
    if words["of_known"] in ("event", "action", "group"):
        return None
    return f"write `limit {words['actions_listed']} to {words['number_value']} by {words['known']}`"


def _counts(words: Mapping[str, str]) -> str:
    window, what = words["window_window"] if "window" in words else "", words["what"].removesuffix("s")
    own = [
        name
        for name, _, of in (one.partition(" ") for one in f"{words['counting']};{words['counts']}".split(";"))
        if of == window
    ]
    named = [name for name in dict.fromkeys(own) if name.startswith(what)] or ["FACT"]
    written = ", or ".join(f"`{name} {words['said_sign']} {words['number_value']}`" for name in named)
    return f"write {written}" + ("" if named != ["FACT"] else ", with a fact that counts them over this time")


def _happened(written: str, words: Mapping[str, str]) -> str | None:
    """Returns a fact that an event has happened, or the event from which such a fact follows."""
    event, of_fact = words["event"], words["as"].split(" ")[0]
    if of_fact in ("any", "yes/no", "define", "holiday"):
        return f"write `{written.format(fact=event)}`"
    if of_fact == "date":
        return f"write `{written.format(fact=f'today > {event}')}`"
    if of_fact in ("days", "count", "money", "years", "months"):
        return f"write `{written.format(fact=f'{event} >= VALUE')}`, with the value that is meant"
    return (
        f"write `{written.format(fact=f'{event}_before')}`, and declare {words['uses']}`event {event}_done` and"
        f" `fact {event}_before any {event}_done ever`; `at least N days ago` in place of `ever` waits so many days"
    )


def _on_working_days(words: Mapping[str, str]) -> str:
    own = words["worked"]
    return condition_help(own or "working_day", "" if own else _CALENDAR)(words)


def _between_days(words: Mapping[str, str]) -> str:
    """Days of the week from one to another, also over the end of a week; of `until`, without its day and with it."""
    days = WEEKDAYS
    first, last = days.index(words["first_weekday"]), days.index(words["last_weekday"])
    fact, no = words.get("fact", words["weekday"]), "not " if words.get("no") else ""

    def told(last: int) -> str:
        if first < last:
            return f"{fact} {'is not ' if no else ''}between {days[first]} and {days[last]}"
        named = [*days[first:], *days[: last + 1]]
        return f"{fact} is {no}{'one of ' if len(named) > 1 else ''}{', '.join(named)}"

    if "fact" in words:
        return f"write `{told(last)}`"
    if "until" not in words:
        return condition_help(told(last), _WEEKDAY)(words)
    without = condition_help(told((last - 1) % 7))(words)
    when = "when " if "after_effect" in words else ""
    return f"{without}, which leaves {words['last_weekday']} out, or `{when}{told(last)}`, which has it"


def _of(type: str, hint: Hint) -> Hint:
    """The same, only of a name that has this type."""
    help = hint.help
    assert not isinstance(help, str)
    return evolve(hint, help=lambda words: help(words) if words["as"].startswith(type) else None)


HINTS = (
    Hint(
        around(
            rf"\blimit\s+{_LISTED}\s+(?P<mark>to\s+(?:<(?!=)|(?:less|fewer)\s+than|under|below)\s*(?P<number>[0-9]+))(?![\w.])"
        ),
        "the number of a limit is the most that may be done",
        "write `to {number_before}`",
        "limit sms ⟨to < 8⟩ by unreachable",
    ),
    Hint(
        around(rf"{_LIMIT}\s+{_TIMES}{_WINDOW}(?:,?\s+by\s+(?P<by>{NAME}))?)"),
        _BY_FACT,
        _counted("write ", "{number_value}"),
        "⟨limit sms to 3 times per day⟩",
        more=("⟨limit sms to 3 weekly⟩", "⟨limit sms to 3 in 7 days⟩", "⟨limit sms 3 per week⟩"),
    ),
    Hint(
        around(rf"{_LIMIT}\s+(?:times\s+)?by\s+(?:the\s+)?(?:count|number)\s+of\s+(?P<event>{NAME}))(?:\s+{_WINDOW})?"),
        _BY_FACT,
        lambda words: (
            f"write `limit {words['actions_listed']} to {words['number_value']} by {words['event']}_count`, and declare"
            f" `fact {words['event']}_count count of {words['event']} in last"
            f" {words['window_window'] if 'window' in words else 'N days'}`"
        ),
        "event text_sent\n⟨limit sms to 3 by count of text_sent⟩",
        exact=False,
    ),
    Hint(
        around(rf"{_LIMIT}\s+by\s+{NAME}\s+{_WINDOW})"),
        _BY_FACT,
        _counted("write ", "{number_value}"),
        "⟨limit sms to 3 by unreachable per day⟩",
    ),
    Hint(
        around(
            rf"(?:\b(?:when|unless|and|or|not)\s+|\()(?P<mark>(?P<said>{COMPARED})\s+(?P<number>{NUMBER}|{NUMBER_IN_WORDS})\s+(?P<what>(?!days\b){NAME})\s+"
            rf"(?:(?:in|within|over|during)\s+(?:the\s+)?(?:last|past)\s+(?:week|month|day|hour)\b|{_WINDOW}))"
        ),
        "what events come to is declared as a fact, which says over which time",
        _counts,
        "never sms when ⟨fewer than 4 attempts in the last 7 days⟩",
        more=("fact n count\nfact calls_in_3_days count\naction a\nnever a when ⟨no more than two calls in 3 days⟩",),
    ),
    *[
        Hint(
            around(rf"(?P<mark>\b{limit}){_ENDS}"),
            "this is not how a limit is written",
            _limited,
            f"rule r: ⟨{example}⟩",
            more=tuple(f"rule r: ⟨{one}⟩" for one in more),
        )
        for limit, example, *more in (
            (
                rf"limit\s+(?P<actions>{_LISTED})\s+(?:to|at|<=|=|{_AT_MOST})\s*(?:{_AT_MOST}|<=)?\s*{_NUMBER}\s+{_TIMES}{_BY}",
                "limit sms and email to at most seven times by unreachable",
                "limit sms <= 7 by unreachable",
                "limit sms at 7 using unreachable",
                "limit sms to 7 unreachable",
                "limit sms to 7 messages by unreachable",
            ),
            (
                rf"limit\s+(?P<actions>{_LISTED})\s+by\s+(?P<known>{NAME})\s+to\s+{_NUMBER}",
                "limit sms by unreachable to 7",
            ),
            (
                rf"(?P<actions>{_LISTED})\s+(?:(?:is|are)\s+)?limited\s+to\s+(?:{_AT_MOST})?\s*{_NUMBER}\s+{_TIMES}{_BY}",
                "sms, email limited to 7 by unreachable",
            ),
            (
                rf"(?:{_AT_MOST})\s+{_NUMBER}\s+(?:times?\s+)?(?P<actions>(?!(?:times?|by)\b){NAME})\s+{_BY}",
                "max 3 sms by unreachable",
            ),
        )
    ],
    Hint(
        around(rf"\b(?:allow|require)\s+(?P<mark>(?P<number>{NUMBER})\s+(?P<actions>{NAME})\s+{_WINDOW})"),
        _OFTEN,
        lambda words: _counted(f"write `{words['actions']}` here, and beside the rule ", "{number}")(words),
        "after 9 days then allow ⟨3 sms per day⟩",
    ),
    Hint(
        around(
            rf"\b(?:allow|require)\s+(?P<actions>{_LISTED})\s+(?P<mark>(?:(?:{_AT_MOST})\s+)?"
            rf"(?:(?P<number>{NUMBER}|once|twice)(?:\s+times?)?)\s+{_WINDOW})"
        ),
        _OFTEN,
        _counted("leave this out, and write beside the rule ", "{number}"),
        "after 9 days then allow sms ⟨at most 3 times per day⟩",
        more=("after 9 days then allow sms ⟨once per week⟩", "after 9 days then allow sms ⟨twice in 7 days⟩"),
    ),
    Hint(
        around(
            rf"\b(?:allow|require)\s+{_LISTED}\s+(?P<mark>(?:{_AT_MOST})\s+(?P<value>[A-Z]{{3}}\s+{DIGITS}|{DIGITS}(?=\s*%))(?P<percent>\s*%|))(?=\s+(?:when|if|unless)\b)"
        ),
        "how much may be done is a condition on the fact that says it",
        lambda words: (
            f"leave this out, and write `FACT <= {words['value']}{words['percent'].strip()} and` after `when`,"
            " with the fact"
        ),
        "rule r: allow sms ⟨up to 20%⟩ when from day 120",
        exact=False,
    ),
    Hint(
        around(rf"(?P<mark>\b{_EVERY}(?:\s+then)?\s+(?P<effect>allow|require)\s+(?P<actions>{_LISTED}))"),
        _WHEN_TO,
        lambda words: (
            _counted(f"write `always then {words['effect']} {words['actions']}` here, and beside it ", *_ONCE)(words)
            + f"; on one day past due, write `on day {words['days']}`"
        ),
        "rule r: ⟨every 14 days then allow sms⟩",
    ),
    Hint(
        around(rf"\bthen\s+(?:allow|require)\s+(?P<actions>{_LISTED})\s+(?P<mark>{_EVERY})"),
        _WHEN_TO,
        _counted("leave this out, and write beside the rule ", *_ONCE),
        "after 9 days then allow sms ⟨every 14 days⟩",
    ),
    Hint(
        around(rf"\b(?:allow|require)\s+(?P<actions>{_LISTED})\s+(?P<mark>{_EVERY})"),
        _WHEN_TO,
        _counted("write `when always` here, or another condition, and beside the rule ", *_ONCE),
        "rule r: allow sms ⟨every 14 days⟩",
    ),
    # what came before
    *[
        Hint(
            around(
                rf"{before}(?<!days\s)(?<!day\s)(?<!hours\s)(?<!hour\s)(?P<mark>after\s+(?:an?\s+|the\s+)?(?P<event>(?!(?:day|days)\b){NAME}))(?!\s+days)\b"
            ),
            "what has happened is an event, and a rule reads a fact that follows from it",
            partial(_happened, written),
            example,
            more=(more,),
        )
        for before, written, example, more in (
            (
                AFTER_THEN,
                "and {fact}` before `then",
                "after 60 days then allow visit ⟨after letter⟩",
                "after 60 days then allow visit ⟨after deceased⟩",
            ),
            (
                ACTIONS,
                "when {fact}",
                "rule r: allow visit ⟨after letter⟩",
                "rule r: allow visit ⟨after promised_on⟩",
            ),
        )
    ],
    # working days
    evolve(
        instead(
            rf"(?:only\s+)?(?:on|during)\s+(?:a\s+|any\s+)?{_WORKING}", _BY_CALENDAR, "working_day", "on working days"
        ),
        help=_on_working_days,
    ),
    *[
        instead(
            rf"(?:on|every|during)\s+{first}\s*(?:,|and|or)\s*(?:on\s+)?{second}{_NO_MORE}",
            "the day of the week and whether today is a holiday are facts",
            "({weekday} is {day_weekday} or public_holiday)",
            example,
            _WEEKDAY,
        )
        for first, second, example in (
            (_DAY, _HOLIDAY, "on sundays and public holidays"),
            (_HOLIDAY, _DAY, "on public holidays and sundays"),
        )
    ],
    instead(
        rf"(?:now|the\s+(?:moment|time))\s+(?:is\s+)?(?:within|in|during)\s+(?P<hours>{NAME})",
        _WITHIN,
        "{hours}_now",
        "now within inconvenient_hours",
        ", and declare `fact {hours}_now now within {hours}`",
        "now is in inconvenient_hours",
    ),
    _of(
        "weekly",
        instead(
            rf"(?:(?!when\b|unless\b){NAME}\s+)?(?:within|during)\s+(?P<fact>{NAME})",
            _WITHIN,
            "{fact}_now",
            "within inconvenient_hours",
            ", and declare `fact {fact}_now now within {fact}`",
            "local_time within inconvenient_hours",
        ),
    ),
    instead(
        rf"(?:on|during)\s+{_HOLIDAY}{_NO_MORE}",
        "whether today is a holiday is a fact",
        "public_holiday",
        "on public holidays",
        ", a fact of the standard vocabulary that each case gives; `fact bank_holiday holiday of {calendar}` follows"
        " from the calendar `{calendar}`",
    ),
    _of(
        "date",
        instead(
            rf"within\s+(?P<number>{NUMBER})\s+(?:working|business|bank|work)\s+days\s+(?:after|since|of|from|following)\s+(?:an?\s+|the\s+)*(?P<event>{NAME})",
            _NO_WORKING_DAYS,
            "working_days between 0 and {number}",
            "within 3 working days of promised_on",
            " for those after it, or `working_days between -{number} and {number}` for those before too, and declare"
            " {uses}`fact working_days working days of {calendar} since {event}`{of_calendar}",
        ),
    ),
    _of(
        "date",
        instead(
            _WORKING_DAYS_AFTER,
            _NO_WORKING_DAYS,
            "working_days {said_sign} {number}",
            "after 3 working days after promised_on",
            ", and declare {uses}`fact working_days working days of {calendar} since {event}`{of_calendar}",
        ),
    ),
    instead(
        _WORKING_DAYS_AFTER,
        _NO_WORKING_DAYS,
        "working_days {said_sign} {number}",
        "after 3 working days after letter",
        ", and declare {uses}`event {event}_done` and `fact working_days working days of {calendar} since last"
        " {event}_done`{of_calendar}",
        "within 3 working days after letter",
        "at least 3 working days after letter",
        "less than 3 working days after letter",
    ),
    instead(
        rf"{_WORKING_DAYS}{AFTER_DUE}?",
        _NO_WORKING_DAYS,
        "FACT {said_sign} {number}",
        "after 3 working days",
        ", with a fact that counts them: `working days of CALENDAR since last EVENT`, or `since DATE`; days past due"
        " are days of the calendar, as in `after N days`",
        "within 3 business days late",
    ),
    Hint(
        around(rf"(?P<mark>(?P<fact>{NAME})\s*\+\s*(?P<number>{NUMBER})\s+{_WORKING})"),
        _NO_WORKING_DAYS,
        "compare `working_days` with {number}, and declare `fact working_days working days of {calendar} since"
        " {fact}`{of_calendar}",
        "never sms when today > ⟨promised_on + 3 working days⟩",
    ),
    Hint(
        around(
            rf"\bfact\s+{NAME}\s+(?P<mark>(?:working|business)\s+(?P<days>days?))\s+"
            rf"(?!of\b|since\s+(?:last|first)\s+{NAME}\s+(?:in|by|per|of)\b)"
        ),
        _BY_CALENDAR,
        "write `working {days} of {calendar}`; `forbear calendar US --years 2026` writes the calendar `us_2026`",
        "event visit_done\nfact days_gone ⟨working days⟩ since last visit_done",
        more=("fact days_gone ⟨working days⟩ since promised_on",),
    ),
    Hint(
        around(
            r"\bcovers\s[^:#]*?(?P<mark>\b[Ww]eekends?\s*[:=]?\s+(?:(?:on|is|are)\s+)?"
            rf"(?P<days>{_DAY_NAME}(?:\s*(?:,|and\b)\s*{_DAY_NAME})*)(?:\s*,(?=\s*holiday))?)"
        ),
        "the days of the week that are not worked follow `weekend`",
        lambda words: f"write `weekend {', '.join(weekday_of(one) for one in re.findall(_DAYS, words['days']))}`",
        "calendar c covers 2026-01-01 to 2026-12-31\n  ⟨weekends Saturday and Sunday⟩",
        more=("calendar c covers 2026-01-01 to 2026-12-31\n  ⟨weekend saturday and sunday⟩",),
    ),
    instead(
        r"(?:today\s+is\s+|on\s+)?(?:an?\s+)?(?P<what>holiday|working\s+day)\s+of\s+(?P<name>(?!last\b|first\b|decision\b)[a-z]\w*)",
        "what a calendar says of a day is declared as a fact",
        "{what_joined}_today",
        "holiday of us_2026",
        ", and declare `fact {what_joined}_today {what} of {name}`",
    ),
    # days of the week
    Hint(
        around(
            rf"(?P<mark>\b(?P<fact>(?!(?:today|when|and|or|not|unless)\b){NAME})\s+(?:is|in)\s+(?P<no>not\s+|)(?P<first>{_DAYS})\s*"
            rf"(?:\b(?:to|till|until|through|thru)\b|[-\u2013])\s*(?P<last>{_DAYS}))\b"
        ),
        "a range is written with `between`",
        _between_days,
        "never sms when ⟨weekday is monday-saturday⟩",
        more=("never sms when ⟨weekday is not friday to monday⟩",),
    ),
    Hint(
        around(
            rf"{TIME}\s+(?P<mark>(?:on\s+|from\s+)?(?P<first>{_DAYS})\s*(?:\bto\b|[-\u2013])\s*(?P<last>{_DAYS}))(?!\w)"
        ),
        _BY_WEEKDAY,
        lambda words: _between_days(words).replace("`", "`and ", 1),
        "never sms when local_time < 08:00 ⟨Mon-Fri⟩",
    ),
    evolve(
        instead(
            rf"(?:(?P<and>between)|(?:on|from)|(?={_DAYS}))\s*(?P<first>{_DAYS})s?\s*(?:(?(and)and\b|(?!))|\b(?:to|till|through|thru|(?P<until>until))\b|[-\u2013])\s*(?P<last>{_DAYS})s?",
            _BY_WEEKDAY,
            "",
            "from monday to friday",
            "",
            "between monday and friday",
            "saturday-monday",
            "from monday until friday",
        ),
        help=_between_days,
    ),
    instead(
        rf"(?:on|during|at)\s+(?:the\s+|a\s+)?weekends?\b{_NO_MORE}",
        _BY_WEEKDAY,
        "{weekday} is one of saturday, sunday",
        "on weekends",
        _WEEKDAY,
    ),
    instead(
        rf"on\s+weekdays\b{_NO_MORE}", _BY_WEEKDAY, "{weekday} is not one of saturday, sunday", "on weekdays", _WEEKDAY
    ),
    instead(
        rf"(?:on|every|each)\s+(?:an?\s+|every\s+)?(?P<first>{_DAYS})s?\s*(?:,|and|or)\s*(?:on\s+)?(?:a\s+)?(?P<second>{_DAYS})s?\b{_NO_MORE}",
        _BY_WEEKDAY,
        "{weekday} is one of {first_weekday}, {second_weekday}",
        "on sundays and mondays",
        _WEEKDAY,
    ),
    instead(
        rf"(?:on|every|each)\s+{_DAY}{_NO_MORE}",
        _BY_WEEKDAY,
        "{weekday} is {day_weekday}",
        "on sundays",
        _WEEKDAY,
    ),
    Hint(
        around(
            r"(?<!except )(?P<mark>\b(?:on|every|during|at)\s+"
            rf"(?:{_DAY_OF_ANY}\s*(?:,|and|or)\s*)+)(?:on\s+)?{_OTHER_TIME}"
        ),
        "each of these days and times is a condition of its own",
        "write each as a condition, and join them with `or` in brackets: `when (CONDITION or CONDITION)`",
        "never sms ⟨on saturdays, sundays and⟩ public holidays",
    ),
)
