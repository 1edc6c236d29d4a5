"""Misspelt words of the language: each is reported at its place, with the word that was meant, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest
from checking import assert_well_worded, found

from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.words import words_of

SAMPLE = """\
policy p "title"
  version "1" source "s" currency CNY
  in force from 2015-01-01 until 2019-12-31
uses collections
fact is_student yes/no optional private
fact grace count between 0 and 9 in steps of 3 usually 3
fact left days or none
fact paid days clock
fact score number fact share percent fact sum_ money CNY fact born date fact hour time fact note text
event touch has medium one of call, mail has debt_ text
fact touches count of touch where medium is call in last 7 days
fact touched any touch this week
fact ago days since last touch where debt_ is this note
fact ever_touched count of touch ever
fact when_ time of decision
action drone
group drones is drone
group messages also drone
ladder air: sms, drone rising with days_overdue
define lost is unreachable >= 3
setting large is CNY 1000
rule r1: after 60 days then allow sms and forbid email unless lost
rule r2: require letter when always or from day 9 to day 13 overrides r1
rule r3: never everything except drone, sms when not is_student or before day 9
rule r4: limit drone to 3 by touches because "x"
rule r5: suspend drone from 2015-01-01
rule r6: within 9 days and left is none then allow visit
rule r7: is_student is known and is_student is unknown then allow visit
rule r8: allow visit when grace between 3 and 6 overrides all
table t1
  | left         | then      | because |
  | any          | never sms | "x"     |
  | not 3, known | allow sms |         |
  complete, no overlap
  source "x"
example "e": given is_student yes, grace 3 on 2015-01-01 expect sms allowed, email forbidden, visit unsaid
ensure any of sms, email required when lost
accept hole of sms because "x" until 2016-01-01
"""
LONG = 4
CALENDARS = {"calendar", "weekend", "holiday", "holidays", "weekly", "working"}
MAY_BE_NAMES = {"always", "everything", "known", "unknown"}
"""A name may be there as well: the reader takes them for one, and the checker does not know it."""
WORDS = list(dict.fromkeys((word.text, word.kind) for word in words_of(SAMPLE) if word.kind in keywords()))


def test_the_sample_has_nearly_all_words() -> None:
    missing = {word for word in keywords().values() if len(word) >= LONG} - {text for text, _ in WORDS}
    assert missing == {
        "standard",
        "vocabulary",
        "conforms",
        "applies",
        "subject",
        "pinned",
        "omits",
        "consent",
        "read",
        "reviewed",
        "language",
        "otherwise",
        *CALENDARS,
    }
    assert [one for one in found(SAMPLE) if one.code == "syntax"] == []


@cache
def before() -> set[tuple[str, str]]:
    """What is found of the sample as it stands."""
    return {(one.code, one.place.text) for one in found(SAMPLE)}


def misspellings(word: str) -> list[str]:
    """A letter left out, one twice, two in the wrong order."""
    middle = len(word) // 2
    return [
        wrong
        for wrong in (
            word[:middle] + word[middle + 1 :],
            word[:middle] + word[middle] + word[middle:],
            word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :],
        )
        if wrong != word and wrong not in keywords().values()
    ]


def misspelt(kind: str, text: str, wrong: str) -> tuple[str, int]:
    at = next(word.span[0] for word in words_of(SAMPLE) if (word.text, word.kind) == (text, kind))
    return SAMPLE[:at] + wrong + SAMPLE[at + len(text) :], at


@pytest.mark.parametrize(
    ("text", "kind", "wrong"),
    [(text, kind, wrong) for text, kind in WORDS if len(text) >= LONG for wrong in misspellings(text)],
)
def test_the_word_that_was_meant_is_named_and_nothing_else_follows(text: str, kind: str, wrong: str) -> None:
    sample, at = misspelt(kind, text, wrong)
    [diagnostic] = [one for one in found(sample) if (one.code, one.place.text) not in before()]
    assert (diagnostic.place.span[0], diagnostic.place.text) == (at, wrong)
    assert diagnostic.code == "syntax" or text in MAY_BE_NAMES
    assert diagnostic.help == f"did you mean `{text}`?"
    assert_well_worded(diagnostic)


def test_a_word_that_is_tried_leaves_no_trace_in_the_statement_before() -> None:
    """Trying `group` for `gruop` completes the rule, whose parts the parser that stopped still holds."""
    assert [(one.code, one.place.text) for one in found("rule r: never sms gruop 2015-01-01")] == [
        ("syntax", "gruop 2015-01-01")
    ]
