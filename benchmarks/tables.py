"""A table of 1,000 rows: loading beside the same rules written out, and the proof of what it promises."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from measure import turn_by_turn, verdict

import forbear
from forbear.analysis.run import findings

SEGMENTS, PRODUCTS, BANDS = 10, 10, 10
ROWS = SEGMENTS * PRODUCTS * BANDS
ROUNDS = 5
CODES = frozenset({"table-gap", "table-overlap"})
EFFECTS = ("allow", "", "never", "forbid", "require")
ACTIONS = ("sms", "phone_call", "letter")
DECLARED = f"""
fact segment one of {", ".join(f"segment_{number}" for number in range(SEGMENTS))}
fact product one of {", ".join(f"product_{number}" for number in range(PRODUCTS))}
fact days_overdue days clock
action {", ".join(ACTIONS)}
"""


def rows() -> Iterator[tuple[str, str, str, str, list[str]]]:
    """The cells of each row, the condition on the days, and the effects."""
    for number in range(ROWS):
        segment, product, band = number // 100, number // 10 % 10, number % 10
        last = band == BANDS - 1
        days = f">= {30 * band}" if last else f"{30 * band} to {30 * band + 29}"
        when = f"from day {30 * band}" if last else f"from day {30 * band} to day {30 * band + 29}"
        effects = [EFFECTS[(number + place) % len(EFFECTS)] for place in range(len(ACTIONS))]
        yield f"segment_{segment}", f"product_{product}", days, when, effects


def as_table(left_out: int | None = None) -> str:
    lines = [f"| {' | '.join(['segment', 'product', 'days_overdue', *ACTIONS])} |"]
    for number, (segment, product, days, _, effects) in enumerate(rows()):
        if number != left_out:
            lines.append(f"| {' | '.join([segment, product, days, *effects])} |")
    return "\n".join([DECLARED, "table strategy", *lines, "complete, no overlap\n"])


def as_rules() -> str:
    lines = [DECLARED]
    for number, (segment, product, _, when, effects) in enumerate(rows()):
        said = [f"{word} {action}" for word, action in zip(effects, ACTIONS, strict=True) if word]
        lines.append(f"rule r{number}:\n  segment is {segment} and product is {product} and {when}")
        lines.append(f"  then {' and '.join(said)}")
    return "\n".join(lines) + "\n"


def proved(text: str) -> tuple[float, list[str]]:
    """How long the proof takes, and what it finds."""
    policy = forbear.loads(text).typed
    start = time.perf_counter()
    found = findings(policy, only=CODES).diagnostics
    return time.perf_counter() - start, [one.message for one in found]


def main() -> None:
    table, rules = as_table(), as_rules()
    forbear.loads("always then allow sms")  # builds the parser
    of_table, of_rules = turn_by_turn([lambda: forbear.loads(table), lambda: forbear.loads(rules)], ROUNDS)
    print(f"{ROWS} rows: load {of_table:.2f} s; the same rules written out: {of_rules:.2f} s")
    whole, found = proved(table)
    assert found == [], found
    with_gap, gap = proved(as_table(left_out=555))
    assert len(gap) == 1, gap
    print(f"complete and without overlap in {whole:.2f} s; without a row: {gap[0]}, in {with_gap:.2f} s")
    held = [
        verdict("load, to the same rules written out", of_table / of_rules, 1.0),
        verdict("the proof, in 5 s", max(whole, with_gap) / 5, 1.0),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
