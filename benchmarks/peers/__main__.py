"""Ours and its peers on one seeded workload, in one command: `python benchmarks/peers`.

Every contender first decides cases that the rules by hand decide as well, and must agree. Then they run turn by turn,
and the table goes into benchmarks/README.md. What takes too long for a size is left out there, and said.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import polars as pl
from measure import on_new_cases, turn_by_turn
from workload import ACTIONS

import forbear
from peers import by_hand, columns, engines
from peers.rules import Case, Rule, cases, forbear_text, rules

SIZES = (10, 100, 1_000, 10_000)
ROWS = {10: 1_000_000, 100: 500_000, 1_000: 50_000, 10_000: 5_000}
TOO_LONG = {("Rego", 10_000), ("Polars", 10_000), ("DuckDB", 10_000)}
"""Who takes minutes for a case, or to be made ready."""
README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- peers: written by `python benchmarks/peers` -->", "<!-- peers: end -->"
PACKAGES = {
    "datalogic-py": "datalogic-py",
    "CEL": "common-expression-language",
    "Cedar": "cedarpy",
    "Rego": "regopy",
    "Polars": "polars",
    "NumPy": "numpy",
    "DuckDB": "duckdb",
}
Row = dict[str, float | None]


def main() -> None:
    one_case: dict[str, Row] = {}
    many_cases: dict[str, Row] = {}
    for number in SIZES:
        print(f"{number:,} rules", file=sys.stderr, flush=True)
        given = rules(number)
        policy = forbear.loads(forbear_text(given))
        for name, seconds in _one_case(given, policy).items():
            one_case.setdefault(name, {})[str(number)] = seconds
        for name, seconds in _many_cases(given, policy).items():
            many_cases.setdefault(name, {})[str(number)] = seconds
    lines = [*_table("Microseconds a case, and the ratio to the rules by hand", one_case, 1e6, "by hand"), ""]
    lines += _table("Nanoseconds a row, and the ratio to ours", many_cases, 1e9, "Forbear, apply")
    lines = [*lines, "", _versions()]
    print("\n".join(lines))
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


def _one_case(given: list[Rule], policy: forbear.Policy) -> dict[str, float | None]:
    hand = by_hand.decide(given)

    apart = forbear.loads(forbear_text(given))  # what one contender remembers is no help to another

    def ours(case: Case) -> forbear.Decision:
        decision = apart.decide(case)
        for action in ACTIONS:
            decision[action]
        return decision

    contenders: dict[str, Callable[[Case], object]] = {"by hand": hand, "Forbear, all actions and names": ours}
    contenders["Forbear, decide"] = policy.decide
    contenders["Forbear, permits one action"] = partial(policy.permits, "email")
    for name, make in (
        ("datalogic-py", engines.datalogic),
        ("CEL", engines.cel),
        ("Cedar", engines.cedar),
        ("Rego", engines.rego),
    ):
        if (name, len(given)) not in TOO_LONG:
            contenders[name] = make(given)
    found: dict[str, float | None] = {}
    tried = cases(20, seed=4)
    for name, contender in contenders.items():
        if name not in ("Forbear, decide", "Forbear, permits one action"):
            for case in tried[:2] if name in ("Rego", "Cedar") else tried:
                _agree(name, hand(case), contender(case))
    by_size: dict[int, list[str]] = {}
    for name, contender in contenders.items():
        contender(tried[0])
        start = time.perf_counter()
        contender(tried[1])
        taken = time.perf_counter() - start
        by_size.setdefault(200 if taken < 0.001 else 20 if taken < 0.02 else 2, []).append(name)
    for size, names in by_size.items():
        asked = cases(size * (20 if size > 2 else 3))
        chunks = [asked[at : at + size] for at in range(0, len(asked), size)]
        times = on_new_cases([contenders[name] for name in names], chunks)
        found.update(zip(names, times, strict=True))
    return {name: found.get(name) for name in contenders}


def _agree(name: str, expected: object, answer: object) -> None:
    assert isinstance(expected, Mapping)
    assert isinstance(answer, Mapping)
    for action in ACTIONS:
        verdict, names = expected[action]
        its_verdict, its_names = answer[action][:2]
        assert (verdict, list(names)) == (its_verdict, list(its_names)), (
            name,
            action,
            expected[action],
            answer[action],
        )


def _many_cases(given: list[Rule], policy: forbear.Policy) -> dict[str, float | None]:
    rows = ROWS[len(given)]
    frame = pl.DataFrame(cases(min(rows, 100_000)))
    frame = pl.concat([frame] * (rows // len(frame)), rechunk=True)
    runs = {
        "Forbear, apply": columns.ours(given, policy),
        "Polars": columns.by_polars(given, policy),
        "NumPy": columns.by_numpy(given, policy),
        "DuckDB": columns.by_duckdb(given, policy),
    }
    some = frame.head(2_000)
    expected = runs["Forbear, apply"](some)
    found: dict[str, float | None] = {}
    for name, run in runs.items():
        found[name] = None
        if (name, len(given)) not in TOO_LONG:
            assert columns.alike(expected, run(some)), name
    names = [name for name in runs if (name, len(given)) not in TOO_LONG]
    times = turn_by_turn([partial(runs[name], frame) for name in names], 3)
    found.update({name: seconds / rows for name, seconds in zip(names, times, strict=True)})
    return found


def _table(title: str, found: Mapping[str, Row], unit: float, base: str) -> Sequence[str]:
    lines = [
        f"| {title} | " + " | ".join(f"{number:,} rules" for number in SIZES) + " |",
        "|---|" + "---|" * len(SIZES),
    ]
    for name, row in found.items():
        cells = []
        for number in SIZES:
            seconds, compared = row.get(str(number)), found[base].get(str(number))
            if seconds is None or compared is None:
                cells.append("too long")
            else:
                cells.append(f"{_short(seconds * unit)} ({_short(seconds / compared)})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _versions() -> str:
    versions = [f"{name} {importlib.metadata.version(package)}" for name, package in PACKAGES.items()]
    return f"CPython {platform.python_version()}, Forbear {forbear.__version__}, {', '.join(versions)}."


if __name__ == "__main__":
    main()
