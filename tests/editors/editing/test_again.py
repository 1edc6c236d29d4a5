"""A text that is edited is read as if it were read for the first time: its statements, their places, and all that there
is to say of them.

CI tries some hundred edits; FORBEAR_PROFILE=nightly 10,000, at random.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from edits import edits
from night import NIGHTLY

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.check.files.gather import Parses
from forbear.editors.editing.reading import Reading, read
from forbear.language.syntax.again import Again, Text
from forbear.language.syntax.nodes import Module, parts_of
from forbear.language.syntax.parser import parse, parse_again

SEEDS = [Random().randrange(10**9) for _ in range(1000)] if NIGHTLY else range(12)
EDITS = 10


def placed(node: Any) -> Any:
    """A node with its places, which do not count where nodes are compared."""
    kind: Any = type(node)
    if kind is tuple:
        return tuple([placed(part) for part in node])
    if attrs.has(kind):
        return (kind, *[placed(getattr(node, name)) for name in parts_of(kind)])
    return node


def said(diagnostics: tuple[Diagnostic, ...]) -> list[object]:
    return [placed(one) for one in diagnostics]


def of_module(module: Module) -> object:
    return placed(attrs.evolve(module, source=Source("", "")))


def of_reading(reading: Reading) -> object:
    modules = [of_module(module) for module in reading.modules]
    return said(reading.diagnostics), modules, reading.policy is None, reading.draft


@pytest.mark.parametrize("seed", SEEDS)
def test_statements_of_an_edited_text(seed: int) -> None:
    before = Text("")
    for text in edits(Random(seed), EDITS):
        source = Source("x", text)
        module, diagnostics, before = parse_again(source, before)
        fresh, of_fresh = parse(source)
        assert of_module(module) == of_module(fresh), text
        assert said(diagnostics) == said(of_fresh), text


@pytest.mark.parametrize("seed", SEEDS if NIGHTLY else SEEDS[: len(SEEDS) // 4])
def test_an_edited_text_is_checked_as_one_that_is_new(seed: int, tmp_path: Path) -> None:
    parses = Parses()
    path = tmp_path / "house.forbear"
    for text in edits(Random(seed), EDITS if NIGHTLY else EDITS // 2):
        assert of_reading(read(text, path, parses=parses)) == of_reading(read(text, path)), text


HOUSE = """\
policy house
applies when score > 1
fact days_overdue days clock
fact score count
action sms, chat
group written is chat
setting high is 7
define good is score > high
rule a: good then allow written
rule b: after 3 days and score > 10 then allow sms
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fact score count", "fact score count optional"),
        ("fact score count", "fact score one of low < high"),
        ("group written is chat", "group written is chat, sms"),
        ("high is 7", "high is 8"),
        ("score > high", "not score > high"),
        ("applies when score > 1", "applies when score > 2"),
        ("days clock\n", "days\n"),
        ("action sms, chat", "action chat"),
        ("", "action call\n"),
        ("rule a", 'rule a "Titled" '),
    ],
)
def test_a_rule_means_what_its_words_mean_now(before: str, after: str, tmp_path: Path) -> None:
    parses, path = Parses(), tmp_path / "house.forbear"
    for text in (HOUSE, HOUSE.replace(before, after, 1), HOUSE):
        assert of_reading(read(text, path, parses=parses)) == of_reading(read(text, path)), text


def test_what_a_rule_means_is_not_found_twice(tmp_path: Path) -> None:
    parses, path = Parses(), tmp_path / "house.forbear"
    drafts = [
        read(text, path, parses=parses).draft
        for text in (HOUSE, HOUSE.replace("rule a", "\nrule a"), HOUSE.replace("high is 7", "high is 8"))
    ]
    first, moved, other = [None if draft is None else draft.rules[1].condition for draft in drafts]
    assert moved is first
    assert other is not first


RULES = "".join(f"rule r{number}: after {number} days then allow sms\n" for number in range(20))


def reused(before: str, after: str) -> int:
    """How many statements of a text are not read again after an edit of it."""
    earlier = parse_again(Source("x", before), Text(""))[2]
    again = Again(earlier, after)
    later = parse_again(Source("x", after), earlier)[2]
    return sum(len(again.from_place(read.start)) > 0 for read in later.reads)


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [
        (RULES, RULES.replace("after 9 days", "after 90 days"), 18),
        (RULES, RULES.replace("after 9 days then", "after 9 days the"), 18),
        (RULES, RULES.replace("rule r9", "# one\nrule r9"), 18),
        ("policy p currency CNY\n" + RULES, "policy p currency CNY\n\n" + RULES, 19),
    ],
)
def test_little_is_read_again(before: str, after: str, least: int) -> None:
    assert reused(before, after) >= least


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('rule r: never sms because "a"\nrule s: never sms', 'rule r: never sms because "a\nrule s: never sms'),
        ("fact x money CNY\n3 < y then never sms", "fact x money CNY \n3 < y then never sms"),
        ("rule a: never sms rule b: never sms", 'rule a: never sms because "rule b: never sms'),
        ("table t\n  | x | then |\n  | 1 | never |\ncomplete > 3 then never sms", "complete > 3 then never sms"),
        ("never sms\nrule", "never sms\nrule x: never sms"),
        ("ensure sms allowed\non day 9 then allow sms", "ensure sms allowed on 2015-09-21\non day 9 then allow sms"),
        ("define a is b\nunless c", "define a is b or\nunless c"),
        ("never sms\nabc > 3 then never email", "never sms\nxyz > 3 then never email"),
        ("never sms\nun > 3 then never email", "never sms\nunless > 3 then never email"),
        ("never sms\nx then never email", "never sms\nunless x then never email"),
        ("fact x money\n3 < y then never sms", "fact x money CNY\n3 < y then never sms"),
        ("fact x money CNY\nrule r: never sms", "fact x money CNY\n3 < y then never sms"),
        (
            "table t\n| x | then |\n| 1 | never |\ncomplete > 3 then never sms",
            "table t\n| x | then |\n| 1 | never |\ncomplete",
        ),
        ("table t\n| x | then |\n| 1 | never |\ncomplete + 3 < y then never sms", "complete + 3 < y then never sms"),
        (
            "table t\n| x | then |\n| 1 | never |\nno\nrule r: never sms",
            "table t\n| x | then |\n| 1 | never |\nno\noverlap",
        ),
        ("allow sms when x\nby\nlimit sms\nto 3 by x", "allow sms when x\nby\nlimit sms\nx 3 by x"),
        ("never sms\nx\nrule: never sms rule b: never sms", "never sms\nrule b: never sms"),
        ("never sms\r\nnever email", "never sms\r\n\r\nnever email"),
    ],
)
def test_what_comes_before_and_after_counts(before: str, after: str) -> None:
    for first, second in ((before, after), (after, before)):
        earlier = parse_again(Source("x", first), Text(""))[2]
        module, diagnostics, _ = parse_again(Source("x", second), earlier)
        fresh, of_fresh = parse(Source("x", second))
        assert of_module(module) == of_module(fresh)
        assert said(diagnostics) == said(of_fresh)
