"""Fixes that diagnostics carry: what is written, and what of them is safe."""

from __future__ import annotations

import pytest

import forbear
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.language.formatting.fixing import with_fixes


def found(text: str) -> tuple[Source, list[Diagnostic]]:
    """A text as a file, with the diagnostics of the checker and, where it is a policy, of the analyser."""
    try:
        policy = forbear.loads(text, name="p")
    except forbear.PolicyError as error:
        return Source("p", text), list(error.diagnostics)
    return Source("p", text), list(findings(policy.typed, policy.warnings).diagnostics)


def fixed(text: str, safe: bool) -> str:
    source, diagnostics = found(text)
    return with_fixes(source, [one.fix for one in diagnostics if one.fix and one.fix.safe >= safe])[0]


ALLOW = "rule a: after 3 days then allow sms\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # names for rules
        (
            ALLOW + "never visit\n  allow sms when deceased\nnever visit",
            ALLOW
            + "rule never_visit: never visit\n  rule allow_sms: allow sms when deceased\n"
            + "rule never_visit_2: never visit",
        ),
        (
            "rule never_visit: never visit\r\nnever visit\r\n",
            "rule never_visit: never visit\r\nrule never_visit_2: never visit\r\n",
        ),
        # accepts that match nothing
        (f'{ALLOW}accept hole of sms because "x" # gone\n', f"{ALLOW} # gone\n"),
        (f'{ALLOW}\naccept hole of sms\n  because "x"\n\nrule b: never visit\n', f"{ALLOW}\n\nrule b: never visit\n"),
        (f'{ALLOW}accept hole of sms because "x"', ALLOW),
        (f'{ALLOW}accept hole of sms, visit because "x"\n', ALLOW),
        # and those of which some names match nothing
        *[
            (f'{ALLOW}accept unguarded of {names} because "x"\n', f'{ALLOW}accept unguarded of sms because "x"\n')
            for names in ("visit, sms", "sms, visit", "visit, letter,\n  sms", "visit, sms, email, calls", "calls, sms")
        ],
    ],
)
def test_safe_fixes(text: str, expected: str) -> None:
    assert fixed(text, safe=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rule a: after 3 days then alow sms\n", "rule a: after 3 days then allow sms\n"),
        ("rule a: after 3 days then allow smss\n", ALLOW),
        ("rule a: days_overdu > 3 then allow sms\n", "rule a: days_overdue > 3 then allow sms\n"),
        ("rule a: unreachable at least 3 then allow sms\n", "rule a: unreachable >= 3 then allow sms\n"),
        ("rule a: after 3 days then permit sms\n" + "rule b: never phone-call\n", ALLOW + "rule b: never phone_call\n"),
        ("rule a: overdue_amount > 1000 yuan then allow sms\n", "rule a: overdue_amount > CNY 1000 then allow sms\n"),
        # ends of a span, and numbers without their unit
        ("from day 13 to day 9 then allow sms", "from day 9 to day 13 then allow sms"),
        (
            "policy p currency CNY\nnever sms when not overdue_amount between CNY 9 and CNY 1",
            "policy p currency CNY\nnever sms when not overdue_amount between CNY 1 and CNY 9",
        ),
        (
            "policy p currency CNY\nnever sms when overdue_amount > 1_000 # much",
            "policy p currency CNY\nnever sms when overdue_amount > CNY 1000 # much",
        ),
        ("policy p currency CNY\nsetting m is 5\nnever sms when overdue_amount > m",) * 2,
        ("never sms when overdue_amount > 5",) * 2,  # of which currency is no guess
        (
            "rule a: contact_party in spouse, other then allow sms\n",
            "rule a: contact_party is one of spouse, other then allow sms\n",
        ),
        (
            "rule a: from day 9 and misses in 3..5 then allow sms\n",
            "rule a: from day 9 and misses between 3 and 5 then allow sms\n",
        ),
        # days for weeks, and what a clause leaves out
        ("rule a: after 2 weeks then allow sms", "rule a: after 14 days then allow sms"),
        ("rule a: from 2 weeks then allow sms", "rule a: from day 14 then allow sms"),
        *[
            tuple(
                [f"uses collections\nevent mailed\nfact n any mailed {window}\nnever sms when n" for window in windows]
            )
            for windows in (
                ("at least 3 weeks ago", "at least 21 days ago"),
                ("between 1 and 3 weeks ago", "between 7 and 21 days ago"),
                ("more than 7 days ago", "at least 8 days ago"),
                ("at least 1 month ago",) * 2,
            )
        ],
        ("rule a: forbid sms unless deceased", "rule a: forbid sms when always unless deceased"),
        ("rule a: misses 3 to 9 then allow sms", "rule a: misses between 3 and 9 then allow sms"),
        ("never sms when misses not between 3 and 9", "never sms when misses is not between 3 and 9"),
        # marks that are not plain, with the author's text between them
        *[
            (f"never sms because {written}  # so\n", f'never sms because "{text}"  # so\n')
            for written, text in (
                ("“they asked”", "they asked"),
                ("“they don’t”", "they don’t"),
                ('"they asked”', "they asked"),
                ('“they asked"', "they asked"),
                ("“they asked’", "they asked"),
                ("‘they don’t know’", "they don’t know"),
                ("‘they asked”", "they asked"),
                ("'they asked'", "they asked"),
                ("'the clients' wish'", "the clients' wish"),
                ("„sie fragten“", "sie fragten"),
                ("« ils ont demandé »", "ils ont demandé"),
                ("「他们问了」", "他们问了"),
            )
        ],
        ("never sms when !deceased", "never sms when not deceased"),
        ("setting grace is 5 open\nrule r: never sms", "setting grace open is 5\nrule r: never sms"),
        ("rule “remind”: never sms", "rule remind: never sms"),
        ("rule r “why”: never sms", 'rule r "why": never sms'),
        # where such a text ends is no guess
        *[
            (f"never sms because {written}",) * 2
            for written in ('“they "asked" now”', "'the clients' wish", "“they asked", "they asked”")
        ],
        # what stands for the author's words in a help is no text to put there
        (
            "example remind: given days_overdue 3 expect sms unsaid",
            'example "remind": given days_overdue 3 expect sms unsaid',
        ),
        *[
            (text,) * 2
            for text in (
                'example "e" given days_overdue 3 expect sms unsaid',
                "policy p subject to regulation/us-reg-f\nnever sms",
                "never sms because deceased",
                "fact grace yes/no default no\nnever sms",
                "event touch with medium one of call, letter\nnever sms",
                "limit sms to 7 by\nrule r: never email",
                "rule: never sms",
                "sms allowed when deceased",
            )
        ],
        ("rule a: days_overdue => 3 then allow sms\n", "rule a: days_overdue >= 3 then allow sms\n"),
    ],
)
def test_fixes_that_guess_what_was_meant(text: str, expected: str) -> None:
    assert fixed(text, safe=True) == text
    assert fixed(text, safe=False) == expected


def test_of_two_fixes_that_meet_one_is_written() -> None:
    source, diagnostics = found("rule a: after 3 days then alow sms\n")
    [fix] = [one.fix for one in diagnostics if one.fix]
    text, number = with_fixes(source, [fix, fix])
    assert (text, number) == (ALLOW, 1)


def test_a_fix_of_another_file_is_left_out() -> None:
    _, diagnostics = found("rule a: after 3 days then alow sms\n")
    [fix] = [one.fix for one in diagnostics if one.fix]
    assert with_fixes(Source("q", ALLOW), [fix]) == (ALLOW, 0)
