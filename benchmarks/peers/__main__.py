"""Ours and its peers on one seeded workload, in one command: `python benchmarks/peers`.

Every contender first decides cases that the rules by hand decide as well, and must agree. Then they run turn by turn,
and the table goes into benchmarks/README.md. What takes too long for a size is left out there, and said. With
`--processor` the time is that of the processor, on all cores: what others do on the machine counts less.
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
from measure import CLOCK, on_new_cases, turn_by_turn
from workload import ACTIONS, FORMS, with_cents

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
    "ZEN": "zen-engine",
    "CEL": "common-expression-language",
    "Cedar": "cedarpy",
    "Rego": "regopy",
    "Polars": "polars",
    "NumPy": "numpy",
    "DuckDB": "duckdb",
}
Row = dict[str, float | None]
Contender = Callable[[Case], object]
ENGINES: Mapping[str, Callable[[list[Rule]], engines.Decide]] = {
    "datalogic-py": engines.datalogic,
    "ZEN": engines.zen,
    "CEL": engines.cel,
    "Cedar": engines.cedar,
    "Rego": engines.rego,
}


def main() -> None:
    one_case: dict[str, Row] = {}
    many_cases: dict[str, Row] = {}
    for number in SIZES:
        print(f"{number:,} rules", file=sys.stderr, flush=True)
        given = rules(number)
        policy = forbear.loads(forbear_text(given))
        for name, seconds in _one_case(given, policy).items():
            one_case.setdefault(name, {})[f"{number:,} rules"] = seconds
        for name, seconds in _many_cases(given, policy).items():
            many_cases.setdefault(name, {})[f"{number:,} rules"] = seconds
    with_cents = _sums_with_cents()
    sizes = [f"{number:,} rules" for number in SIZES]
    lines = [*_table("Microseconds a case, and the ratio to the rules by hand", sizes, one_case, 1e6, "by hand"), ""]
    lines += [*_table("The same of ten rules, sums with cents", [*FORMS], with_cents, 1e6, "by hand"), ""]
    lines += _table("Nanoseconds a row, and the ratio to ours", sizes, many_cases, 1e9, "Forbear, apply")
    lines = [*lines, "", _versions()]
    print("\n".join(lines))
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


def _one_case(given: list[Rule], policy: forbear.Policy) -> dict[str, float | None]:
    contenders: dict[str, Contender | None] = {"by hand": by_hand.decide(given), **_ours(given, policy)}
    for name, make in ENGINES.items():
        contenders[name] = None if (name, len(given)) in TOO_LONG else make(given)
    return _times(contenders, cases)


def _sums_with_cents() -> dict[str, Row]:
    """The times of ten rules by contender, and by the form of sums."""
    given = rules(10)
    found: dict[str, Row] = {}
    for form in FORMS:
        print(f"sums: {form}", file=sys.stderr, flush=True)
        contenders: dict[str, Contender | None] = {"by hand": by_hand.decide(given, texts=form == "text")}
        contenders.update(_ours(given, forbear.loads(forbear_text(given))))
        for name, make in ENGINES.items():
            if name == "Cedar":
                contenders[name] = engines.cedar(given, cents=form != "whole numbers")
            else:
                contenders[name] = engines.of_floats(make(given)) if form in ("Decimal", "text") else make(given)
        drawn = partial(_drawn, form)
        for name, seconds in _times(contenders, drawn).items():
            found.setdefault(name, {})[form] = seconds
    return found


def _drawn(form: str, number: int, seed: int = 3) -> list[Case]:
    return with_cents(cases(number, seed), form)


def _ours(given: list[Rule], policy: forbear.Policy) -> dict[str, Contender | None]:
    apart = forbear.loads(forbear_text(given))  # what one contender remembers is no help to another

    def whole(case: Case) -> object:
        return {action: (its.verdict, its.rules) for action, its in apart.decide(case).items()}

    return {
        "Forbear, a whole answer": whole,
        "Forbear, decide": policy.decide,
        "Forbear, permits one action": partial(policy.permits, "email"),
    }


def _times(contenders: Mapping[str, Contender | None], draw: Callable[..., list[Case]]) -> dict[str, float | None]:
    """The time of each for a case, after all that answer in full have agreed with the rules by hand."""
    found: dict[str, float | None] = dict.fromkeys(contenders)
    tried = draw(20, seed=4)
    hand = contenders["by hand"]
    assert hand is not None
    by_size: dict[int, dict[str, Contender]] = {}
    for name, contender in contenders.items():
        if contender is None:
            continue
        if name not in ("Forbear, decide", "Forbear, permits one action"):
            for case in tried[:2] if name in ("Rego", "Cedar") else tried:
                _agree(name, hand(case), contender(case))
        taken = min(_taken(contender, case) for case in tried[:3])
        by_size.setdefault(200 if taken < 0.001 else 20 if taken < 0.02 else 2, {})[name] = contender
    for size, some in by_size.items():
        asked = draw(size * (20 if size > 2 else 3))
        chunks = [asked[at : at + size] for at in range(0, len(asked), size)]
        found.update(zip(some, on_new_cases([*some.values()], chunks, CLOCK), strict=True))
    return found


def _taken(contender: Contender, case: Case) -> float:
    start = CLOCK()
    contender(case)
    return CLOCK() - start


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
    times = turn_by_turn([partial(runs[name], frame) for name in names], 3, CLOCK)
    found.update({name: seconds / rows for name, seconds in zip(names, times, strict=True)})
    return found


def _table(title: str, columns: Sequence[str], found: Mapping[str, Row], unit: float, base: str) -> Sequence[str]:
    lines = [f"| {title} | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for name, row in found.items():
        cells = []
        for column in columns:
            seconds, compared = row.get(column), found[base].get(column)
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
    clock = " By the time of the processor, on all cores." if CLOCK is time.process_time else ""
    return f"CPython {platform.python_version()}, Forbear {forbear.__version__}, {', '.join(versions)}.{clock}"


if __name__ == "__main__":
    main()
