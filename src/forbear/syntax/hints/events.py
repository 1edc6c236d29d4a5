"""Slips where events are declared, counted and given.

The first row that matches is told, so that a narrow one stands before a wide one.
"""

from __future__ import annotations

from forbear.syntax.hints.hint import DATE, DAYS, NAME, NUMBER, STRING, TIME, UNIT, slip

_TYPE = r"(?:one|count|money|days|number|percent|date|time|text|yes/no)\b"
_HAS = ("each attribute of an event begins with `has`", "write `has {name} ...`")
_OF_EVENT = rf"\bevent\s+{NAME}(?:\s+{STRING})?\s+has\s[^\":#]*?"
_COUNT = rf"\bfact\s+{NAME}\s+(?:count\s+of|any)\s+"
_WINDOW = "write `in last 7 days`, `in last 24 hours`, `this week`, `this month`, `since last EVENT` or `ever`"
_NUMBERS = r"(?:two|three|four|five|six|seven|eight|nine|ten|several)"

SLIPS = (
    # declarations
    slip(
        rf"\bevent\s+{NAME}(?:\s+{STRING})?\s*",
        rf"(?P<mark>with|having|:|is|of)\s+(?P<name>(?!has\b){NAME})",
        *_HAS,
        fits="HAS",
    ),
    slip(
        rf"\bevent\s+(?P<mark>(?P<event>{NAME}))(?:\s+{STRING})?\s*",
        "",
        "an event has one attribute at least",
        "write `event {event} has NAME TYPE`, such as `event {event} has medium one of call, sms`",
        fits="HAS -COMMA -OPTIONAL",
    ),
    slip(rf"{_OF_EVENT},\s*(?P<mark>(?P<name>{NAME})\s+)", _TYPE, *_HAS, fits="COMMA"),
    slip(_OF_EVENT, rf"(?P<mark>(?:and|,|with)\s*(?P<name>(?!has\b){NAME})\s+){_TYPE}", *_HAS, fits="HAS"),
    slip(rf"{_OF_EVENT}(?P<mark>(?P<name>{NAME})\s+)", _TYPE, *_HAS, fits="THEN"),
    slip(rf"{_OF_EVENT}[,\s]\s*", r"(?P<word>has)\b", "a comma too many before `{word}`", "take the comma out"),
    # what is counted
    slip(
        rf"\bfact\s+{NAME}\s+(?P<mark>count\s+(?P<event>(?!of\b){NAME})\s+)",
        r"(?:in|since|this|ever|where|when|within|last)\b",
        "an `of` is missing between `count` and what is counted",
        "write `count of {event}`",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+(?P<mark>number\s+)",
        rf"(?P<mark>of\s+(?P<event>{NAME}))",
        "events are counted by `count of`",
        "write `count of {event}`",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+(?P<mark>any\s+)",
        rf"(?P<mark>of\s+(?P<event>{NAME}))",
        "`any` has no `of`",
        "write `any {event}`",
    ),
    slip(
        r"\bsince\s+",
        rf"(?:(?P<mark>the\s+last)|(?P<event>{NAME}))",
        "time is counted since the last event of a kind",
        "write `since last EVENT`, such as `since last contact where outcome is reached`",
        fits="LAST -DAYS",
    ),
    slip(
        r"\b(?:time|date|weekday)\s+of\s+",
        r"the\s+decision\b",
        "before `decision` stands no `the`",
        "write `of decision`",
        fits="DECISION",
    ),
    slip(
        rf"\bdays\s+since\s+last\s+{NAME}\s+",
        r"(?P<mark>(?:in\s+last|this|ever|within)\b(?:\s+[a-z0-9]+)*)",
        "`days since last` looks at all events, and has no window",
        "leave the window out, or count: `fact NAME count of EVENT in last 7 days`",
        fits="OPTIONAL -EVER",
    ),
    # which events
    slip(
        "",
        r"(?P<word>when|if|with|that|which)\b",
        "which events are meant is said behind `where`",
        "write `where CONDITION`",
        fits="WHERE EVER",
    ),
    slip(
        "",
        r"when\b",
        "which events are meant is said behind `where`",
        "write `where CONDITION`",
        fits="WHERE -WHEN",
    ),
    slip(
        rf"\b(?P<mark>(?P<name>{NAME})\s*!?=\s*)",
        rf"(?P<mark>this\s+(?P<fact>{NAME}))",
        "with `this` an attribute is compared by `is`",
        "write `{name} is this {fact}`, or `{name} is not this {fact}`",
    ),
    slip(
        rf"\b(?P<name>{NAME})\s+is\s+(?:not\s+)?(?P<mark>this\s+)",
        r"(?:ever|in|since|this|and|or)\b|\Z|\)",
        "`this` is followed by the fact of the case that is meant",
        "write `{name} is this {name}`, if the fact is called so too",
        fits="NAME",
    ),
    slip(
        "",
        rf"(?P<mark>this\s+(?P<fact>{NAME}))",
        "`this` stands behind an attribute and `is`",
        "write `{fact} is this {fact}`, if the attribute is called so too",
        fits="AFTER -EVER",
    ),
    slip(
        rf"{_COUNT}(?P<event>{NAME})\s+",
        rf"(?P<name>{NAME})\s+(?:is\b|[<>=!]|and\b|or\b|in\b)",
        "a `where` is missing before `{name}`",
        "write `{event} where {name} ...`",
        fits="WHERE EVER",
    ),
    slip(
        rf"{_COUNT}(?P<event>{NAME})\s[^:#]*?",
        r"where\b",
        "`where` stands before the days or hours",
        "write `{event} where CONDITION in last 7 days`",
        fits="OPTIONAL",
    ),
    slip(
        rf"\bfact\s+{NAME}\s+(?:count\s+of|any|days\s+since|{NAME}\s+of\s+decision)\b[^:#]*",
        r"(?P<mark>between|in\s+steps|clock|or\s+none)\b",
        "a derived fact has its values by itself",
        "leave the `{mark}` out; only `optional`, `private`, `usually` and a description may follow",
        fits="OPTIONAL",
    ),
    # windows
    slip(r"\bin\s+", r"(?P<mark>the)\s+last\b", "before `last` stands no `the`", "write `in last 7 days`", fits="LAST"),
    slip(
        "",
        rf"(?P<mark>(?:the\s+)?(?:last|past)\s+(?P<number>{NUMBER})\s+(?P<unit>[a-z]+))",
        "an `in` is missing before `last`",
        "write `in last {number} {unit}`",
        fits="IN EVER",
    ),
    slip(
        r"(?P<mark>\bin\s+)",
        rf"(?P<mark>(?:past\s+)?(?P<number>{NUMBER})\s+(?P<unit>[a-z]+))",
        "a `last` is missing",
        "write `in last {number} {unit}`",
        fits="LAST",
    ),
    slip(
        r"(?P<mark>\bin\s+)",
        rf"(?P<mark>this\s+(?P<span>{NAME}))",
        "before `this` stands no `in`",
        "write `this {span}`",
        fits="LAST",
    ),
    slip(
        rf"{_COUNT}[^:#]*?",
        rf"(?P<mark>(?:within|over|during)\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<number>{NUMBER})\s+(?P<unit>{DAYS}|hours?\b))",
        "a window begins with `in last`",
        "write `in last {number} {unit}`",
        fits="EVER",
    ),
    slip(
        rf"{_COUNT}[^:#]*?(?P<mark>\bwithin\s+)",
        rf"(?P<mark>(?P<number>{NUMBER})\s+(?P<unit>{DAYS}|hours?\b))",
        "a window begins with `in last`",
        "write `in last {number} {unit}`",
    ),
    slip(
        r"\blast\s+",
        rf"{UNIT}|{DAYS}",
        "it is not said how many",
        "write `in last 7 days`, or `this week`",
        fits="MINUS -WHERE",
    ),
    slip(
        rf"(?P<mark>\bin\s+last\s+(?P<unit>{UNIT}|{DAYS})\s*)",
        "",
        "it is not said how many",
        "write `in last 7 days`, or `this week`",
        fits="DAYS -COUNT",
    ),
    slip(
        r"\blast\s+",
        r"(?P<number>[0-9]+)(?P<unit>[a-z]+)\b",
        "a space is missing",
        "write `{number} {unit}`",
        fits="MINUS",
    ),
    slip(
        "", r"(?P<mark>today|(?:this\s+)?day)\b", "today is a window of one day", "write `in last 1 day`", fits="EVER"
    ),
    slip(r"\b(?P<mark>this\s+)", r"(?P<mark>day)\b", "today is a window of one day", "write `in last 1 day`"),
    slip("", "", "it is not said over which time events are counted", _WINDOW, fits="EVER IN"),
    # rules
    slip(
        "",
        rf"(?P<mark>count\s+of\s+{NAME}|days\s+since\s+last\s+{NAME})",
        "what is counted is declared as a fact",
        "write `fact NAME {mark} ...` in the vocabulary, and speak of NAME here",
        fits="AFTER",
    ),
    # examples
    slip(
        rf"\bon\s+(?:{DATE}|{NAME})(?:\s+at\s+{TIME})?\s+[^,:#]*?",
        rf"(?P<mark>with|and|has|where)\s+(?P<name>{NAME})",
        "the attributes of an event follow it without a word between",
        "leave the `{mark}` out",
        fits="EXPECT -WHERE",
    ),
    slip(
        rf"\b(?P<mark>(?P<event>(?!on\b){NAME})\s+(?P<date>{DATE})\s+)",
        rf"(?!on\b|at\b|expect\b)(?P<attribute>{NAME})",
        "an event is given with its day behind `on`",
        "write `{event} on {date} {attribute} ...`; between two facts stands a comma",
        fits="EXPECT COMMA",
    ),
    slip(
        rf"\b(?P<mark>(?P<event>{NAME})\s+(?P<attribute>{NAME})\s+)",
        rf"(?P<mark>(?P<value>\S+)\s+on\s+(?P<day>{DATE}))",
        "the day of an event stands behind its name",
        "write `{event} on {day} {attribute} {value}`",
        fits="EXPECT COMMA",
    ),
    slip(
        rf"\b(?P<event>{NAME})\s+",
        rf"(?P<mark>at)\s+(?P<day>{DATE})",
        "the day of an event stands behind `on`",
        "write `{event} on {day}`, and its time behind `at`",
        fits="UNKNOWN",
    ),
    slip(
        rf"\bon\s+(?:{DATE}|{NAME})\s+",
        rf"(?P<time>{TIME})",
        "an `at` is missing before the time",
        "write `at {time}`",
        fits="AT",
    ),
    slip(
        rf"\b(?P<mark>{_NUMBERS})\s+(?P<event>{NAME})\s+on\s+{DATE}\s+",
        "",
        "how many events there are is a number",
        "write it in digits: `3 {event} on ...`",
        fits="EXPECT",
    ),
    slip(
        r"\bexample\b[^:#]*:\s*given\s[^#]*",
        rf"(?P<name>(?!(?:expect|on|at|and|or)\b|{DAYS}|{UNIT}){NAME})\s+\S",
        "a comma is missing before `{name}`",
        "write `, {name}`",
        fits="COMMA EXPECT",
    ),
)
