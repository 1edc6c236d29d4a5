"""A policy of 10,000 rules: time to load beside Lark's parse of the same text alone, and memory when loaded.

With `--duties`, 2,000 rules: time to load where each fifth permission asks for something to go along, or a rule of its
own does, beside the same rules without.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

from lark import Lark
from measure import turn_by_turn, verdict
from workload import many_rules

import forbear
from forbear.base import resources

RULES = 10_000
ROUNDS = 5
_MEMORY = """
import sys
import forbear, forbear.library.policy
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4 / 1024
before = resident()
policy = forbear.load(sys.argv[1])
print(resident() - before, resident())
"""


def duties() -> None:
    """Measures loading with and without what has to go along."""
    plain = many_rules(2_000).replace("action sms,", "action notice\naction sms,", 1)
    permissions = [line for line in plain.splitlines() if " then allow " in line]
    some = set(permissions[::5])
    along = "\n".join([f"{line} with notice" if line in some else line for line in plain.splitlines()])
    # The same duties as rules of their own.
    required = [line.strip().partition(" then allow ") for line in permissions[::5]]
    rules = [
        f"rule duty_{number}: require notice with {actions} when {when}"
        for number, (when, _, actions) in enumerate(required)
    ]
    apart = "\n".join([plain, *rules])
    without, of_permissions, of_rules = turn_by_turn(
        [lambda: forbear.loads(plain), lambda: forbear.loads(along), lambda: forbear.loads(apart)], ROUNDS, process_time
    )
    print(f"2,000 rules: {without:.2f} s; with {len(required)} duties of permissions {of_permissions:.2f} s,")
    print(f"and with {len(required)} rules that say duties {of_rules:.2f} s, by the time of the processor")
    held = [
        verdict("duties of permissions, to the same rules without", of_permissions / without, 1.25),
        verdict("rules that say duties, for each rule", of_rules / without / (1 + len(required) / 2_000), 1.25),
    ]
    sys.exit(0 if all(held) else 1)


def main() -> None:
    if "--duties" in sys.argv:
        duties()
    text = many_rules(RULES)
    grammar = resources.folder("grammar").joinpath("forbear.lark").read_text(encoding="utf-8")
    plain = Lark(grammar, parser="lalr", lexer="basic")
    placed = Lark(grammar, parser="lalr", lexer="basic", propagate_positions=True)
    forbear.loads("always then allow sms")  # builds the parser, which all three have then
    plain_time, placed_time, load_time = turn_by_turn(
        [lambda: plain.parse(text), lambda: placed.parse(text), lambda: forbear.loads(text)], ROUNDS
    )
    print(f"{RULES} rules, {len(text) / 1e6:.2f} MB: load {load_time:.2f} s, Lark's parse {plain_time:.2f} s,")
    print(f"and with the places of nodes, which messages need, {placed_time:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.forbear"
        path.write_text(text, encoding="utf-8")
        out = subprocess.run([sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, check=True)
    grown, resident = (float(number) for number in out.stdout.split())
    print(f"memory: the process grows by {grown:.0f} MB, to {resident:.0f} MB")
    held = [
        verdict("load, to Lark's parse alone (without places)", load_time / plain_time, 1.5),
        verdict("memory in 200 MB, the whole process", resident / 200, 1.0),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
