"""Fixes that diagnostics carry: what is written, and what of them is safe."""

from __future__ import annotations

import pytest
from pairs import pairs

import forbear
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.language.formatting.format import with_fixes


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


@pytest.mark.parametrize(("text", "expected"), pairs("fixes.txt").values())
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
