"""Hints for what is compared: calculations, ages, dates, sums of events, and ranges with two signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from attrs import evolve

from forbear.language.syntax.hints.forms import COMPARED, TIMES
from forbear.language.syntax.hints.hint import (
    BEGINS,
    DATE,
    DAYS,
    DECLARING,
    DIGITS,
    LITERAL,
    NAME,
    NUMBER,
    QUANTITIES,
    STRING,
    TIME,
    UNIT,
    Hint,
    around,
    at,
    condition_help,
    instead,
)

_NOT = r"(?!(?:when|unless|and|or|not|if|then|where|given|is|no|than|by|rule)\b)"
_FACT = rf"(?P<fact>{_NOT}{NAME})"
_OTHER = rf"(?:the\s+)?(?P<other>{_NOT}{NAME})"
_BEFORE_SUM = rf"(?P<minus>-\s*)?(?:(?P<share>{DIGITS}%)\s+of\s+|(?<!\bof\s))"
_FELL = r"(?:fell|fallen|fall|falls|dropped|decreased|declined|sank|gone\s+down|went\s+down)"
_OLDER = r"(?:older|longer\s+ago|earlier|further\s+back)\s+than"
_NEWER = r"(?:newer|younger|later|more\s+recent)\s+than"
_SINCE = r"(?:after|since|from|past(?!\s+(?:the\s+)?due\b)|following)"
_SINCE_DATE = "days are counted from a date, or since an event"
_PASSED = r"(?:(?:have\s+|has\s+)?(?:passed|elapsed|gone\s+by)\s+)?"
_LATELY = ("{fact}_lately", "in last {number} days")
_NO_EVENT = ("", "", "")
_WINDOW = (
    r"(?:in|within|over|during)\s+(?:the\s+)?(?:(?:last|past)\s+)?(?P<window>[1-9][0-9]*\s+(?:days?|months?|hours?))\b"
)
_BY_FACT = "what events come to is declared as a fact, which says over which time"
_A_PART = "a part of a fact is written with `of`"
_IN_DAYS = "a date goes on in days"
_VALUE = rf"(?:{LITERAL}|'[^'\n\"]*'|{_NOT}(?!(?:force|last|the|this)\b){NAME})"
_BEFORE_CONDITION = r"(?:\b(?:if|when|unless|and|or|not)\s+|[:(]\s*|\A|\n[ \t]*)"
_SIGN = "(?P<sign>[<>]=?)"
_SOMEBODY = r"(?:the\s+)?(?:borrower|customer|client|consumer|debtor)s?"
_AGE = r"(?P<number>[0-9]+)\s+(?P<unit>year|month)s?\b"
_END = rf"(?:{DATE}|{TIME}|(?:[A-Z]{{3}}\s+)?[0-9][0-9_]*(?:,[0-9]{{2,3}})*(?:\.[0-9]+)?%?)"


def _aged(words: Mapping[str, str]) -> str | None:
    if words.get("said") in ("over", "under", "at least") and not {"old", "who"} & words.keys():
        return None
    ages = words["ages"].split() or ["FACT"]
    sign = {"at": ">=", "ol": ">", "ov": ">"}.get(words.get("said", "")[:2], "<")
    if "than" in words:
        sign = "<=" if words["than"] in ("younger", "under") else ">="
    number = words.get("number") or words["years"]
    return "write " + ", or ".join(f"`{age} {sign} {number}`" for age in ages)


def _years_since(sign: str, words: Mapping[str, str]) -> str | None:
    if not words["as"].startswith("date"):
        return None
    name = f"{words['unit']}s_since_{words['fact']}"
    return f"write `{name} {sign} {words['number']}`, and declare `fact {name} {words['unit']}s since {words['fact']}`"


def _since(sign: str, condition: str, more: str, named: str, window: str, words: Mapping[str, str]) -> str:
    """Returns days from a date; from an event, a fact that follows from it, or one that counts them already. Both, if
    it is not known which of them it is.
    """
    if words["since"] and sign:
        return condition_help(f"{{since}} {sign} {{number}}")(words)
    if window.startswith("at least") and re.search(r"\b(?:last|latest|recent)\s", words["mark"]):
        named = f"{'not ' * named.startswith('not ')}days_since_{{fact}} >= {window.split()[2]}"
        declared = "`fact days_since_{fact} days since last {fact}`"
    else:
        declared = f"`fact {named.removeprefix('not ')} any {{fact}} {window}`"
    if named and words["as"] == "event":
        return condition_help(named, f", and declare {declared}")(words)
    either = named and not words["as"].startswith("date")
    return condition_help(
        condition, more + (f"; of an event `{{fact}}`, declare {declared}, and write `{named}`" if either else "")
    )(words)


def _summed(words: Mapping[str, str]) -> str:
    """A sum without its brackets: a minus before them turns the signs, a part of it is that part of both."""
    minus, share = "- " if "minus" in words else "", f"{words['share']} of " if "share" in words else ""
    sign = "-" if (words.get("plus") in ("-", "minus")) is not bool(minus) else "+"
    return f"write `{minus}{share}{words['fact']} {sign} {share}{words['other']}`"


def _part(help: str, words: Mapping[str, str]) -> str | None:
    return help.format_map(words) if words["as"] in QUANTITIES else None


def _ratio(share: str, words: Mapping[str, str]) -> str:
    """A fact, or a sum of facts, divided by another one."""
    part = words.get("fact") or words["sum"]
    return f"write `{part} {words['sign']} {share.format_map(words)} of {words['whole']}`"


BEFORE_MISSPELT = (
    Hint(
        at(
            rf"{BEGINS}(?P<mark>(?P<no>no\s+|)(?P<event>{_NOT}{NAME})\s+in\s+(?:the\s+)?)",
            r"(?P<mark>(?:last|past)\s+(?P<window>[1-9][0-9]*\s+(?:days?|months?|hours?|minutes?))\b)",
        ),
        _BY_FACT,
        lambda words: (
            f"write `{'not ' * bool(words['no'])}{words['event']}_lately`, and declare"
            f" `fact {words['event']}_lately any {words['event']} in last {words['window']}`"
            if words["as"] == "event"
            else None
        ),
        "event reply\nrule r: never sms when ⟨reply in last 7 days⟩",
    ),
    Hint(
        around(
            rf"\bfact\s+{NAME}\s*(?P<mark>[:=]?\s*(?i:datedif+|date_diff)\s*\(\s*['\"]?(?P<unit>(?i:year|month|day))s?['\"]?\s*,\s*(?P<born>{NAME})\s*,"
            r"\s*(?i:today|now|getdate|current_date)(?:\s*\(\s*\))?\s*\))"
        ),
        "what has passed since a date has a form of its own",
        "write `{unit_lower}s since {born}`",
        "fact age ⟨= datediff(year, promised_on, today)⟩",
    ),
    # sums of facts
    *[
        Hint(
            around(rf"{before}(?P<mark>{phrase}){after}"),
            "a sum is written with `+` and `-`, and without brackets",
            _summed,
            compared.format(example),
        )
        for before, after, compared in (
            ("", r"\s*(?:[<>=]|is\b)", "⟨{}⟩ > credit_limit then allow sms"),
            (r"[<>=]\s*(?:[^<>=()\n]*?(?:\+\s*|(?=-)))?", r"(?![\w%]|\s*[*/×÷])", "never sms when credit_limit < ⟨{}⟩"),
        )
        for phrase, example in (
            (rf"\b{_FACT}\s+(?:plus|added\s+to)\s+{_OTHER}", "overdue_amount plus balance"),
            (rf"\b{_FACT}\s+(?P<plus>minus)\s+{_OTHER}", "overdue_amount minus balance"),
            (
                rf"{_BEFORE_SUM}\b(?:the\s+)?(?:sum|total)\s+of\s+{_FACT}\s+and\s+{_OTHER}",
                "sum of overdue_amount and balance",
            ),
            (rf"{_BEFORE_SUM}\bsum\s*\(\s*{_FACT}\s*,\s*{_OTHER}\s*\)", "sum(overdue_amount, balance)"),
            (
                rf"{_BEFORE_SUM}\(\s*{_FACT}\s*(?P<plus>[-+]|\bplus\b|\bminus\b)\s*{_OTHER}\s*\)",
                "(overdue_amount + balance)",
            ),
        )
        if not before or not example.startswith("sum of")  # there it is taken for what events come to
    ],
    # parts of facts
    *[
        Hint(
            around(rf"(?:{_BEFORE_CONDITION}|[<>=+-]\s*|\b(?:between|is)\s+)(?P<mark>{phrase})"),
            _A_PART,
            f"write `{share} of {{fact}}`",
            f"overdue_amount > ⟨{example}⟩ then allow sms",
        )
        for phrase, share, example in (
            (rf"(?P<share>{DIGITS}){TIMES}{_FACT}", "{share_percent}", "0.1 * credit_limit"),
            (rf"{_FACT}\s*[*×]\s*(?P<share>{DIGITS})(?![\w.%])", "{share_percent}", "credit_limit * 0.1"),
            (rf"(?P<share>{DIGITS}%)\s*[*×x]\s*{_FACT}", "{share}", "10% * credit_limit"),
            (rf"{_FACT}\s*[*×]\s*(?P<share>{DIGITS}%)", "{share}", "credit_limit * 10%"),
            (rf"{_FACT}\s*[/÷]\s*2(?![\w.])", "50%", "credit_limit / 2"),
            (rf"(?:twice|double)\s+(?:the\s+)?{_FACT}", "200%", "twice credit_limit"),
        )
    ],
    *[
        Hint(
            around(
                rf"(?P<mark>(?:\b{_FACT}|\(\s*(?P<sum>{NAME}(?:\s*[-+]\s*{NAME})+)\s*\))\s*[/÷]\s*(?P<whole>{NAME})\s*(?P<sign><=?|>=?|=)\s*(?P<share>{phrase}))"
            ),
            _A_PART,
            partial(_ratio, share),
            f"⟨overdue_amount / credit_limit > {example}⟩ then allow sms",
            more=(f"never sms when ⟨(overdue_amount + balance) / credit_limit > {example}⟩",),
        )
        for phrase, share, example in (
            (rf"{DIGITS}%", "{share}", "10%"),
            (r"[0-9](?:\.[0-9]+)?(?![\w.%]|\s*[*/×÷])", "{share_percent}", "0.1"),
        )
    ],
    *[
        Hint(
            around(rf"(?P<mark>\b{_FACT}\s+(?:has\s+|have\s+|had\s+)?{fell})(?![\w%])"),
            "what a fact was before is a fact of its own",
            f"write `{{fact}} {rest} {{fact}}_before`, and declare `fact {{fact}}_before` like `{{fact}}`",
            f"⟨balance {example}⟩ then allow sms",
        )
        for fell, rest, example in (
            (rf"{_FELL}(?:\s+by)?\s+(?P<share>[0-9]{{1,2}}(?:\.[0-9]+)?)%", "<= {share_rest} of", "fell by 30%"),
            (rf"(?:{_FELL}(?:\s+by)?\s+(?:a\s+)?half|halved)", "<= 50% of", "fell by half"),
            (_FELL, "<", "fell"),
        )
    ],
    Hint(
        around(
            rf"(?P<mark>\b{_FACT}\s+(?:is\s+)?(?P<said>{COMPARED})\s+(?:in\s+|it\s+was\s+)?(?:the\s+)?"
            r"(?P<past>(?:last|previous)\s+(?:day|week|month|quarter|year)))\b"
        ),
        "what a fact was before is a fact of its own",
        "write `{fact} {said_sign} {fact}_{past_joined}`, and declare `fact {fact}_{past_joined}` like `{fact}`",
        "⟨balance is lower than last month⟩ then allow sms",
        more=("⟨balance is higher than last month⟩ then allow sms",),
    ),
    *[
        Hint(
            around(
                rf"(?:[<>]=?|=)\s*(?P<mark>(?P<share>{DIGITS}{sign})[ \t]+(?:the\s+)?{_FACT})\b(?!\s*[<>=])"
                r"(?:\s+(?:and|or)\b[^\n]*(?:\n[ \t]+[^\n]*)*)?"
            ),
            _A_PART,
            help,
            f"never sms when overdue_amount > ⟨{example} {fact}⟩",
            more=(f"never sms when overdue_amount > ⟨{example} {fact}⟩ and\n  after 3 days",),
        )
        for sign, help, example, fact in (
            ("%", "write `{share} of {fact}`", "10%", "credit_limit"),
            ("", partial(_part, "write `{share_percent} of {fact}`"), "0.5", "balance"),
        )
    ],
    # ranges
    *[
        Hint(
            around(
                rf"{_BEFORE_CONDITION}(?P<mark>{_FACT}\s*{said}\s*(?P<low>{_END})"
                rf"\s*(?:\bto\b|\.\.+|[-\u2013\u2014~])\s*(?P<high>{_END}))(?![\w.-])"
            ),
            "a range is written with `between`",
            "write `{fact} between {low_value} and {high_value}`",
            f"never sms when ⟨unreachable {shown}⟩",
        )
        for said, shown in (
            (r"(?:\b(?:is|lies)\s+)?\b(?:in|within|from)\b", "in 30..60"),
            (r"(?:\bis\b|=)", "is 30 to 60"),
        )
    ],
    Hint(
        around(
            rf"{_BEFORE_CONDITION}(?P<mark>{_FACT}\s+(?:(?:is|lies|falls)\s+)?(?:outside(?:\s+of)?|not\s+(?:with)?in)\s+(?P<low>{_END})"
            rf"\s*(?:\b(?:to|and)\b|\.\.+|[-\u2013\u2014~])\s*(?P<high>{_END}))(?![\w.-])"
        ),
        "a range is written with `between`",
        "write `{fact} is not between {low_value} and {high_value}`",
        "never sms when ⟨overdue_amount outside CNY 700 to CNY 2100⟩",
        more=("never sms when ⟨unreachable is not in 3-9⟩",),
    ),
    Hint(
        around(
            rf"\b(?P<mark>between\s+(?P<low>{_END})\s*(?:\bto\b|\.\.+|[,\u2013\u2014~-])\s*(?P<high>{_END}))(?![\w.-])"
        ),
        "a range is written with `between`",
        "write `between {low_value} and {high_value}`",
        "never sms when unreachable ⟨between 30-60⟩",
    ),
    *[
        Hint(
            around(
                rf"{_BEFORE_CONDITION}(?!{DECLARING}\b)(?P<mark>{_FACT}\s+(?:is\s+)?in\s*{opened}"
                rf"(?P<values>{_VALUE}(?:\s*,\s*{_VALUE})*+)"
                rf"{closed})"
            ),
            "`in` is no comparison",
            "write `{fact} is one of {values}`",
            f"rule r: ⟨{example}⟩ then allow sms",
        )
        for opened, closed, example in (
            (r"[(\[{{]\s*", r"\s*[)\]}}]", 'state in ("CA", "NV")'),
            ("", r"(?=\s*(?:\Z|\n|(?:then|and|or)\b))", "contact_party in spouse, other"),
        )
    ],
    Hint(
        around(
            rf"\b(?:when|and|or)\s+(?P<mark>(?:only\s+)?in\s+(?:the\s+)?(?P<fact>{_NOT}{NAME})\s+(?P<values>{STRING}(?:\s*(?:,|\bor\b|\band\b)\s*{STRING})*))"
        ),
        "`in` is no comparison",
        lambda words: (
            f"write `{words['fact']} is {'one of ' if len(re.findall(STRING, words['values'])) > 1 else ''}"
            f"{', '.join(re.findall(STRING, words['values']))}`"
        ),
        'never sms when ⟨in state "CA" or "NV"⟩',
        more=('rule r: allow sms when after 3 days and ⟨only in state "CA"⟩',),
    ),
    Hint(
        around(rf"{BEGINS}{NAME}\s+(?P<mark>from\s+(?P<low>{_VALUE})\s+to)\s"),
        "a range with both ends is written with `between`",
        "write `between {low} and`",
        "never sms when overdue_amount ⟨from CNY 500 to⟩ credit_limit",
        more=("never sms when weekday ⟨from saturday to⟩ monday",),
    ),
    # ages
    *[
        Hint(
            around(rf"(?P<mark>\b{pattern})"),
            "whole {unit}s since a date are a fact",
            f"write `{{unit}}s_since_{{fact}} {{sign_{form}}} {{number}}`, and declare"
            " `fact {unit}s_since_{fact} {unit}s since {fact}`",
            f"never sms when ⟨{example}⟩",
            more=tuple(
                f"never sms when ⟨{example.replace(' > ', f' {sign} ').replace('year', unit)}⟩"
                for sign in ("<", "<=", ">=")
                for unit in ("year", "month")
            ),
        )
        for form, pattern, example in (
            ("younger", rf"(?P<fact>{NAME})\s*{_SIGN}\s*{NAME}\s*-\s*{_AGE}", "promised_on > today - 18 years"),
            ("younger", rf"(?P<fact>{NAME})\s*\+\s*{_AGE}\s*{_SIGN}\s*{NAME}", "promised_on + 18 years > today"),
            ("older", rf"{NAME}\s*-\s*{_AGE}\s*{_SIGN}\s*(?P<fact>{NAME})", "today - 18 years > promised_on"),
        )
    ],
    *[
        Hint(
            around(rf"{BEGINS}(?P<mark>{_FACT}\s+(?:is\s+)?{phrase}\s+{_AGE})"),
            "whole {unit}s since a date are a fact",
            partial(_years_since, sign),
            f"never sms when ⟨promised_on {shown} 6 years⟩",
        )
        for phrase, sign, shown in ((_OLDER, ">=", "older than"), (_NEWER, "<", "newer than"))
    ],
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?:(?P<who>{_SOMEBODY}\s+(?:(?:is|are)\s+)?))?(?:(?P<number>[0-9]+)\s+(?:years?\s+)?(?:old\s+)?(?:or|and)\s+(?P<than>older|over|above|younger|under)"
            r"|(?P<said>older|over|younger|under|at\s+least)\s+(?:than\s+)?(?P<years>[0-9]+)(?P<old>\s+years(?:\s+old|\s+of\s+age)?)?))(?!\w|\s*(?:days?|hours?|weeks?|months?)\b)"
        ),
        "an age is a fact that counts years since a date",
        _aged,
        "never sms when ⟨18 or younger⟩",
        more=(
            "never sms when ⟨older than 75⟩",
            "never sms when ⟨under 18 years⟩",
            "never sms when ⟨at least 18 years old⟩",
        ),
    ),
    Hint(
        around(rf"(?P<mark>\b{_FACT}\s*(?P<sign>[<>]=?|=)\s*(?P<number>[0-9]+)\s+years?(?:\s+old|\s+of\s+age)?)\b"),
        "years are counted by a fact, declared as `years since` a date, and compared as a plain number",
        lambda words: "write `{fact} {sign} {number}`".format_map(words) if words["as"] in ("", "years") else None,
        "never sms when ⟨age >= 18 years⟩",
    ),
    Hint(
        around(rf"(?P<mark>\b(?P<fact>{NAME})\s*(?P<sign>[-+])\s*(?P<number>[0-9]+)\s+weeks?\b)"),
        _IN_DAYS,
        "write `{fact} {sign} {number_weeks} days`",
        "promised_on > ⟨today - 2 weeks⟩ then allow sms",
    ),
    Hint(
        around(rf"(?P<mark>\b(?P<fact>{NAME})\s*(?P<sign>[-+])\s*(?P<number>[0-9]+)\s+(?:years?|months?)\b)"),
        _IN_DAYS,
        "write `{fact} {sign} N days` with the days that are meant",
        "promised_on > ⟨today + 2 months⟩ then allow sms",
    ),
    # dates
    Hint(
        around(rf"(?P<mark>\b{_FACT}\s*(?:[<>]=?|=|is)\s*(?P<number>{DIGITS})\s+days?\s+(?:ago|earlier))\b"),
        "a date is compared with a date",
        "write `today > {fact} + {number} days` for more than {number} days ago, or `today between {fact} and {fact} +"
        " {number} days` for at most {number} days ago; a fact that counts days is compared with {number} alone",
        "⟨promised_on > 3 days ago⟩ then allow sms",
    ),
    Hint(
        around(rf"(?P<mark>\b{_FACT}\s*[<>]=?\s*(?P<number>{DIGITS})\s+days?\s+(?:from\s+now|ahead|from\s+today))\b"),
        "a date is compared with a date",
        "write `{fact} > today + {number} days` for later than that, or `{fact} <= today + {number} days` for no later",
        "⟨promised_on > 3 days from now⟩ then allow sms",
    ),
    *[
        Hint(
            around(rf"(?P<mark>\b(?P<late>{NAME})\s*-\s*{_FACT}\s*(?P<sign>{signs})\s*(?P<number>{DIGITS})\s+days)\b"),
            "a date and some days are compared with a date",
            "write `{late} {sign} {fact} + {number} days`",
            f"never sms when ⟨today - promised_on {shown} 3 days⟩",
        )
        for signs, shown in (("[<>]=?|=", ">"),)
    ],
    *[
        Hint(
            around(
                rf"(?P<mark>(?<!\bany\s)(?<!\bof\s)\b{_FACT}\s+(?:is\s+)?{phrase}\s+(?P<number>{DIGITS})\s+days(?:\s+ago)?)\b"
            ),
            "a date is compared with a date",
            f"write `today {sign} {{fact}} + {{number}} days`",
            f"never sms when ⟨promised_on {shown} 3 days⟩",
        )
        for phrase, sign, shown in ((_OLDER, ">", "older than"), (_NEWER, "<", "newer than"))
    ],
    *[
        Hint(
            around(rf"(?P<mark>\b{_FACT}\s+(?:is\s+|lies\s+)?{phrase})\b"),
            "a date is compared with `today`",
            f"write `{{fact}} {sign} today`",
            f"never sms when ⟨consent_until {shown}⟩",
        )
        for phrase, sign, shown in (
            (r"in\s+the\s+future", ">", "in the future"),
            (r"in\s+the\s+past(?!\s+[0-9])", "<", "in the past"),
            (r"(?:has\s+|have\s+)?not\s+(?:yet\s+)?(?:run\s+out|expired?|lapsed?|ended)", ">=", "has not run out"),
            (r"(?:has\s+|have\s+)?(?:run\s+out|ran\s+out|expired|lapsed)", "<", "has run out"),
        )
    ],
    *[
        evolve(
            instead(
                rf"{said}(?P<number>{DIGITS})\s+days?\s+{since}\s+(?:the\s+|an?\s+|last\s+|latest\s+|most\s+recent\s+)*{_FACT}",
                _SINCE_DATE,
                "",
                example,
            ),
            help=partial(_since, sign, condition, more, named, window),
        )
        for sign, said, since, condition, more, named, window, example in (
            (
                "<",
                r"less\s+than\s+",
                rf"(?:of|{_SINCE})",
                "(today >= {fact} and today < {fact} + {number} days)",
                "",
                *_LATELY,
                "less than 3 days after promised_on",
            ),
            (
                "<=",
                r"within\s+",
                "of",
                "today between {fact} and {fact} + {number} days",
                " for the days after it alone, or `today between {fact} - {number} days and {fact} + {number} days` for"
                " those before it too",
                *_LATELY,
                "within 3 days of promised_on",
            ),
            (
                "<=",
                r"(?:within|in|for(?:\s+at\s+least)?)\s+",
                _SINCE,
                "today between {fact} and {fact} + {number} days",
                "",
                *_LATELY,
                "within 3 days after promised_on",
            ),
            (
                "",
                r"(?:until|n(?:o|ot)\s+later\s+than)\s+",
                _SINCE,
                "today <= {fact} + {number} days",
                "",
                "not {fact}_before",
                "at least {number_next} days ago",
                "until 3 days after promised_on",
            ),
            (
                "",
                r"(?:before|(?<!no )(?<!not )(?:sooner|earlier)\s+than)\s+",
                _SINCE,
                "today < {fact} + {number} days",
                "",
                "not {fact}_before",
                "at least {number} days ago",
                "sooner than 3 days after promised_on",
            ),
            (
                "",
                r"within\s+",
                "before",
                "today between {fact} - {number} days and {fact}",
                *_NO_EVENT,
                "within 3 days before promised_on",
            ),
            (
                "",
                "",
                "before",
                "today is {fact} - {number} days",
                "; for each day up to it, `today between {fact} - {number} days and {fact}`",
                *_NO_EVENT[1:],
                "3 days before promised_on",
            ),
            (
                ">",
                r"(?:only\s+)?(?:after|more\s+than)\s+",
                rf"{_PASSED}{_SINCE}",
                "today > {fact} + {number} days",
                "",
                "{fact}_before",
                "at least {number_next} days ago",
                "after 3 days since promised_on",
            ),
            *[
                (
                    ">=",
                    said,
                    rf"{_PASSED}{_SINCE}",
                    "today >= {fact} + {number} days",
                    more,
                    "{fact}_before",
                    "at least {number} days ago",
                    f"{shown}3 days after promised_on",
                )
                for said, more, shown in (
                    (r"(?:at\s+least|n(?:o|ot)\s+(?:sooner|earlier)\s+than)\s+", "", "at least "),
                    ("", "; for that day alone, `today is {fact} + {number} days`", ""),
                )
            ],
        )
    ],
    # events
    Hint(
        around(
            rf"(?:\b(?:when|unless|and|or|not)\s+|[:(]\s*|\A|\n)(?P<mark>(?P<declared>sum\s+of\s+(?P<event>{NAME})\.(?P<attribute>{NAME})"
            rf"(?:\s+(?P<window>in\s+last\s+{DIGITS}\s+[a-z]+|this\s+[a-z]+|ever))?))"
        ),
        _BY_FACT,
        lambda words: "write `{event}_{attribute}`, and declare `fact {event}_{attribute} {declared}{end}`".format(
            **words, end="" if "window" in words else " in last N days"
        ),
        "never sms when ⟨sum of payment.amount in last 30 days⟩ < CNY 100",
    ),
    Hint(
        around(
            rf"(?:\b(?:when|unless|and|or|not)\s+|[:(]\s*|\A|\n)(?P<mark>(?P<declared>(?P<what>count)\s+of\s+(?P<event>{NAME})"
            rf"\s+(?:in\s+last\s+{DIGITS}\s+[a-z]+|this\s+[a-z]+|ever)))\b"
        ),
        _BY_FACT,
        "write `{event}_{what}`, and declare `fact {event}_{what} {declared}`",
        "never sms when ⟨count of contact in last 30 days⟩ > 3",
    ),
    Hint(
        around(
            rf"(?P<mark>\b{_FACT}\s*(?P<said>[<>]=?|(?:is\s+)?(?:{COMPARED}))\s*(?P<value>(?:[A-Z]{{3}}\s+)?{DIGITS})\s+{_WINDOW})"
        ),
        _BY_FACT,
        "write `{fact}_lately {said_sign} {value}`, and declare {uses}`event payment has amount money` and"
        " `fact {fact}_lately sum of payment.amount in last {window}`, or `count of payment` for how many",
        "never sms when ⟨paid at most CNY 100 in the last 30 days⟩",
        more=tuple(
            f"never sms when ⟨paid {said} CNY 100 in the last 30 days⟩"
            for said in ("less than", "at least", "more than")
        ),
    ),
    *[
        Hint(
            around(
                rf"\bfact\s+{NAME}\s+(?:sum\s+of|count\s+of|any)\s[^:#\n]*?(?<!\bnot\s)(?<!\bno\s)(?P<mark>{phrase})\b"
            ),
            "a window of days begins with `in last`, or ends with `ago`",
            f"write `{written}`",
            f"event payment has amount money\nfact n any payment ⟨{example}⟩",
        )
        for phrase, written, example in (
            (
                r"(?:more\s+than|over)\s+(?P<number>[0-9]{1,9})\s+days?\s+ago",
                "at least {number_next} days ago",
                "more than 7 days ago",
            ),
            (
                rf"{_OLDER}\s+(?P<number>[0-9]{{1,9}})\s+days(?:\s+ago)?",
                "at least {number_next} days ago",
                "older than 7 days",
            ),
            (
                rf"(?:over|within|during)\s+(?:the\s+)?(?:(?:last|past)\s+)?(?P<number>{DIGITS})\s+(?P<unit>days?|months?|hours?)(?:\s+ago)?",
                "in last {number} {unit}",
                "over 30 days",
            ),
        )
    ],
)
"""These come before the search for misspelt words, and before comparisons in words: `more than 3 days ago` is none."""

HINTS = (
    Hint(
        at(
            rf"(?:[<>=]|\bbetween|\band|\bis)\s*(?P<mark>(?:{NUMBER}%?|{NAME})\s*)",
            rf"(?P<mark>[-+*/×÷]\s*(?![-0-9]+\s*/)(?!-)(?:{LITERAL}|{NAME})(?:\s+(?:{DAYS}|{UNIT}))?)",
        ),
        "a rule compares facts, and calculates with none",
        "a part of one is `N% of FACT`, a sum `FACT + FACT` or `FACT + N`; declare any other result as a fact",
        "overdue_amount > ⟨balance / credit_limit⟩ then allow sms",
        more=("never sms when overdue_amount > ⟨balance / credit_limit⟩",),
    ),
    Hint(
        at(rf"(?P<mark>(?<![\w.])(?P<share>{NUMBER})\s+)", rf"(?P<mark>of\s+(?P<fact>{NAME}))"),
        "a part of a fact is a percentage",
        lambda words: (
            f"write `{words['share_percent']} of {words['fact']}`, or `{words['share']}% of {words['fact']}`"
            if words["share"].startswith("0.")
            else f"write `{words['share']}% of {words['fact']}`"
        ),
        "overdue_amount > ⟨10 of credit_limit⟩ then allow sms",
        more=("overdue_amount > ⟨0.1 of credit_limit⟩ then allow sms",),
    ),
    Hint(
        at(
            rf"(?P<mark>(?P<low>{LITERAL}(?:\s+of\s+{NAME})?)\s*<=\s*(?P<fact>{NAME})\s*)",
            rf"(?P<mark><=\s*(?P<high>{LITERAL}(?:\s+of\s+{NAME})?))",
        ),
        "a range is written with `between`",
        "write `{fact} between {low} and {high}`",
        "never sms when ⟨30 <= unreachable <= 60⟩",
    ),
    Hint(
        at(
            rf"(?P<mark>(?P<low>{LITERAL})\s*(?P<first><=?)\s*(?P<fact>{NAME})\s*)",
            rf"(?P<mark>(?P<second><=?)\s*(?P<high>{LITERAL}))",
        ),
        "a comparison has one sign",
        "write `{low} {first} {fact} and {fact} {second} {high}`",
        "never sms when ⟨30 < unreachable <= 60⟩",
    ),
)
