"""Slips in values and conditions: numbers, sums, dates, texts, units, days and comparisons.

The first row that matches is told, so that a narrow one stands before a wide one.
"""

from __future__ import annotations

from forbear.syntax.hints.hint import DATE, DAY, DAYS, DIGITS, LITERAL, NAME, NUMBER, STRING, TIME, UNIT, WORD, slip

_COMMA_IN_NUMBER = ("a comma inside a number", "write `1000` or `1_000`, and `12.50` with a point")
_DATE_FORM = ("a date has one form here", "write a date as `2015-09-21`: the year, the month, the day")
_CAPITALS = (
    "`{word}` is no value as the language writes it",
    'a text stands in quotation marks: `"{word}"`; a name has small letters: `{word_lower}`',
)
_NO_UNIT = "a number stands without its unit"

SLIPS = (
    slip(
        rf"{STRING}\s+(?P<mark>pinned)\s+",
        "",
        "`pinned` is followed by a digest",
        'write `pinned "sha256:..."`; `forbear packs` tells the digest of a pack',
        fits="THEN",
    ),
    # numbers, dates and times
    slip(DIGITS, r",\s?[0-9]", *_COMMA_IN_NUMBER),
    slip(rf"{DIGITS},", DIGITS, *_COMMA_IN_NUMBER),
    slip("", r"[A-Z]{3}[0-9]+,[0-9]", *_COMMA_IN_NUMBER),
    slip("", r"(?P<mark>[0-9]{1,4}([./])[0-9]{1,2}\2[0-9]{1,4})\b", *_DATE_FORM, code="bad-literal"),
    slip(r"(?P<mark>[0-9]{1,4}\s*)", r"(?P<mark>/\s*[0-9]{1,2}\s*/\s*[0-9]{1,4})\b", *_DATE_FORM, code="bad-literal"),
    slip(
        r"(?P<mark>\b[0-9]{1,2}(?::[0-9]{2})?\s*)?",
        r"(?P<mark>(?:[0-9]{1,2})?(?::[0-9]{2})?\s?[apAP]\.?[mM]\b)",
        "a time has one form here, from 00:00 to 23:59",
        "write `21:00` for 9 pm, `09:00` for 9 am",
        code="bad-literal",
    ),
    slip(
        "",
        rf"(?P<word>(?!{NUMBER})[0-9][A-Za-z0-9_.]*)",
        "a name begins with a small letter, and `{word}` does not",
        "put a letter before it, such as `no_{word_lower}`",
        fits="NAME -NUMBER -RULE",
    ),
    slip(
        "",
        rf"(?P<word>(?!{NUMBER})[0-9][A-Za-z0-9_.]*)",
        "`{word}` is not a number as the language writes it",
        "write digits, with a point before decimals: `3`, `1_000`, `12.50`",
        code="bad-literal",
    ),
    # sums
    slip(
        "",
        rf"(?P<currency>[A-Z]{{3}})(?P<number>{DIGITS})",
        "a space is missing after the currency",
        "write `{currency} {number}`",
    ),
    slip(
        r"(?:[<>=,]|\b(?:is|not|of|between|and|usually))\s*(?P<mark>(?P<currency>(?!day\b)[a-z]{3})\s+)",
        rf"(?P<mark>(?P<number>-?{DIGITS}))",
        "a currency has three capitals",
        "write `{currency_upper} {number}`",
    ),
    slip(
        "",
        rf"(?P<mark>(?P<currency>(?![A-Z]{{3}})(?=[a-z]*[A-Z])[A-Za-z]{{3}})\s*(?P<number>-?{DIGITS}))",
        "a currency has three capitals",
        "write `{currency_upper} {number}`",
    ),
    slip(rf"{DIGITS}\s+", r"[A-Z]{3}\b", "the currency stands before the number", "write `CNY 1000`"),
    slip(r"(?:\bis\s+(?:not\s+)?|=\s*)(?P<mark>(?P<word>[A-Z]{3}))\s+", "", *_CAPITALS, fits="NUMBER -YES -NAME"),
    slip(
        r"(?P<mark>(?P<word>[A-Z]{3}))\s+",
        "",
        "a number is missing behind `{word}`",
        "write the sum, such as `{word} 1000`",
        fits="NUMBER -YES -NAME",
    ),
    slip("", r"[$€£¥￥₹]", "a currency is written as three capitals", "write `USD 100`"),
    slip(rf"(?P<number>{DIGITS})\s+", r"per\s?cent\b", "per cent is written as a sign", "write `{number}%`"),
    # texts
    slip(
        rf"(?P<mark>\b(?P<fact>{NAME})\s+is\s+(?P<no>not\s+|)(?P<first>{LITERAL})\s+(?:or|and)\s+)",
        rf"(?P<mark>(?P<second>{LITERAL}))",
        "a value alone is no condition",
        "write `{fact} is {no}one of {first}, {second}`",
        fits="AFTER",
    ),
    slip("", r"[“”„«»]", "a string stands in plain quotation marks", 'write `"like this"`'),
    slip("", r"['‘’]", "a string stands in double quotation marks", 'write `"like this"`'),
    slip("", rf'"(?P<name>{NAME})"', "a name has no quotation marks", "write `{name}`", fits="NAME -RULE -YES"),
    slip(
        "", STRING, "a comma or a word is missing before this text", "join two texts with `,`, or take one of them out"
    ),
    slip("", '"', "the string does not end on its line", 'end it with `"`; a quotation mark inside is written `\\"`'),
    slip(
        "",
        r"(?P<word>YES|Yes|NO|No|NONE|None|UNKNOWN|Unknown)\b",
        "`{word}` has capital letters",
        "write `{word_lower}`",
    ),
    slip(
        "",
        r"(?P<word>[A-Z][A-Za-z0-9_]*)\b",
        *_CAPITALS,
        fits="YES",
    ),
    # units
    slip(
        rf"\b(?P<word>after|within)\s+(?:{NUMBER}|{NAME})\s+",
        UNIT,
        "`{word}` counts days",
        "write how many days: `{word} 60 days`",
    ),
    slip(
        rf"\b(?P<word>after|within)\s+(?P<number>-?{DIGITS}|{NAME})\s*",
        r"(?=[a-z),]|\Z)",
        "the word `days` is missing",
        "write `{word} {number} days`",
        fits="DAYS -COUNT",
    ),
    slip(rf"\bsetting\s+{NAME}\s+is\s+(?P<number>{DIGITS})\s+", rf"{DAYS}|{UNIT}", _NO_UNIT, "write `{number}`"),
    slip(
        rf"(?P<start>(?:\b{NAME}\s*[<>=!]+|\b{NAME}\s+is|\bbetween(?:\s+{DIGITS}\s+and)?)\s*(?P<number>{DIGITS}))\s+",
        DAYS,
        _NO_UNIT,
        "write `{start}`; for the clock there is `after {number} days`",
    ),
    slip(rf"(?P<number>{DIGITS})\s+", rf"{DAYS}|{UNIT}", _NO_UNIT, "write `{number}`"),
    # conditions on the clock
    slip(
        r"(?P<mark>\b(?P<word>after|within)\s+)",
        rf"(?P<mark>day\s+(?P<number>{DAY}|{NAME}))",
        "`{word}` counts days",
        "write `{word} {number} days`, or `from day {number}`",
    ),
    slip(
        r"(?P<mark>\bfrom\s+)",
        rf"(?P<mark>(?P<first>{DAY})\s+(?:to|until|-)\s+(?P<last>{DAY})(?:\s+{DAYS})?)",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
        fits="DAY",
    ),
    slip(
        r"(?P<mark>\b(?P<word>from|before)\s+)",
        rf"(?P<mark>(?P<number>{DAY}|{NAME})(?:\s+{DAYS})?)",
        "`{word}` names a day",
        "write `{word} day {number}`",
        fits="DAY",
    ),
    slip("", rf"(?P<mark>on\s+(?P<number>{DAY})(?:\s+{DAYS})?)", "`on` names a day", "write `on day {number}`"),
    slip(
        rf"(?P<mark>\b(?:from|on)\s+day\s+(?P<first>{DAY})\s+)",
        rf"(?P<mark>(?:to|until|till|through|-)\s+(?:day\s+)?(?P<last>{DAY}))",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
    ),
    slip(
        "",
        rf"(?P<mark>between\s+(?:day\s+)?(?P<first>{DAY})(?:\s+{DAYS})?\s+and\s+(?:day\s+)?(?P<last>{DAY})"
        rf"(?:\s+{DAYS})?)",
        "a span of days is written otherwise",
        "write `from day {first} to day {last}`",
        fits="AFTER",
    ),
    *[
        slip(
            rf"(?P<mark>\b(?P<fact>(?!{WORD}){NAME})\s+)",
            rf"(?P<mark>{word}\s+(?P<value>{TIME}|{DATE}|{NUMBER}))",
            f"`{word}` counts days by the clock",
            f"write `{{fact}} {sign} {{value}}`",
            fits="-COLON -WHEN",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="), ("from", ">="), ("until", "<="))
    ],
    *[
        slip(
            rf"\b(?:when|unless|and|or|not|is)\s+(?P<mark>(?P<fact>{NAME})\s+{word}\s+)",
            rf"(?P<mark>(?P<value>{TIME}|{DATE}))",
            f"`{word}` counts days by the clock",
            f"write `{{fact}} {sign} {{value}}`",
            fits="-DATE",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="))
    ],
    *[
        slip(
            rf"\b(?P<mark>{word})\s+",
            rf"(?P<mark>(?P<value>{TIME}|{DATE}))",
            f"`{word}` counts days by the clock",
            f"write `local_time {sign} {{value}}`, with the fact that is meant",
            fits="-DATE",
        )
        for word, sign in (("after", ">"), ("before", "<"), ("within", "<="))
    ],
    # comparisons
    slip("", r"=>", "`=>` is no comparison", "write `>=`"),
    slip("", r"=<", "`=<` is no comparison", "write `<=`"),
    slip("=", r"=", "`==` is no comparison", "write `=`, or `is`"),
    slip("<", r">", "`<>` is no comparison", "write `!=`, or `is not`"),
    slip("", r"≥", "`≥` is no comparison of the language", "write `>=`"),
    slip("", r"≤", "`≤` is no comparison of the language", "write `<=`"),
    slip("", r"≠", "`≠` is no comparison of the language", "write `!=`"),
    slip("", r"&&?", "`&` is no word of the language", "write `and`"),
    slip("", r"\|\|?", "`|` is no word of the language", "write `or`"),
    slip("", r"!", "`!` is no word of the language", "write `not`"),
    slip(r"\bis\s+not\s+", r"known\b", "`is not known` is not said", "write `is unknown`"),
    slip(r"\bis\s+not\s+", r"unknown\b", "`is not unknown` is not said", "write `is known`"),
    *[
        slip(before, here, "`in` is no comparison", "write `is one of a, b`", fits=fits)
        for before, here, fits in (("", r"in\b", "THEN"), (r"\b(?P<mark>in)\s+", r"(?!force\b)", "FORCE"))
    ],
    slip(r"\s+", r"not\s+between\b", "`not between` lacks its `is`", "write `is not between`"),
    slip(r"\s+", r"not\s+(?:one|in)\b", "`not` lacks its `is`", "write `is not one of`"),
    slip(
        rf"(?P<mark>\b(?P<fact>{NAME})\s+)",
        rf"(?P<mark>(?P<value>{LITERAL}))",
        "a comparison is missing between a fact and its value",
        "write `{fact} >= {value}`, or with `>`, `=`, `<` or `<=`",
        fits="COMPARE",
    ),
)
