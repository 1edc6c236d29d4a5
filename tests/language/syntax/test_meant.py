"""Sentences as authors write them, each with what it means as cases: a message that is followed to the letter ends in
that meaning, or in an error, and never in another meaning."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest
from checking import found, typed
from night import NIGHTLY

from forbear.analysis.findings.promises.failed_example import failed_examples
from forbear.base.diagnostic import Diagnostic
from forbear.language.syntax.hints.forms import SCALES

HEAD = """policy house "How far we go"
  currency CNY
uses collections
fact credit_limit money
fact fees money
rule remind: from day 9 to day 13 then allow automated_voice
"""
PARTS = ("days_overdue 70", "overdue_amount CNY 500", "credit_limit CNY 1000", "fees CNY 100")
SEEDS = 30 if NIGHTLY else 2
STEPS = 6


class Sentence(NamedTuple):
    text: str
    cases: Sequence[tuple[str, str]]
    """What is given besides PARTS, and the verdict that is meant."""
    mends: bool = True
    """Whether its message ends in the meaning. It need not where the message shows two ways, and picks none."""


Family = Callable[[random.Random], Sentence]
FAMILIES: list[Family] = []


def family(make: Family) -> Family:
    FAMILIES.append(make)
    return make


EFFECTS = (
    # before, after, verdict where it holds, verdict elsewhere, action
    ("never phone_call ", "", "phone_call forbidden", "phone_call unsaid"),
    ("rule r: never phone_call ", "", "phone_call forbidden", "phone_call unsaid"),
    ("rule r: after 9 days then allow phone_call ", "", "phone_call allowed", "phone_call unsaid"),
    ("rule r: after 9 days then forbid phone_call ", "", "phone_call forbidden", "phone_call unsaid"),
    ("rule r: allow phone_call ", "", "phone_call allowed", "phone_call unsaid"),
    ("rule r: never phone_call when ", "", "phone_call forbidden", "phone_call unsaid"),
    ("rule r: never phone_call when not deceased and ", "", "phone_call forbidden", "phone_call unsaid"),
    ("rule r: ", " then allow phone_call", "phone_call allowed", "phone_call unsaid"),
    ("rule r: ", " then forbid phone_call", "phone_call forbidden", "phone_call unsaid"),
)
AS_A_CONDITION = EFFECTS[-4:]


def said(
    draw: random.Random,
    phrase: str,
    holds: Sequence[str],
    fails: Sequence[str],
    effects: Sequence[tuple[str, ...]] = EFFECTS,
) -> Sentence:
    """A phrase that is said as a condition, in some rule."""
    before, after, there, elsewhere = draw.choice(effects)
    return Sentence(
        f"{before}{phrase}{after}", [*[(case, there) for case in holds], *[(case, elsewhere) for case in fails]]
    )


def clock(hour: int, draw: random.Random) -> str:
    half, twelve = "am" if hour < 12 else "pm", hour % 12 or 12
    return draw.choice(
        [
            f"{hour:02}:00",
            f"{hour}:00",
            f"{twelve}{half}",
            f"{twelve} {half}",
            f"{twelve}:00{half}",
            f"{twelve} {half[0]}.m.",
        ]
    )


MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def day(month: int, number: int, draw: random.Random) -> str:
    name, suffix = MONTHS[month - 1], {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(number, "th")
    return draw.choice(
        [
            f"{number} {name} 2026",
            f"{number} {name[:3]} 2026",
            f"{name} {number}, 2026",
            f"{number}{suffix} of {name} 2026",
            f"{number:02}.{month:02}.2026",
            f"{month}/{number}/2026",
            f"2026/{month:02}/{number:02}",
            f"2026-{month:02}-{number:02}",
        ]
    )


@family
def between_times(draw: random.Random) -> Sentence:
    first, last = draw.choice([(21, 8), (8, 21), (9, 18), (20, 7), (13, 23)])
    inside = [f"local_time {first:02}:00", f"local_time {(first + 1) % 24:02}:00"]
    outside = [f"local_time {(last + 1) % 24:02}:00", f"local_time {first - 1:02}:59"]
    word, to = draw.choice([("between", "and"), ("from", "to"), ("between", "to"), ("from", "until")])
    return said(draw, f"{word} {clock(first, draw)} {to} {clock(last, draw)}", inside, outside)


@family
def outside_times(draw: random.Random) -> Sentence:
    first, last = draw.choice([(8, 21), (9, 18)])
    inside, outside = [f"local_time {first:02}:00"], [f"local_time {last + 1}:00", "local_time 06:00"]
    word = draw.choice(["outside", "outside of", "not between"])
    return said(draw, f"{word} {clock(first, draw)} and {clock(last, draw)}", outside, inside)


@family
def only_between_times(draw: random.Random) -> Sentence:
    first, last = draw.choice([(8, 21), (9, 18)])
    return Sentence(
        f"rule r: allow phone_call only between {clock(first, draw)} and {clock(last, draw)}",
        [
            (f"local_time {first:02}:00", "phone_call allowed"),
            (f"local_time {first - 1:02}:59", "phone_call unsaid"),
            (f"local_time {last + 1}:00", "phone_call unsaid"),
        ],
    )


@family
def from_some_days_ago(draw: random.Random) -> Sentence:
    least, most = draw.randrange(2, 6), draw.randrange(7, 20)
    return Sentence(
        f"rule r: never visit when n > 1\nevent e_done\nfact n count of e_done from {least} to {most} days ago",
        [
            (f"2 e_done on 2026-03-01 on 2026-03-{1 + days:02}", f"visit {verdict}")
            for days, verdict in (
                (least, "forbidden"),
                (most, "forbidden"),
                (least - 1, "unsaid"),
                (most + 1, "unsaid"),
            )
        ],
    )


@family
def signs_and_spans_in_other_words(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 30)
    phrase, fact, there, elsewhere = draw.choice(
        [
            (f"unreachable outside {number} to 40", "unreachable", f"{number - 1} 41", f"{number} 40"),
            (f"unreachable under or equal {number}", "unreachable", f"{number}", f"{number + 1}"),
            (f"unreachable over or equal to {number}", "unreachable", f"{number}", f"{number - 1}"),
            (f"unreachable only between {number} and 40", "unreachable", f"{number} 40", f"{number - 1} 41"),
            ("weekday monday-friday", "weekday", "monday friday", "saturday sunday"),
            ("weekday is monday - friday", "weekday", "monday friday", "saturday sunday"),
        ]
    )
    return said(draw, phrase, of_each(fact, there), of_each(fact, elsewhere), AS_A_CONDITION)._replace(mends=False)


@family
def before_a_time(draw: random.Random) -> Sentence:
    hour = draw.randrange(7, 22)
    before, at, after = (f"local_time {time}" for time in (f"{hour - 1:02}:59", f"{hour:02}:00", f"{hour:02}:01"))
    word, holds, fails = draw.choice([("before", [before], [at, after]), ("after", [after], [before, at])])
    return said(draw, f"{word} {clock(hour, draw)}", holds, fails)


@family
def a_compared_time(draw: random.Random) -> Sentence:
    hour = draw.randrange(7, 22)
    before, at, after = (f"local_time {time}" for time in (f"{hour - 1:02}:59", f"{hour:02}:00", f"{hour:02}:01"))
    sign, holds, fails = draw.choice(
        [("<", [before], [at, after]), (">=", [at, after], [before]), ("<=", [before, at], [after])]
    )
    return said(draw, f"local_time {sign} {clock(hour, draw)}", holds, fails, AS_A_CONDITION)


@family
def a_date(draw: random.Random) -> Sentence:
    month, number = draw.randrange(1, 12), draw.randrange(13, 28)
    before, at, after = (f"today 2026-{month:02}-{number + step:02}" for step in (-1, 0, 1))
    word, holds, fails = draw.choice(
        [
            ("from", [at, after], [before]),
            ("since", [at, after], [before]),
            ("until", [before, at], [after]),
            ("before", [before], [at, after]),
            ("after", [after], [before, at]),
            ("on", [at], [before, after]),
        ]
    )
    return said(draw, f"{word} {day(month, number, draw)}", holds, fails)


@family
def a_compared_date(draw: random.Random) -> Sentence:
    month, number = draw.randrange(1, 12), draw.randrange(13, 28)
    before, at, after = (f"today 2026-{month:02}-{number + step:02}" for step in (-1, 0, 1))
    sign, holds, fails = draw.choice(
        [("<", [before], [at, after]), (">=", [at, after], [before]), ("is", [at], [before, after])]
    )
    return said(draw, f"today {sign} {day(month, number, draw)}", holds, fails, AS_A_CONDITION)


@family
def an_amount_in_words(draw: random.Random) -> Sentence:
    word, scale = draw.choice([*SCALES.items()])
    number, before = draw.choice(["2", "3.5", "0.5", "two"]), draw.choice(["", "CNY "])
    blank = draw.choice(["", " "]) if len(word) == 1 else " "
    amount = int({"two": 2}.get(number) or float(number) * 10**scale * 1) if number != "two" else 2 * 10**scale
    phrase, holds = draw.choice([one for one in COMPARED if re.match(r"\{f\} (?!.*99|> \{n\} times)", one[0])])
    if number == "two" and ("or more" in phrase or "or less" in phrase or re.search("[^\\w ]{1,2} ", phrase[4:])):
        number = "2"
    cases = [f"overdue_amount CNY {amount + step}" for step in (-1, 0, 1)]
    return said(
        draw,
        phrase.format(f="overdue_amount", n=f"{before}{number}{blank if number != 'two' else ' '}{word}"),
        [case for case, sign in zip(cases, holds, strict=True) if sign == "+"],
        [case for case, sign in zip(cases, holds, strict=True) if sign == " "],
        AS_A_CONDITION,
    )


@family
def a_multiple(draw: random.Random) -> Sentence:
    factor = draw.choice(["2", "1.5", "0.5", "3"])
    times = draw.choice([" ", " times ", "x ", " * ", " times the ", " the "])
    sign = draw.choice([">", "above", "more than", "exceeds", "is over"])
    limit = int(float(factor) * 1000)
    return said(
        draw,
        f"overdue_amount {sign} {factor}{times}credit_limit",
        [f"overdue_amount CNY {limit + 1}"],
        [f"overdue_amount CNY {limit}"],
        AS_A_CONDITION,
    )


DUE = ("", " overdue", " past due", " late", " past the due date", " after due date")
SIGNED = (
    # a phrase; on which of the day before, the day and the day after it holds
    ("after {n} days", "  +"),
    ("within {n} days", "++ "),
    ("at least {n} days", " ++"),
    ("at most {n} days", "++ "),
    ("no more than {n} days", "++ "),
    ("up to {n} days", "++ "),
    ("more than {n} days", "  +"),
    ("over {n} days", "  +"),
    ("less than {n} days", "+  "),
    ("exactly {n} days", " + "),
    ("{n} days or more", " ++"),
    ("{n} or more days", " ++"),
)


def days_overdue(number: int, holds: str) -> tuple[list[str], list[str]]:
    cases = [f"days_overdue {number + step}" for step in (-1, 0, 1)]
    return (
        [case for case, sign in zip(cases, holds, strict=True) if sign == "+"],
        [case for case, sign in zip(cases, holds, strict=True) if sign == " "],
    )


@family
def days_past_due(draw: random.Random) -> Sentence:
    number = draw.randrange(20, 99)
    phrase, holds = draw.choice(SIGNED)
    return said(draw, phrase.format(n=number) + draw.choice(DUE[1:]), *days_overdue(number, holds))


@family
def days_in_words(draw: random.Random) -> Sentence:
    number = draw.randrange(20, 99)
    phrase, holds = draw.choice(SIGNED[2:])
    return said(draw, phrase.format(n=number), *days_overdue(number, holds))


@family
def an_ordinal(draw: random.Random) -> Sentence:
    number = draw.randrange(24, 30)
    word, holds = draw.choice([("from", " ++"), ("after", "  +"), ("before", "+  "), ("on", " + ")])
    return said(draw, f"{word} the {number}th day", *days_overdue(number, holds))


@family
def a_condition_after_the_effect(draw: random.Random) -> Sentence:
    number = draw.randrange(20, 99)
    phrase, holds = draw.choice(
        [("before day {n}", "+  "), ("after {n} days", "  +"), ("within {n} days", "++ "), ("from day {n}", " ++")]
    )
    effects = EFFECTS[:5]
    return said(draw, phrase.format(n=number), *days_overdue(number, holds), effects)


@family
def weeks(draw: random.Random) -> Sentence:
    number = draw.randrange(3, 12)
    word, holds = draw.choice([("after", "  +"), ("within", "++ ")])
    return said(draw, f"{word} {number} weeks", *days_overdue(7 * number, holds), AS_A_CONDITION)


@family
def a_span_of_days(draw: random.Random) -> Sentence:
    first = draw.randrange(20, 50)
    last = first + draw.randrange(2, 30)
    phrase = draw.choice(
        [
            "from {a} to {b} days",
            "days {a} to {b}",
            "from day {a} until {b}",
            "{a} to {b} days",
            "between day {a} and day {b}",
            "after {c} days until {b} days",
        ]
    )
    holds = [f"days_overdue {first}", f"days_overdue {last}"]
    fails = [f"days_overdue {first - 1}", f"days_overdue {last + 1}"]
    return said(draw, phrase.format(a=first, b=last, c=first - 1), holds, fails, AS_A_CONDITION)


def money(amount: int, draw: random.Random) -> str:
    return draw.choice(
        [
            f"CNY {amount:,}",
            f"CNY {amount:,}.00",
            f"{amount} CNY",
            f"{amount:,} CNY",
            f"CNY{amount}",
            f"cny {amount}",
            f"¥{amount:,}",
            f"{amount} yuan",
            f"CNY {amount:,}".replace(",", " "),
            f"CNY {amount:,}".replace(",", "'"),
        ]
    )


@family
def an_amount(draw: random.Random) -> Sentence:
    amount = draw.choice([1000, 12_500, 250_000, 1_234_567])
    before, at, after = (f"overdue_amount CNY {amount + step}" for step in (-1, 0, 1))
    sign, holds, fails = draw.choice(
        [(">", [after], [before, at]), (">=", [at, after], [before]), ("<", [before], [at, after])]
    )
    return said(draw, f"overdue_amount {sign} {money(amount, draw)}", holds, fails, AS_A_CONDITION)


COMPARED = (
    ("{f} at least {n}", " ++"),
    ("{f} is at least {n}", " ++"),
    ("{f} at most {n}", "++ "),
    ("{f} more than {n}", "  +"),
    ("{f} is more than {n}", "  +"),
    ("{f} no more than {n}", "++ "),
    ("{f} not less than {n}", " ++"),
    ("{f} no less than {n}", " ++"),
    ("{f} less than {n}", "+  "),
    ("{f} fewer than {n}", "+  "),
    ("{f} above {n}", "  +"),
    ("{f} below {n}", "+  "),
    ("{f} over {n}", "  +"),
    ("{f} exactly {n}", " + "),
    ("{f} equals {n}", " + "),
    ("{f} {n} or more", " ++"),
    ("{f} of {n} or less", "++ "),
    ("{f} ≥ {n}", " ++"),
    ("{f} ≤ {n}", "++ "),
    ("{f} => {n}", " ++"),
    ("{f} == {n}", " + "),
    ("{f} ≠ {n}", "+ +"),
    ("{f} <> {n}", "+ +"),
    ("{f} is > {n}", "  +"),
    ("at least {n} {f}", " ++"),
    ("more than {n} {f}", "  +"),
    ("less than {n} {f}", "+  "),
    ("{f} > {n} times", "  +"),
    ("{f} not between {n} and 99", "+  "),
    ("{f} is {n} to 99", " ++"),
    ("{f} in {n}..99", " ++"),
    ("{n} <= {f} <= 99", " ++"),
)


@family
def a_comparison_in_words(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 30)
    phrase, holds = draw.choice(COMPARED)
    cases = [f"unreachable {number + step}" for step in (-1, 0, 1)]
    return said(
        draw,
        phrase.format(f="unreachable", n=number),
        [case for case, sign in zip(cases, holds, strict=True) if sign == "+"],
        [case for case, sign in zip(cases, holds, strict=True) if sign == " "],
        AS_A_CONDITION,
    )


@family
def values(draw: random.Random) -> Sentence:
    no = draw.choice(["", "not "])
    phrase = draw.choice(
        [
            'state is {no}either "CA" or "NV"',
            'state is {no}"CA" or "NV"',
            "state is {no}one of 'CA', 'NV'",
            'state is {no}“CA” or "NV"',
        ]
        + ([] if no else ['state in ("CA", "NV")'])
    )
    among, others = ['state "CA"', 'state "NV"'], ['state "NY"']
    return said(draw, phrase.format(no=no), *((others, among) if no else (among, others)), AS_A_CONDITION)


@family
def flags(draw: random.Random) -> Sentence:
    phrase, holds, fails = draw.choice(
        [
            ("!vulnerable", ["vulnerable no"], ["vulnerable yes"]),
            ("vulnerable == true", ["vulnerable yes"], ["vulnerable no"]),
            ("vulnerable && time_barred", ["vulnerable yes, time_barred yes"], ["vulnerable yes", "time_barred yes"]),
            ("(vulnerable || time_barred)", ["vulnerable yes", "time_barred yes"], ["vulnerable no"]),
            ("Vulnerable", ["vulnerable yes"], ["vulnerable no"]),
            ("VULNERABLE AND TIME_BARRED", ["vulnerable yes, time_barred yes"], ["vulnerable yes", "time_barred yes"]),
            ("NOT Vulnerable", ["vulnerable no"], ["vulnerable yes"]),
        ]
    )
    return said(draw, phrase, holds, fails, AS_A_CONDITION)


@family
def two_conditions_with_a_comma(draw: random.Random) -> Sentence:
    phrase = draw.choice(["vulnerable, time_barred", "not vulnerable, time_barred"])
    before, after, *_ = draw.choice(AS_A_CONDITION)
    return Sentence(f"{before}{phrase}{after}", [], mends=False)


@family
def not_both(draw: random.Random) -> Sentence:
    return Sentence("rule r: after 9 days then allow sms unless opted_out_sms, deceased", [], mends=False)


@family
def a_limit(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 9)
    phrase, most = draw.choice(
        [
            ("< {n}", number - 1),
            ("<= {n}", number),
            ("at most {n}", number),
            ("max {n}", number),
            ("no more than {n}", number),
            ("less than {n}", number - 1),
        ]
    )
    return Sentence(
        f"limit calls to {phrase.format(n=number)} by calls_in_7_days",
        [(f"calls_in_7_days {most}", "phone_call forbidden"), (f"calls_in_7_days {most - 1}", "phone_call unsaid")],
    )


def done(number: int, action: str) -> str:
    """Such events of an action on one day, as the fact counts them that its message declares."""
    contact = action in ("sms", "visit")
    return (
        f'{number} contact on 2026-03-01 medium {action} outcome no_answer debt "d"'
        if contact
        else f"{number} {action}_done on 2026-03-01"
    )


@family
def a_limit_a_week(draw: random.Random) -> Sentence:
    number, action = draw.randrange(1, 9), draw.choice(["contact_related", "sms", "visit"])
    window, length = draw.choice(
        [("per week", 7), ("in 7 days", 7), ("in 14 days", 14), ("per day", 1), ("in 3 days", 3)]
    )
    form = draw.choice(["limit {a} to {n} {w}", "rule r: at most {n} {a} {w}", "rule r: no more than {n} {a} {w}"])
    return Sentence(
        form.format(a=action, n=number, w=window),
        [
            (f"{done(number, action)} on 2026-03-{length:02}", f"{action} forbidden"),
            (f"{done(number, action)} on 2026-03-{length + 1:02}", f"{action} unsaid"),
        ],
    )


@family
def hours(draw: random.Random) -> Sentence:
    number = draw.choice([3, 12, 24, 48])
    word = draw.choice(["of", "after", "since"])
    when = f"promise_done on 2026-03-01 at 09:00 on 2026-03-{1 + number // 24:02} at {9 + number % 24 - 1:02}:59"
    later = (
        f"promise_done on 2026-03-01 at 09:00 on 2026-03-{1 + (number + 1) // 24:02} at {(9 + number + 1) % 24:02}:00"
    )
    return said(draw, f"within {number} hours {word} promise", [when], [later], EFFECTS[:3])


@family
def working_days(draw: random.Random) -> Sentence:
    return Sentence(f"rule r: within {draw.randrange(2, 9)} working days after letter then allow sms", [], mends=False)


@family
def holidays(draw: random.Random) -> Sentence:
    return said(
        draw,
        draw.choice(["on public holidays", "on holidays", "on a public holiday"]),
        ["public_holiday yes"],
        ["weekday sunday", "weekday friday"],
    )


@family
def days_of_the_week(draw: random.Random) -> Sentence:
    name = draw.choice(["monday", "sunday"])
    phrase = draw.choice([f"on {name}s", f"on {name}", f"on a {name}"])
    return said(draw, phrase, [f"weekday {name}"], ["weekday friday"])


@family
def what_goes_along_or_holds(draw: random.Random) -> Sentence:
    return Sentence(
        draw.choice(["rule r: never visit without manager_approved", "rule r: allow visit with manager_approved"]),
        [],
        mends=False,
    )


@family
def days_since_a_date(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 9)
    phrase, holds = draw.choice(
        [
            ("within {n} days after promised_on", "++ "),
            ("after {n} days since promised_on", "  +"),
            ("at least {n} days after promised_on", " ++"),
            ("more than {n} days after promised_on", "  +"),
        ]
    )
    cases = [f"promised_on 2026-03-01, today 2026-03-{1 + number + step:02}" for step in (-1, 0, 1)]
    return said(
        draw,
        phrase.format(n=number),
        [case for case, sign in zip(cases, holds, strict=True) if sign == "+"],
        [case for case, sign in zip(cases, holds, strict=True) if sign == " "],
    )


@family
def a_share(draw: random.Random) -> Sentence:
    percent = draw.choice([10, 25, 50])
    phrase = draw.choice(
        [
            "{p}% * credit_limit",
            "credit_limit * {p}%",
            "credit_limit * 0.{p}",
            "{p}% credit_limit",
            "0.{p} * credit_limit",
        ]
    )
    limit = percent * 10
    return said(
        draw,
        f"overdue_amount > {phrase.format(p=percent)}",
        [f"overdue_amount CNY {limit + 1}"],
        [f"overdue_amount CNY {limit}"],
        AS_A_CONDITION,
    )


@family
def words_of_others(draw: random.Random) -> Sentence:
    word, verdict = draw.choice(
        [
            ("permit", "allowed"),
            ("can", "allowed"),
            ("ban", "forbidden"),
            ("block", "forbidden"),
            ("may not", "forbidden"),
            ("must not", "forbidden"),
            ("prohibit", "forbidden"),
            ("cannot", "forbidden"),
            ("alow", "allowed"),
            ("forbidd", "forbidden"),
            ("ALLOW", "allowed"),
        ]
    )
    return Sentence(
        f"rule r: after 9 days then {word} letter", [("", f"letter {verdict}"), ("days_overdue 9", "letter unsaid")]
    )


@family
def an_effect_first(draw: random.Random) -> Sentence:
    word, verdict = draw.choice(
        [("do not allow", "forbidden"), ("not allow", "forbidden"), ("must not", "forbidden"), ("no", "forbidden")]
    )
    return Sentence(
        f"rule r: {word} letter when vulnerable",
        [("vulnerable yes", f"letter {verdict}"), ("vulnerable no", "letter unsaid")],
    )


@family
def words_of_a_sentence(draw: random.Random) -> Sentence:
    rows: list[tuple[str, list[tuple[str, str]]]] = [
        ("rule r: after 30 days then allow letter but never visit", [("", "letter allowed, visit forbidden")]),
        ("rule r: after 30 days then allow messages excluding email", [("", "sms allowed, email unsaid")]),
        ("rule r: after 30 days then allow messages except for email", [("", "sms allowed, email unsaid")]),
        ("rule r: allow sms as long as vulnerable", [("vulnerable yes", "sms allowed"), ("", "sms unsaid")]),
        ("rule r: allow sms provided that vulnerable", [("vulnerable yes", "sms allowed"), ("", "sms unsaid")]),
        (
            "rule r: never phone_call except on day 70",
            [("", "phone_call unsaid"), ("days_overdue 69", "phone_call forbidden")],
        ),
        ("rule r: allow all messages when vulnerable", [("vulnerable yes", "sms allowed"), ("", "sms unsaid")]),
        ("rule r: never * when vulnerable", [("vulnerable yes", "visit forbidden"), ("", "visit unsaid")]),
        ("rule r: nothing is allowed when vulnerable", [("vulnerable yes", "visit forbidden"), ("", "visit unsaid")]),
        ("rule r: email is never allowed", [("", "email forbidden")]),
        ("rule r: email always allowed", [("", "email allowed")]),
        ("rule r: forbid email always", [("", "email forbidden")]),
        ("emails: never email", [("", "email forbidden")]),
        (
            "rule r: never sms when vulnerable but not deceased",
            [("vulnerable yes", "sms forbidden"), ("", "sms unsaid")],
        ),
        (
            "rule r: never sms when none of vulnerable, deceased",
            [("vulnerable yes", "sms unsaid"), ("deceased yes", "sms unsaid"), ("", "sms forbidden")],
        ),
        (
            "rule r: never sms when any of vulnerable, deceased",
            [("vulnerable yes", "sms forbidden"), ("deceased yes", "sms forbidden"), ("", "sms unsaid")],
        ),
        (
            "rule r: after 9 days then allow sms but not when vulnerable",
            [("vulnerable yes", "sms unsaid"), ("", "sms allowed")],
        ),
        (
            "rule r: allow sms after 9 days if vulnerable",
            [("vulnerable yes", "sms allowed"), ("", "sms unsaid")],
        ),
        ("rule r: sms never", [("", "sms forbidden")]),
        (
            "rule r: never sms except for borrowers who are vulnerable",
            [("", "sms forbidden"), ("vulnerable yes", "sms unsaid")],
        ),
        ("rule r: never sms if vulnerable", [("vulnerable yes", "sms forbidden"), ("", "sms unsaid")]),
        (
            "rule r: if vulnerable then never sms",
            [("vulnerable yes", "sms forbidden"), ("", "sms unsaid")],
        ),
        (
            "rule r: never sms on sundays before 1pm",
            [
                ("weekday sunday, local_time 12:59", "sms forbidden"),
                ("weekday sunday, local_time 13:00", "sms unsaid"),
                ("weekday monday, local_time 12:59", "sms unsaid"),
            ],
        ),
        (
            "rule r: never sms when at least 3 calls in the last 7 days",
            [("calls_in_7_days 3", "sms forbidden"), ("calls_in_7_days 2", "sms unsaid")],
        ),
        (
            "rule r: neither vulnerable nor deceased then allow sms",
            [("", "sms allowed"), ("deceased yes", "sms unsaid"), ("vulnerable yes", "sms unsaid")],
        ),
        ("rule r: after a week then allow sms", [("days_overdue 7", "sms unsaid"), ("days_overdue 8", "sms allowed")]),
        (
            "rule r: over a week late then allow sms",
            [("days_overdue 7", "sms unsaid"), ("days_overdue 8", "sms allowed")],
        ),
        (
            "rule r: overdue_amount exceeds ten percent of credit_limit then allow sms",
            [("overdue_amount CNY 101", "sms allowed"), ("overdue_amount CNY 100", "sms unsaid")],
        ),
    ]
    text, cases = draw.choice(rows)
    return Sentence(text, cases)


@family
def each_of_some_days(draw: random.Random) -> Sentence:
    first = draw.randrange(2, 9)
    phrase = draw.choice(["on day {a}, {b} and {c}", "on days {a}, {b} or {c}", "on days {a} and {c}, {b}"][:2])
    days = (first, first + 4, first + 11)
    return said(
        draw,
        phrase.format(a=days[0], b=days[1], c=days[2]),
        [f"days_overdue {day}" for day in days],
        [f"days_overdue {first + 1}"],
        AS_A_CONDITION,
    )


@family
def never_more_often(draw: random.Random) -> Sentence:
    number, action = draw.randrange(2, 9), draw.choice(["sms", "visit"])
    window, length = draw.choice([("a week", 7), ("in 14 days", 14), ("per day", 1)])
    return Sentence(
        f"rule r: never {action} more than {number} times {window}",
        [
            (f"{done(number, action)} on 2026-03-{length:02}", f"{action} forbidden"),
            (f"{done(number - 1, action)} on 2026-03-{length:02}", f"{action} unsaid"),
        ],
    )


@family
def what_comes_before(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 20)
    return Sentence(
        f"rule r: require letter {number} days before visit",
        [
            (f"letter_done on 2026-03-01 on 2026-03-{number:02}", "visit forbidden"),
            (f"letter_done on 2026-03-01 on 2026-03-{1 + number:02}", "visit unsaid"),
        ],
    )


@family
def the_first_days(draw: random.Random) -> Sentence:
    return Sentence(
        f"rule r: never visit {draw.choice(['in', 'during'])} the first {draw.randrange(9, 40)} days", [], mends=False
    )


@family
def which_goes_before(draw: random.Random) -> Sentence:
    phrase = draw.choice(["takes precedence over", "wins over", "overriding", "supersedes", "has priority over"])
    before = draw.choice([" ", ", "])
    return Sentence(
        f"rule r: forbid automated_voice when vulnerable{before}{phrase} remind",
        [
            ("days_overdue 10, vulnerable yes", "automated_voice forbidden"),
            ("days_overdue 10", "automated_voice allowed"),
        ],
    )


@family
def no_earlier_or_later(draw: random.Random) -> Sentence:
    number = draw.randrange(20, 99)
    word, holds = draw.choice([("earlier", " ++"), ("sooner", " ++"), ("later", "++ ")])
    day = draw.choice([f"day {number}", f"{number} days"])
    return said(draw, f"{draw.choice(['no', 'not'])} {word} than {day}", *days_overdue(number, holds), AS_A_CONDITION)


@family
def several_actions_first(draw: random.Random) -> Sentence:
    verb, verdict = draw.choice([("never", "forbidden"), ("always", "allowed")])
    joined = draw.choice([" and ", ", "])
    return Sentence(f"rule r: email{joined}letter are {verb} allowed", [("", f"email {verdict}, letter {verdict}")])


@family
def all_but_some(draw: random.Random) -> Sentence:
    word = draw.choice(["all", "anything", "all actions"])
    return Sentence(
        f"rule r: forbid {word} except letter when vulnerable",
        [("vulnerable yes", "visit forbidden, letter unsaid"), ("", "visit unsaid")],
    )


@family
def a_sign_of_others_before_an_action(draw: random.Random) -> Sentence:
    return Sentence("rule r: !letter when vulnerable", [("vulnerable yes", "letter forbidden"), ("", "letter unsaid")])


@family
def a_limit_by_a_fact(draw: random.Random) -> Sentence:
    number = draw.randrange(2, 9)
    word = draw.choice(["max", "at most", "up to", "no more than", "only"])
    return Sentence(
        f"rule r: {word} {number} phone_call by calls_in_7_days",
        [
            (f"calls_in_7_days {number}", "phone_call forbidden"),
            (f"calls_in_7_days {number - 1}", "phone_call unsaid"),
        ],
    )


@family
def a_share_between_shares(draw: random.Random) -> Sentence:
    low, high = draw.choice([(10, 40), (20, 60)])
    return said(
        draw,
        f"{low}% of credit_limit <= overdue_amount <= {high}% of credit_limit",
        [f"overdue_amount CNY {low * 10}", f"overdue_amount CNY {high * 10}"],
        [f"overdue_amount CNY {low * 10 - 1}", f"overdue_amount CNY {high * 10 + 1}"],
        AS_A_CONDITION,
    )


AS_SPOKEN = (
    # a phrase, a fact, with which of its values it holds, and with which it does not
    ("credit_limit - (fees + overdue_amount) > CNY 300", "overdue_amount", "CNY 500", "CNY 700"),
    ("credit_limit - (overdue_amount - fees) < CNY 500", "overdue_amount", "CNY 700", "CNY 500"),
    ("credit_limit - 50% of (fees + overdue_amount) > CNY 600", "overdue_amount", "CNY 500", "CNY 800"),
    ("credit_limit - sum of fees and overdue_amount > CNY 300", "overdue_amount", "CNY 500", "CNY 700"),
    ("overdue_amount < credit_limit - (fees + overdue_amount)", "overdue_amount", "CNY 400", "CNY 500"),
    ("overdue_amount < credit_limit - 50% of (fees + overdue_amount)", "overdue_amount", "CNY 600", "CNY 650"),
    ("overdue_amount exceeds fees by CNY 50", "overdue_amount", "CNY 151", "CNY 150"),
    ("weekday from saturday until monday", "weekday", "saturday sunday", "monday friday"),
    ("weekday from saturday to monday", "weekday", "saturday sunday monday", "tuesday friday"),
    ("weekday from monday to friday", "weekday", "monday friday", "saturday sunday"),
    ("weekday between saturday and monday", "weekday", "saturday sunday monday", "tuesday friday"),
    ("weekday is not between sunday and monday", "weekday", "tuesday saturday", "sunday monday"),
    ("local_time until 08:00", "local_time", "07:59", "08:00"),
    ("local_time is not from 08:00 until 21:00", "local_time", "07:59 21:00", "08:00 20:59"),
    ("days_overdue until 9", "days_overdue", "8", "9"),
)


def of_each(fact: str, values: str) -> list[str]:
    return [f"{fact} {value}" for value in re.findall(r"CNY \d+|\S+", values)]


def spoken(phrase: str, fact: str, there: str, elsewhere: str) -> None:
    def as_spoken(draw: random.Random) -> Sentence:
        return said(draw, phrase, of_each(fact, there), of_each(fact, elsewhere), AS_A_CONDITION)

    as_spoken.__name__ = "_".join(phrase.split())
    FAMILIES.append(as_spoken)


for row in AS_SPOKEN:
    spoken(*row)


NOTHING_PROPOSED = (
    "fact f days since promised_on",
    "event e\nfact n count of e in last 7 days or since promised_on",
    "rule r: never sms when overdue_amount / credit_limit < 1/3",
    "rule r: (overdue_amount + fees) / credit_limit > 1/3 then allow sms",
    "rule r: never sms when credit_limit > (overdue_amount + fees) / 2",
    "rule r: ab Tag 5 then allow email",
    "rule r: after 14 Tagen then allow email",
    "rule r: WHERE days_overdue >= 10 then allow sms",
    "rule r: every sms and email must include opt_out_notice",
    "rule r: never sms when vulnerable unless with the consent of the attorney",
    "rule r: never sms unless after 15 days or with consent",
    "rule r: from day 7 and overdue_amount > Kr 300 then allow sms",
    "rule r: never calls when dispute not verified",
    "rule r: dispute not verified then allow sms",
    "rule r: not send opt_out_notice with every sms",
    "rule r: never visit when overdue_amount is lower than last month",
    "rule r: forbid visit until 60 days after debt advice",
    "rule r: never phone_call for 3 days after answered call",
    "rule r: allow phone_call when manager approves and vulnerable",
    "rule r: allow visit when after 365 days unless debt is statute barred",
    "rule r: after 90 days then allow visit and neither sms nor letter",
    "rule r (1-30 DPD): allow messages",
    "rule r: notwithstanding anything else, vulnerable then allow visit",
    "rule r: despite remind allow visit when vulnerable",
    "rule r: once account is more than 9 days past due then allow phone_call",
    "fact agreed_until date, can be empty",
    "rule r: never phone_call later than 9pm",
    "rule r: never sms when younger than 18 months",
)


@pytest.mark.parametrize("statement", NOTHING_PROPOSED)
def test_what_has_no_certain_rewrite_is_given_none(statement: str) -> None:
    errors = [one for one in statement_errors(statement) if one.code == "syntax"]
    assert errors
    for error in errors:
        assert error.fix is None, error.fix
        assert not re.fullmatch("write `[^`]*`|did you mean .*|check .*", error.help), error.help


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("limit sms, email to 5 per week", "medium is one of sms, email"),
        ("event e\nfact n count of e in last 1.5 hours", "`in last 90 minutes`"),
        ("event e\nfact n count of e in last 45 mins", "write `minutes`"),
        ("calendar cal covers 2026-01-01 to 2026-12-31\nfact h holiday in cal", "`holiday of cal`"),
        ("event e\nfact n count of e in last 7 days or since promised_on", "one fact for each window"),
        ("event e\nfact n count of e from promised_on", "which counts that day too"),
        ("event e has a money\nfact n count of e where this fees <= a ever", "`a >= this fees`"),
        ("rule r: never sms when local_time from 22:00 until 24:00", "`until 00:00`"),
        ("rule r: never calls when disputed", "compare it with one of `no_dispute`, `unverified`, `verified`"),
        ("rule r: never phone_call for 3 days after answered call", "`when today between answered_call and"),
        (
            "rule r: forbid sms until 60 days after debt advice\n  overrides remind",
            "`when today <= debt_advice + 60 days`",
        ),
        ("rule r: every sms and email must include opt_out_notice", "`require opt_out_notice with sms, email`"),
        (
            "rule r: never visit when overdue_amount is lower than last month",
            "`overdue_amount < overdue_amount_last_month`",
        ),
        ("rule r: allow sms when manager approves and vulnerable\n  overrides remind", "`manager_approves`"),
        ("rule r: overdue_amount > Kr 300/= then allow sms", "before `300`"),
        ("rule r: overdue_amount > KSh 300/= then allow sms", "`KES 300`"),
        ("rule r: never visit when overdue_amount > $2 million", "`USD 2_000_000`"),
        ("rule r: never visit when overdue_amount > 0.5 lakh rupees", "`INR 50_000`"),
        ("rule r: never visit when overdue_amount > 100 cents", "`CURRENCY 1`"),
        ("rule r: never phone_call after 9 in the evening", "`when local_time > 21:00`"),
        ("rule r: never phone_call within 3 days of agreed_on", "or `today between agreed_on - 3 days and agreed_on"),
        ("rule r: after 30 business days late then allow visit", "`FACT > 30`"),
        ("limit weekly: sms to 1 by messages_today", "`rule weekly: limit`"),
        ("limit phone_call to 1 per week", "`limit phone_call to 1 by calls_this_week` from Monday on"),
        ("rule r: never sms when days_overdue never exceeds 10", "`days_overdue <= 10`"),
        ("rule r: never sms when overdue_amount", "write `<`, `<=`, `=`, `>=` or `>`"),
        ("rule r: after 3 days and no vulnerable then allow sms", "`not vulnerable`"),
        ("rule r: after 3 days and overdue_amount over CNY 10,000 then allow sms", "`overdue_amount > CNY 10_000`"),
        ("rule r: never sms when vulnerable and overrides remind", "leave it out"),
        ("rule r: at day 30 then allow sms", "`on day 30`"),
        ("rule r: never sms when 3 unreachable", "or `unreachable = 3` for that number alone"),
        ('calendar jp "holidays, JP" covers May 2026\n  weekend saturday', "`2026-05-01 to 2026-05-31`"),
        ("event payment\n  with amount in USD", "`has amount money USD`"),
        ("event payment(amount money)", "`payment has amount money`"),
        ("rule r: never sms when any of vulnerable, deceased", "`(vulnerable or deceased)`"),
        ("rule r: never sms when none of vulnerable, deceased", "`not (vulnerable or deceased)`"),
        ("rule r: never sms when both of vulnerable and deceased", "`(vulnerable and deceased)`"),
        ("rule r: after 9 days then allow sms but not when vulnerable", "write `unless`"),
        ("rule r: never sms when at least 3 calls in the last 7 days", "`calls_in_7_days >= 3`"),
        ('rule r: never sms when state is not either "CA" or "NV"', '`is not one of "CA", "NV"`'),
        ("rule r: never sms when weekday is sunday before 1pm", "`and local_time < 13:00`"),
        ('rule r: never sms when state is "CA" from 8pm to 9am', "`and local_time between 20:00 and 09:00`"),
        ("rule r: sms, email: never", "`never sms, email`"),
        ("rule r: never sms when days since debt advice < 30", "`days_since_debt_advice`"),
        ("rule r: after 9 days then allow sms unless unreachable 4 times or more", "`unreachable >= 4`"),
    ],
)
def test_a_message_keeps_all_that_was_said(statement: str, said: str) -> None:
    [error] = [one for one in found(HEAD + statement) if one.severity == "error"]
    assert said in error.help, error.help
    assert "did you mean" not in error.help


def test_less_than_so_many_days_after_a_date_ends_before_the_last_of_them() -> None:
    [error] = [one for one in statement_errors("rule r: never visit less than 10 days after agreed_on") if one.help]
    assert "today >= agreed_on and today < agreed_on + 10 days" in error.help


@pytest.mark.parametrize(("word", "joined"), [("vulnerable", True), ("overdue", False), ("seldom", False)])
def test_only_what_is_known_is_joined_to_a_condition(word: str, joined: bool) -> None:
    [error] = statement_errors(f"rule r: after 30 days and unreachable >= 3 {word} then allow sms")
    assert (f"`and {word}`" in error.help) is joined


CELLS = ("[5;20]", "except NV", "all segments", "between")


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_cannot_be_read_is_told_what_a_cell_says(cell: str) -> None:
    errors = [
        one for one in found(policy("") + f"table t\n| state | sms |\n| {cell} | allow |\n") if one.code == "syntax"
    ]
    assert errors
    assert "`any`" in errors[0].help


def mended(text: str, error: Diagnostic) -> Iterator[str]:
    """The texts that come of a message that is followed to the letter: of each thing that it says to write."""
    start, end = error.place.span
    begin = text.rfind("\n", 0, start) + 1
    line, after = text[begin:start], text[end:]
    help, _, declared = error.help.partition(", and declare ")
    help = help.partition("; of an event")[0]
    added = "".join(f"\n{one}" for one in re.findall("`([^`]*)`", declared) if re.match("(?:fact|event) ", one))
    written = re.findall("`([^`]*)`", help)
    if help.startswith("leave this out, and write `and "):
        lines = [f"{line.replace(' then ', f' {written[0]} then ', 1)}{after}{added}"]
    elif help.startswith("did you mean"):
        lines = [f"{line}{written[0]}{after}"]
    elif help.startswith(("leave", "take")):
        lines = [line + after]
    else:
        lines = []
        for one in written if "write `" in help else ():
            if re.search(PLACEHOLDER, one):
                continue
            if re.match(r"limit |never |require |allow |forbid ", one):
                lines.append(f"{one}{after}{added}")
            else:
                apart = " " if line[-1:].isalnum() and one[0].isalnum() else ""
                lines.append(f"{line}{apart}{one}{after}{added}")
    return (text[:begin] + one for one in lines)


PLACEHOLDER = r"\b(?:N|[A-Z]{4,})\b|\.\.\."


def policy(statement: str, case: tuple[str, str] | None = None) -> str:
    statement, _, declared = statement.partition("\n")
    text = f"{HEAD}{statement}\n{declared}"
    if case is None:
        return text
    given, expected = case
    parts = {part.split()[0]: part for part in PARTS}
    decided = re.search(r" on [0-9-]+(?: at [0-9:]+)?$", given) if "_done" in given else None
    mine, on = (given, "") if decided is None else (given[: decided.start()], decided[0])
    parts |= {part.split()[0]: part for part in mine.split(", ") if part}
    return f'{text}\nexample "meant": given {", ".join(parts.values())}{on} expect {expected}'


def statement_errors(statement: str) -> list[Diagnostic]:
    return [one for one in found(policy(statement)) if one.severity == "error" and one.place.span[0] >= len(HEAD)]


def meanings(statement: str, cases: Sequence[tuple[str, str]]) -> list[str]:
    """In which cases a statement that loads means something else."""
    wrong = []
    for case in cases:
        if any(failed_examples(typed(policy(statement, case)))):
            wrong.append(f"{case}")
    return wrong


def outcomes(sentence: Sentence) -> Iterator[tuple[str, list[str] | None]]:
    """What comes of a sentence whose messages are followed: each text at the end, with the cases in which it means
    something else, or None if it is in error still."""
    waiting, seen = [(sentence.text, 0)], set()
    while waiting:
        text, steps = waiting.pop()
        if text in seen:
            continue
        seen.add(text)
        errors = statement_errors(text)
        if not errors:
            yield text, meanings(text, sentence.cases)
            continue
        head = len(HEAD)
        error = errors[0]
        nexts = [] if steps == STEPS else list(mended(policy(text), error))
        if not nexts:
            yield f"{text}   [{error.message}: {error.help}]", None
        for after in nexts:
            waiting.append((after[head:].rstrip().removesuffix("\n"), steps + 1))


CASES = [(make, seed) for make in FAMILIES for seed in range(SEEDS)]


@pytest.mark.parametrize(("make", "seed"), CASES, ids=[f"{make.__name__}-{seed}" for make, seed in CASES])
def test_a_message_that_is_followed_ends_in_what_was_meant(make: Family, seed: int) -> None:
    sentence = make(random.Random(seed))
    ends = list(outcomes(sentence))
    right = [text for text, wrong in ends if wrong == []]
    wrong = [(text, cases) for text, cases in ends if cases]
    if sentence.mends:
        assert right, (sentence.text, ends)
    if len(ends) == 1:
        assert not wrong, (sentence.text, wrong)
