"""The digest of a policy goes with what its rules read of a vocabulary, and with nothing else of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import forbear
from forbear.semantics.to_text import canonical_text

WORDS = """vocabulary words
calendar office "a test" covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
event payment
  has amount money USD
  has kind one of cash, card optional
  has fee money USD optional
  has note one of plain, odd optional
fact birth date optional
fact age years since birth
fact due money USD
fact paid count of payment where amount >= this due in last 7 days
fact cards count of payment where kind is card in last 3 working days of office
fact fees sum of payment.fee in last 7 days
fact own weekly hours optional
fact own_now now within own
fact others count
setting some is 3
action call, write, visit
group both is call, write
"""
RULES = """policy house
  uses "words"
rule r: age >= 18 and paid >= 1 and cards < some and fees < USD 9 then allow call with write
rule s: never call when own_now
"""
UNREAD = [
    ("fact others count", "fact others money USD"),
    ("fact others count\n", ""),
    ("action call, write, visit", "action call, write, visit, email"),
    ("action call, write, visit", "action call, write"),
    ("fact age years since birth", 'fact age years since birth "In years"'),
    ("has note one of plain, odd optional", "has note one of plain, odd, other optional"),
    ("  has note one of plain, odd optional\n", ""),
    ("setting some", "setting more is 4\nsetting some"),
    ("group both is call, write", "group both is call"),
    ("event payment", "event visit_done\nfact visits count of visit_done ever\nevent payment"),
    ("fact others", "fact odd any payment where note is odd and fee <= this m ever\nfact m money USD\nfact others"),
]  # fmt: skip
READ = [
    ("fact birth date optional", "fact birth date"),
    ("fact due money USD", "fact due money USD between USD 0 and USD 100"),
    ("has amount money USD", "has amount money USD between USD 0 and USD 100"),
    ("has kind one of cash, card optional", "has kind one of cash, card"),
    ("has note one of plain, odd optional", "has note one of plain, odd"),
    ("saturday, sunday", "sunday"),
    ("payment.fee in last 7 days", "payment.fee in last 8 days"),
    ("setting some is 3", "setting some is 4"),
    ("fact own weekly hours optional", "fact own weekly hours"),
]


def digest(folder: Path, words: str, rules: str = RULES) -> str:
    (folder / "words.forbear").write_text(words, "utf-8")
    (folder / "house.forbear").write_text(rules, "utf-8")
    return forbear.load(folder / "house.forbear").digest


@pytest.mark.parametrize(("old", "new"), UNREAD)
def test_what_no_rule_reads_is_no_part_of_it(tmp_path: Path, old: str, new: str) -> None:
    assert WORDS.count(old) == 1
    assert digest(tmp_path, WORDS.replace(old, new)) == digest(tmp_path, WORDS)


@pytest.mark.parametrize(("old", "new"), READ)
def test_what_a_rule_reads_is(tmp_path: Path, old: str, new: str) -> None:
    assert WORDS.count(old) == 1
    assert digest(tmp_path, WORDS.replace(old, new)) != digest(tmp_path, WORDS)


def test_what_is_read_can_be_read_again_alone(tmp_path: Path) -> None:
    expected = digest(tmp_path, WORDS)
    text = canonical_text(forbear.load(tmp_path / "house.forbear").typed)
    assert forbear.loads(re.sub(r"^rule \w+\n", "", text, flags=re.MULTILINE)).digest == expected


def test_each_word_of_a_standard_is_for_the_policies_under_it(tmp_path: Path) -> None:
    rules = RULES.replace("policy", "standard")
    for old, new in (UNREAD[0], UNREAD[2], UNREAD[5], *READ):
        assert digest(tmp_path, WORDS.replace(old, new), rules) != digest(tmp_path, WORDS, rules), new
