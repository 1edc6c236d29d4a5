"""The analyser: all pair findings of many rules beside parsing them, their growth, and the other findings."""

from __future__ import annotations

import sys
import time
from functools import partial

from measure import turn_by_turn, verdict
from workload import many_rules

import forbear
from forbear.analysis.engine.analysis import analyse
from forbear.analysis.engine.space import BOUND
from forbear.analysis.findings.pairs.blocked_duty import blocked_duties
from forbear.analysis.findings.pairs.contradiction import contradictions
from forbear.analysis.findings.pairs.duplicate import duplicates, subsumed
from forbear.analysis.findings.pairs.overlap import overlaps
from forbear.analysis.findings.registry import FINDINGS
from forbear.base.source import Source
from forbear.language.model.policy import TypedPolicy
from forbear.language.syntax.parser import parse
from forbear.space.formulas import TRUE
from forbear.space.search.bound import BoundReached

PAIRS = (contradictions, blocked_duties, duplicates, subsumed, overlaps)
OTHERS = ("masked-rule", "hole", "falling-pressure", "skipped-rung")
LADDER = (
    "\nladder pressure: sms, automated_voice, phone_call, contact_related, visit, letter, legal_action\n"
    "  rising with days_overdue, overdue_amount\n"
)
TOLD = 100


def pair_findings(policy: TypedPolicy) -> int:
    """How many pair findings there are; the first hundred of each code with their witness."""
    analysis = analyse(policy)
    total = 0
    for finder in PAIRS:
        analysis.searcher.counting.clear()
        told = 0
        for candidate in finder(analysis):
            if isinstance(candidate, int):
                total += candidate
                continue
            if told < TOLD:
                told += candidate.find(TRUE) is not None
                total += 1
            else:
                analysis.searcher.counting.update(("contradiction", "overlap", "duplicate", "subsumed"))
                total += candidate.find(TRUE) is not None
    return total


def main() -> None:
    held = []
    times = {}
    for number in (1_000, 10_000):
        text = many_rules(number)
        policy = forbear.loads(text).typed
        source = Source("many", text)
        parse_time, pair_time = turn_by_turn([partial(parse, source), partial(pair_findings, policy)], 3)
        times[number] = pair_time
        print(f"{number} rules: {pair_findings(policy)} pair findings in {pair_time:.2f} s, parse {parse_time:.2f} s")
        if number == 10_000:
            held.append(verdict("pair findings of 10,000 rules, to parsing them", pair_time / parse_time, 1.0))
    held.append(verdict("pair findings, 10,000 rules to 1,000", times[10_000] / times[1_000], 30.0))
    text = many_rules(1_000) + LADDER
    policy = forbear.loads(text).typed
    start = time.perf_counter()
    parse(Source("many", text))
    parse_time = time.perf_counter() - start
    analysis = analyse(policy)
    whole = 0.0
    for finding in FINDINGS:
        if finding.code in OTHERS:
            analysis.searcher.bound.left = BOUND
            start = time.perf_counter()
            found = 0
            try:
                for candidate in finding.find(analysis):
                    assert not isinstance(candidate, int)
                    found += candidate.find(TRUE) is not None
                outcome = "finished"
            except BoundReached:
                outcome = "undecided"
            took = time.perf_counter() - start
            whole += took
            print(f"  {finding.code}: {found} found, {outcome}, {took:.2f} s")
    held.append(verdict("masked rules, holes, pressure, rungs of 1,000 rules, to parsing", whole / parse_time, 10.0))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
