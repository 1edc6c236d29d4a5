"""Hints where events are declared, counted and given."""

from __future__ import annotations

from forbear.language.syntax.hints.hint import (
    DATE,
    DAYS,
    DIGITS,
    FREE_NAME,
    NAME,
    NUMBER,
    STRING,
    UNIT,
    Hint,
    around,
    at,
)

_TYPE = r"(?:one|count|money|days|number|percent|date|time|text|yes/no)\b"
_HAS = (
    "each attribute of an event begins with `has`",
    "write `has {name} TYPE`, with a type such as `money` or `count`",
)
_OF_EVENT = rf"\bevent\s+{NAME}(?:\s+{STRING})?\s+has\s[^\":#]*?"
_TURNED = str.maketrans("<>", "><")
_COUNT = rf"\bfact\s+{NAME}\s+(?:count\s+of|any|days\s+(?:in\s+a\s+row\s+)?with)\s+"
_WINDOW = (
    "write `in last N days`, `in last N working days of CALENDAR`, `in last N hours`, `in last N minutes`,"
    " `in last N months`, `this week`, `this month`,"
    " `this quarter`, `at least N days ago`, `between N and N days ago`, `since last EVENT`, `since DATE` or `ever`"
)
_NUMBERS = r"(?:two|three|four|five|six|seven|eight|nine|ten)"

BEFORE_MISSPELT = (
    Hint(
        around(rf"\bfact\s+{NAME}\s+(?P<mark>(?P<how>sum|count|any)\s*\(\s*(?P<what>{FREE_NAME}(?:\.{NAME})?)\s*\))"),
        "what is counted or added up follows `of`",
        lambda words: f"write `{words['how']}{'' if words['how'] == 'any' else ' of'} {words['what']}`",
        "event pay has amount money\nfact paid ⟨sum(pay.amount)⟩ in last 3 days",
    ),
    Hint(
        at(
            rf"\bevent\s+{NAME}(?:\s+{STRING})?\s*",
            rf"(?P<mark>(?:with|having|:|is|of)\s+(?P<name>(?!has\b){NAME})\s+in\s+(?P<currency>[A-Z]{{3}})\b)",
            "HAS",
        ),
        _HAS[0],
        "write `has {name} money {currency}`",
        "event touch ⟨with amount in USD⟩",
    ),
    Hint(
        at(
            rf"\bevent\s+{NAME}(?:\s+{STRING})?\s*",
            rf"(?P<mark>with|having|:|is|of)\s+(?P<name>(?!has\b){NAME})(?!\s+{_TYPE})",
            "HAS",
        ),
        *_HAS,
        "event touch ⟨with⟩ medium",
    ),
)
"""`with` is no misspelt `within`."""

HINTS = (
    # declarations
    Hint(
        at(rf"{_OF_EVENT},\s*(?P<mark>(?P<name>{NAME})\s+)", _TYPE, "COMMA"),
        *_HAS,
        "event touch has medium one of call, sms, ⟨amount⟩ money",
    ),
    Hint(
        at(_OF_EVENT, rf"(?P<mark>(?:and|,|with)\s*(?P<name>(?!has\b){NAME})\s+){_TYPE}", "HAS"),
        *_HAS,
        "event touch has medium one of call, sms ⟨and debt⟩ text",
    ),
    Hint(
        at(rf"{_OF_EVENT}(?P<mark>(?P<name>{NAME})\s+)", _TYPE, "THEN"),
        *_HAS,
        "event touch has medium one of call, sms\n  ⟨debt⟩ text",
    ),
    Hint(
        at(rf"{_OF_EVENT}[,\s]\s*", r"(?P<word>has)\b"),
        "a comma too many before `{word}`",
        "take the comma out",
        "event touch has medium one of call, ⟨has⟩ debt text",
    ),
    # what is counted
    Hint(
        around(
            rf"\bfact\s+{NAME}\s+(?P<mark>(?:(?:number|count)\s+of\s+)?(?:(?:(?:distinct|different|separate)\s+)?days"
            rf"|(?P<row>(?:consecutive|successive)\s+days|days\s+(?:in\s+(?:a\s+|one\s+)?row|running|on\s+end)))\s+"
            rf"(?:with|of|on\s+which\s+there\s+was)\s+(?:an?\s+)?(?P<event>{NAME}))"
        ),
        "days with an event are counted by themselves",
        lambda words: (
            None
            if words["mark"] == (write := f"days{' in a row' if words.get('row') else ''} with {words['event']}")
            else f"write `{write}`"
        ),
        "fact n ⟨distinct days with touch⟩ in last 7 days",
        more=(
            "fact n ⟨number of days with touch⟩ in last 7 days",
            "fact n ⟨consecutive days with touch⟩ in last 7 days",
            "fact n ⟨days in row with a touch⟩ in last 7 days",
            "fact n ⟨days on which there was a touch⟩ this month",
        ),
    ),
    Hint(
        around(rf"\bfact\s+{NAME}\s+(?P<mark>days\s+since\s+(?P<event>(?!last\b|first\b){NAME}))"),
        "the days until a date are counted, below 0 after it",
        lambda words: (
            f"declare `days until {words['event']}`, and turn the signs of what it is compared with"
            if words["as"].startswith("date")
            else None
        ),
        "fact due date\nfact n ⟨days since due⟩",
    ),
    Hint(
        at(rf"\bdays\s+since\s+(?P<mark>(?!first\b)(?P<event>{NAME})\s*)", r"(?P<mark>last\b)?", "NAME -LAST"),
        "time is counted since the last or first event of a kind",
        "write `last {event}` or `first {event}`",
        "fact n days since ⟨touch⟩",
    ),
    Hint(
        around(
            rf"(?P<mark>\bsince\s+(?P<begin>(?:last\s+)?{NAME})\s+and\s+"
            rf"(?P<span>(?:in\s+last\s+{NUMBER}|this)\s+{NAME}|at\s+least\s+{NUMBER}\s+days\s+ago))\b"
        ),
        "of two windows the one that is no `since` comes first",
        "write `{span} and since {begin}`",
        "fact n count of touch ⟨since last touch and in last 7 days⟩",
    ),
    Hint(
        at(r"\bsince\s+last\s[^:#\"]*?\bwhere\b[^:#\"]*?\band\s+", rf"since\s+(?P<date>(?!last\b){NAME})"),
        "a condition on the last event goes on to the end of the window",
        "write `since {date} and` before `since last`, and end with the condition",
        "fact n count of touch since last touch where medium is call and ⟨since⟩ promised_on",
    ),
    Hint(
        at(rf"\b(?:last\s+{NUMBER}\s+{NAME}|this\s+{NAME}|ago)\s*", r"(?P<mark>or)\s+since\b", "AND"),
        "two windows are joined by `and`: an event counts that is in both",
        "declare one fact for each window, and write `or` between the two in the rule",
        "fact n count of touch in last 7 days ⟨or⟩ since promised_on",
        exact=False,
    ),
    Hint(
        at(rf"{_COUNT}[^:#\"]*?", rf"(?P<mark>(?:after|from)\s+(?P<date>{NAME}))", "EVER"),
        "a window that begins with a date or an event says `since`",
        "write `since {date}`, which counts that day too, or `since last {date}` of events",
        "event touch\nfact due date\nfact n count of touch ⟨after due⟩",
    ),
    Hint(
        around(rf"\bfact\s+{NAME}\s+(?P<mark>(?P<event>{NAME}))\s+(?:in\s+last|at\s+least|between|this|ever)\b"),
        "what happened is asked by `any`, and counted by `count of`",
        lambda words: (
            f"write `any {words['event']}` or `count of {words['event']}`" if words["as"] == "event" else None
        ),
        "event touch\nfact n ⟨touch⟩ at least 2 days ago",
    ),
    Hint(
        around(
            rf"\bfact\s+{NAME}\s+sum\s+of\s+(?P<mark>(?P<event>{NAME})\s+(?P<attribute>{NAME}))\s+(?:in|this|ever)\b"
        ),
        "an attribute is named after its event and a point",
        lambda words: "write `{event}.{attribute}`".format_map(words) if words["as"] == "event" else None,
        "event pay has amount money\nfact n sum of ⟨pay amount⟩ in last 30 days",
    ),
    Hint(
        at(
            rf"\bfact\s+{NAME}\s+sum\s+of\s+(?P<mark>(?P<event>{NAME})\s*)",
            r"(?:where|in|since|this|ever|at|between)\b|\Z",
            "NAME -DECISION",
        ),
        "a `sum` needs an attribute of the events to add up",
        "write `sum of {event}.ATTRIBUTE`, with an attribute that the event has; `count of {event}` counts the events",
        "fact n sum of ⟨touch⟩ in last 30 days",
    ),
    Hint(
        around(r"(?P<mark>\bat\s+least\s+(?P<number>[0-9]{1,9})\s+weeks?\s+ago)\b"),
        "the days of a window are counted",
        "write `at least {number_weeks} days ago`",
        "fact n any touch ⟨at least 3 weeks ago⟩",
    ),
    *[
        Hint(
            at(
                rf"\bfact\s+{NAME}\s+(?:sum\s+of|count\s+of|any)\s[^:#]*?",
                rf"(?P<mark>(?P<number>[0-9]{{1,9}})\s+{unit}\s+ago)",
                "EVER",
            ),
            "a window of days ago says `at least` or `between`",
            f"write `at least {days} days ago` if what is longer ago counts too,"
            f" or `between {days} and {days} days ago` for that day alone",
            f"fact n any touch ⟨{example}⟩",
        )
        for unit, days, example in (("days?", "{number}", "7 days ago"), ("weeks?", "{number_weeks}", "2 weeks ago"))
    ],
    Hint(
        around(r"(?P<mark>\bbetween\s+(?P<number>[0-9]{1,9})\s+and\s+(?P<last>[0-9]{1,9})\s+weeks?\s+ago)\b"),
        "the days of a window are counted",
        "write `between {number_weeks} and {last_weeks} days ago`",
        "fact n any touch ⟨between 1 and 3 weeks ago⟩",
    ),
    Hint(
        around(rf"(?P<mark>\bat\s+least\s+(?P<span>[0-9]+\s+{UNIT})(?:\s+ago\b)?)"),
        "the days of a window are counted, and `{span}` is no number of days",
        "write `at least N days ago` with the days that are meant",
        "fact n any touch ⟨at least 1 month ago⟩",
    ),
    Hint(
        at(
            rf"\bdays\s+since\s+last\s+{NAME}\s+",
            r"(?P<mark>(?P<window>(?:in\s+last|this|ever|within)\b(?:[ \t]+[a-z0-9]+)*))",
            "OPTIONAL -EVER",
        ),
        "`days since last` looks at all events, and has no window",
        "leave the window out, or count: `fact NAME count of EVENT {window}`",
        "fact n days since last touch ⟨in last 7 days⟩\nrule r: allow sms when n >= 3",
    ),
    # ages
    Hint(
        at(
            rf"\bfact\s+{NAME}\s+(?P<mark>(?:age|years?|(?P<months>months?))\s+)",
            rf"(?P<mark>(?:from|of|after)\s+(?P<date>{NAME}))",
        ),
        "time is counted since a date",
        lambda words: f"write `{'months' if 'months' in words else 'years'} since {words['date']}`",
        "fact n ⟨years from birth_date⟩",
    ),
    Hint(
        at(rf"\bfact\s+{NAME}\s+(?P<mark>(?:years|months|weeks)\s+)", rf"(?P<mark>until\s+(?P<date>{NAME}))"),
        "the time until a date is counted in days",
        "write `days until {date}`, and compare it with days",
        "fact n ⟨years until consent_until⟩",
    ),
    # which events
    *[
        Hint(
            at(before, here),
            "`this` names a fact alone, after `where`",
            help,
            example,
        )
        for before, here, help, example in (
            (
                rf"\bwhere\b[^:#]*?(?P<mark>(?P<share>{DIGITS}%)\s+of\s+)",
                rf"(?P<mark>this\s+(?P<fact>{NAME}))",
                "write `this {fact}_part`, and declare `fact {fact}_part` like `{fact}`, for {share} of it",
                "fact n any pay where amount >= ⟨50% of this debt⟩ ever",
            ),
            (
                rf"(?P<mark>(?P<share>{DIGITS}%)\s+of\s+)",
                rf"(?P<mark>this\s+(?P<fact>{NAME}))",
                "write `{share} of {fact}`",
                "never sms when overdue_amount > ⟨50% of this credit_limit⟩",
            ),
        )
    ],
    Hint(
        at(
            rf"(?P<mark>\b(?P<name>{NAME})\s+(?P<is>is\s+(?:not\s+)?)this\s+)",
            r"(?:ever|in|since|this|and|or)\b|\Z|\)",
            "NAME",
        ),
        "`this` is followed by the fact of the case that is meant",
        "write `{name} {is}this {name}`, if the fact is called so too",
        "fact n count of touch where ⟨debt is this⟩ ever",
    ),
    Hint(
        at("", rf"(?P<mark>this\s+(?P<fact>{NAME})\s*(?P<sign>[<>]=?)\s*(?P<attribute>{NAME}))", "AFTER -EVER"),
        "`this` follows an attribute and a sign",
        lambda words: f"write `{words['attribute']} {words['sign'].translate(_TURNED)} this {words['fact']}`",
        "fact n count of pay where ⟨this debt <= amount⟩ ever",
    ),
    Hint(
        at("", rf"(?P<mark>this\s+(?P<fact>{NAME}))", "AFTER -EVER"),
        "`this` follows an attribute and `is`, `>=` or another sign",
        "write `{fact} is this {fact}`, if the attribute is called so too",
        "fact n count of touch where ⟨this debt⟩ ever",
    ),
    Hint(
        at(rf"{_COUNT}(?P<event>{NAME})\s+(?P<window>(?:(?!\bfact\b)[^:#])*?)\s*", r"where\b", "OPTIONAL"),
        "`where` comes before the days or hours",
        "write `{event} where CONDITION {window}`",
        "fact n count of touch in last 7 days ⟨where⟩ medium was call",
    ),
    Hint(
        at(
            rf"\bfact\s+{NAME}\s+(?:count\s+of|sum\s+of|any|days\s+(?:in\s+a\s+row\s+)?with|(?:working\s+)?days\s+since|(?:years|months)\s+since|"
            rf"days\s+until|working\s+days?\s+of|{NAME}\s+of\s+(?:decision|last|first))\b[^:#]*",
            r"(?P<mark>between|in\s+steps|clock|or\s+none)\b",
            "OPTIONAL",
        ),
        "a derived fact has its values by itself",
        "leave the `{mark}` out; only `optional`, `private`, `usually` and a description may follow",
        "fact n count of touch ever ⟨between⟩ 0 and 9",
        more=("event touch\nfact n days in a row with touch this month ⟨between⟩ 0 and 9",),
    ),
    # windows
    Hint(
        around(
            rf"(?P<mark>\b(?:in\s+)?(?:the\s+)?(?:last|past)\s+(?P<number>{NUMBER})\s+(?:working|business|bank|work)\s+"
            r"(?P<unit>days?))\b(?!\s+of\b)"
        ),
        "a calendar says which days are worked",
        "write `in last {number} working {unit} of {calendar}`",
        "fact n count of touch ⟨in last 3 working days⟩",
        more=("fact n count of touch ⟨last 3 business days⟩ usually 0",),
    ),
    Hint(
        around(
            r"\bfact\s[^:#]*?(?P<mark>\b(?:in\s+|within\s+)?(?:the\s+)?(?:last|past)\s+(?P<unit>minute|hour|day|week|month|quarter))\b"
        ),
        "a number is missing",
        "write `in last {unit_window}`; `this week` and `this month` begin on their first day",
        "fact n count of touch ⟨in last week⟩",
        more=("fact n count of touch ⟨in last month⟩", "fact n count of touch ⟨in last minute⟩"),
    ),
    Hint(
        at(r"\blast\s+", rf"{UNIT}|{DAYS}", "MINUS -WHERE"),
        "a number is missing",
        "write how many, as in `in last N days`",
        "fact n count of touch in last ⟨days⟩",
    ),
    Hint(
        at("", "", "EVER IN"), "the time over which events are counted is missing", _WINDOW, "fact n count of touc⟨h⟩"
    ),
    # rules
    Hint(
        at("", rf"(?P<mark>count\s+of\s+{NAME}|days\s+since\s+last\s+{NAME})", "AFTER"),
        "what is counted is declared as a fact",
        "write `fact NAME {mark} ...` in the vocabulary, and speak of NAME here",
        "never sms when ⟨count of touch⟩ > 3",
    ),
    # examples
    Hint(
        at(r"\bgiven\s[^:#]*", r"(?P<mark>then|->|=>|→)", "EXPECT"),
        "what is decided in an example comes after `expect`",
        "write `expect`",
        'example "e": given days_overdue 9 ⟨then⟩ sms unsaid',
        more=('example "e": given days_overdue 9 ⟨->⟩ sms unsaid',),
    ),
    Hint(
        at(
            rf"\b(?P<mark>(?P<event>(?!on\b){NAME})\s+(?P<date>{DATE})\s+)",
            rf"(?!on\b|at\b|expect\b)(?P<attribute>{NAME})",
            "EXPECT COMMA",
        ),
        "an event is given with its day after `on`",
        "write `{event} on {date} {attribute} ...`; two facts have a comma between them",
        'example "e": given ⟨touch 2026-03-01⟩ medium call expect sms unsaid',
    ),
    Hint(
        at(
            rf"\b(?P<mark>(?P<event>{NAME})\s+(?P<attribute>{NAME})\s+)",
            rf"(?P<mark>(?P<value>\S+)\s+on\s+(?P<day>{DATE}))",
            "EXPECT COMMA",
        ),
        "the day of an event comes after its name",
        "write `{event} on {day} {attribute} {value}`",
        'example "e": given ⟨touch medium call on 2026-03-01⟩ expect sms unsaid',
    ),
    Hint(
        at(rf"\b(?P<mark>(?P<number>{_NUMBERS}))\s+{NAME}\s+on\s+{DATE}\s+", "", "EXPECT"),
        "the number of events is in words",
        "write `{number_digits}`",
        'example "e": given ⟨three⟩ touch on 2026-03-01 medium call expect sms unsaid',
    ),
    Hint(
        around(
            rf"\bexample\b[^:#]*:\s*given\s(?:[^#]*?,)?\s*(?P<mark>(?:not|no|without)\s+(?P<fact>{NAME}))(?=\s*(?:,|\n|on\b|expect\b))"
        ),
        "in a case a fact has its value behind it",
        lambda words: f"write `{words['fact']} no`" if words["as"].startswith("yes/no") else None,
        'fact lost yes/no\nexample "e": given days_overdue 3, ⟨not lost⟩ expect sms allowed',
    ),
    Hint(
        at(
            r"\bexample\b[^:#]*:\s*given\s[^#]*",
            rf"(?P<fact>(?!(?:expect|on|at|and|or)\b|{DAYS}|{UNIT}){NAME})\s+\S",
            "COMMA EXPECT",
        ),
        "a comma is missing before `{fact}`",
        "write `, {fact}`",
        'example "e": given days_overdue 3 ⟨unreachable⟩ 4 expect sms allowed',
    ),
)
