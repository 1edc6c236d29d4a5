"""Comparing policies: the difference of two policies of 1,000 rules that differ in ten thresholds, beside the parse of
one of them."""

from __future__ import annotations

import random
import re
import sys
from functools import partial

from measure import turn_by_turn, verdict
from workload import many_rules

import forbear
from forbear.analysis.comparison.difference import Difference, difference
from forbear.base.source import Source
from forbear.language.syntax.parser import parse

RULES = 1_000
THRESHOLDS = 10


def moved(text: str) -> str:
    """The same policy with ten thresholds moved, each in a rule of its own."""
    generator = random.Random(7)
    rules = text.split("\nrule ")
    movable = [number for number, rule in enumerate(rules) if number and re.search(r"(after|>=|CNY) \d+", rule)]
    for number in generator.sample(movable, THRESHOLDS):
        rules[number] = re.sub(
            r"(after|>=|CNY) (\d+)", lambda found: f"{found[1]} {int(found[2]) + 1}", rules[number], count=1
        )
    return "\nrule ".join(rules)


def main() -> None:
    text = many_rules(RULES)
    old, new = forbear.loads(text).typed, forbear.loads(moved(text)).typed
    found: list[Difference] = []

    def compare() -> None:
        found.append(difference(old, new))

    parse_time, compare_time = turn_by_turn([partial(parse, Source("many", text)), compare], 3)
    assert not found[-1].undecided, found[-1].undecided
    print(f"{len(found[-1].changes)} changes in {compare_time:.2f} s, parse {parse_time:.2f} s")
    held = verdict(
        "the difference of two policies of 1,000 rules, to the parse of one", compare_time / parse_time, 20.0
    )
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
