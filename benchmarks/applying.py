"""A portfolio: `Policy.apply` beside the same rules by hand for Polars, NumPy and DuckDB, which validate nothing.

Beside them is Polars by hand that looks at each value, as ours does: whether it is there, one of the names, in its
range. `--steady` measures the verdicts alone beside Polars' streaming engine, which checks nothing and gives codes: 20
runs of each turn by turn, where our time goes, and how far the slowest of 20 runs is from the median, beside
comparisons that are the same each time, on one core and on all. `--files` measures from Parquet to Parquet, ten million
rows, beside a Polars script; `--cores` two cores beside one.
"""

from __future__ import annotations

import functools
import operator
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, assert_never
from unittest.mock import patch

import duckdb
import numpy as np
import polars as pl
from measure import turn_by_turn, verdict
from steadiness import RUNS, SETS, as_a_rule, passes, runs_of, same_work, summary
from workload import TEN_RULES, many_rules

import forbear
from forbear.language.model import kinds
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.relations import Related
from forbear.portfolio import applying

ROWS = 1_000_000
NAMES = ("unsaid", "allowed", "forbidden")
VERDICTS = pl.Enum(NAMES)


def accounts(rows: int) -> pl.DataFrame:
    generator = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "account": np.arange(rows),
            "days_overdue": generator.integers(0, 240, rows),
            "unreachable": generator.integers(0, 20, rows),
            "overdue_amount": generator.integers(0, 20_000, rows),
            "cease_requested": generator.random(rows) < 0.1,
            "dispute": np.array(["no_dispute", "unverified", "verified"])[generator.integers(0, 3, rows)],
            "risk": np.array(["low", "medium", "high"])[generator.integers(0, 3, rows)],
            "placed": generator.random(rows) < 0.3,
            "score": generator.integers(0, 101, rows),
        }
    )


# The same rules by hand: a condition as what a column, a comparison, and, or, not are in a library


class ByHand:
    """A way to write conditions."""

    def __init__(self, facts: Mapping[str, Fact], column: Callable[[str], Any], sql: bool = False) -> None:
        self.facts = facts
        self.column = column
        self.sql = sql

    def write(self, condition: Condition) -> Any:
        match condition:
            case Always() | IsKnown() | IsNone() | OneOf() | Related():
                raise AssertionError(condition)  # the workload has none
            case Not(part):
                return f"NOT ({self.write(part)})" if self.sql else ~self.write(part)
            case And(parts):
                return self._join([self.write(part) for part in parts], " AND ", lambda a, b: a & b)
            case Or(parts):
                return self._join([self.write(part) for part in parts], " OR ", lambda a, b: a | b)
            case Between(fact=name, low=low, high=high):
                return self._join([self._compare(name, ">=", low), self._compare(name, "<=", high)], " AND ", _and)
            case Compare(fact=name, operator=operator, value=value):
                return self._compare(name, operator, value)
            case never:
                assert_never(never)

    def any_of(self, conditions: list[Condition]) -> Any:
        return self._join([self.write(condition) for condition in conditions], " OR ", lambda a, b: a | b)

    def _join(self, parts: list[Any], word: str, join: Callable[[Any, Any], Any]) -> Any:
        if self.sql:
            return word.join(f"({part})" for part in parts)
        whole = parts[0]
        for part in parts[1:]:
            whole = join(whole, part)
        return whole

    def _compare(self, name: str, operator: str, value: object) -> Any:
        fact, column = self.facts[name], self.column(name)
        if fact.kind is kinds.FLAG:
            truth = (value is True) == (operator == "=")
            return column if truth else f"NOT {column}" if self.sql else ~column
        if fact.kind is kinds.ORDER:
            assert isinstance(value, int)
            assert operator == ">="
            named = [self._literal(column, "=", name) for name in fact.names[value:]]
            return self._join(named, " OR ", lambda a, b: a | b)
        if fact.kind is kinds.MONEY:
            assert isinstance(value, int)
            value = value // 100
        return self._literal(column, operator, value)

    def _literal(self, column: Any, operator: str, value: object) -> Any:
        if self.sql:
            literal = f"'{value}'" if isinstance(value, str) else value
            return f"{column} {'<>' if operator == '!=' else operator} {literal}"
        operations = {"<": "__lt__", "<=": "__le__", "=": "__eq__", "!=": "__ne__", ">=": "__ge__", ">": "__gt__"}
        return getattr(column, operations[operator])(value)


def _and(one: Any, other: Any) -> Any:
    return one & other


def rules_on(policy: TypedPolicy, action: str, *effects: str) -> list[Condition]:
    return [rule.condition for rule in policy.rules if rule.effects.get(action) in effects]


def polars_by_hand(policy: TypedPolicy, codes: bool = False) -> list[pl.Expr]:
    """Expressions of the verdicts, as an enumeration or as its codes."""
    hand = ByHand(policy.facts, pl.col)
    literals = {name: pl.lit(code, pl.UInt8) if codes else pl.lit(name, VERDICTS) for code, name in enumerate(NAMES)}
    found = []
    for action in policy.actions:
        expression = literals["unsaid"]
        for verdict_, effects in (("allowed", ("allow",)), ("forbidden", ("forbid", "never"))):
            conditions = rules_on(policy, action, *effects)
            if conditions:
                expression = pl.when(hand.any_of(conditions)).then(literals[verdict_]).otherwise(expression)
        found.append(expression.alias(action))
    return found


def checked_by_hand(policy: TypedPolicy) -> pl.Expr:
    """Whether each value is there, and one of the names or in its range."""
    right = []
    for name, fact in policy.facts.items():
        column = pl.col(name)
        if fact.names:
            right.append(functools.reduce(operator.or_, [column == one for one in fact.names]))
        elif fact.kind is not kinds.FLAG:
            step = 100 if fact.kind is kinds.MONEY else 1
            right.append((column >= fact.low // step) & (column <= fact.high // step))
        right.append(column.is_not_null())
    return functools.reduce(operator.and_, right).alias("right")


def numpy_by_hand(policy: TypedPolicy, columns: Mapping[str, Any]) -> dict[str, Any]:
    hand = ByHand(policy.facts, columns.__getitem__)
    found = {}
    for action in policy.actions:
        codes = np.zeros(len(columns["placed"]), np.uint8)
        for code, effects in ((1, ("allow",)), (2, ("forbid", "never"))):
            conditions = rules_on(policy, action, *effects)
            if conditions:
                codes[hand.any_of(conditions)] = code
        found[action] = codes
    return found


def sql_by_hand(policy: TypedPolicy) -> str:
    hand = ByHand(policy.facts, lambda name: name, sql=True)
    columns = []
    for action in policy.actions:
        whens = ""
        for said, effects in (("forbidden", ("forbid", "never")), ("allowed", ("allow",))):
            conditions = rules_on(policy, action, *effects)
            whens += f" WHEN {hand.any_of(conditions)} THEN '{said}'" if conditions else ""
        columns.append(f"CASE{whens} ELSE 'unsaid' END AS {action}" if whens else f"'unsaid' AS {action}")
    return f"SELECT {', '.join(columns)} FROM accounts"


def in_memory(size: int, text: str, rounds: int, name: str) -> list[bool]:
    policy, frame = forbear.loads(text), accounts(ROWS)
    expressions, query = polars_by_hand(policy.typed), sql_by_hand(policy.typed)
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    connection = duckdb.connect()
    connection.register("accounts", frame.to_arrow())
    checked = [*expressions, checked_by_hand(policy.typed)]
    expected = frame.lazy().select(expressions).collect()
    assert policy.apply(frame).cast(pl.String).equals(expected.cast(pl.String))
    names = {"unsaid": 0, "allowed": 1, "forbidden": 2}
    if size < 1000:
        by_numpy = numpy_by_hand(policy.typed, columns)
        for action in policy.typed.actions:
            assert (by_numpy[action] == [names[one] for one in expected[action].to_list()]).all()
    assert connection.sql(query).pl().equals(expected.cast(pl.String))
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: policy.apply(frame),
        "Polars": lambda: frame.lazy().select(expressions).collect(),
        "Polars, streaming": lambda: frame.lazy().select(expressions).collect(engine="streaming"),
        "Polars, streaming, checked": lambda: frame.lazy().select(checked).collect(engine="streaming"),
        "DuckDB": lambda: connection.sql(query).to_arrow_table(),
    }
    if size < 1000:  # it takes a minute
        contenders["NumPy"] = lambda: numpy_by_hand(policy.typed, columns)
    times = dict(zip(contenders, turn_by_turn(list(contenders.values()), rounds), strict=True))
    print(
        f"{size} rules, {name}: "
        + ", ".join(f"{who} {ROWS / took / 1e6:.1f}" for who, took in times.items())
        + " M rows/s"
    )
    best = min(took for who, took in times.items() if who not in ("ours", "Polars, streaming, checked"))
    polars = min(times["Polars"], times["Polars, streaming"])
    held = [verdict(f"{size} rules, to the best by hand", times["ours"] / best, 1 / 0.9)]
    if size >= 1000:
        held.append(verdict(f"{size} rules, to Polars", times["ours"] / polars, 1 / 2.5))
    return held


def cents() -> list[bool]:
    """Ten rules on sums with cents, beside whole numbers."""
    policy, frame = forbear.loads(TEN_RULES), accounts(ROWS)
    expressions = polars_by_hand(policy.typed)
    sums = pl.Series(np.random.default_rng(5).integers(0, 2_000_000, ROWS) / 100)
    frames = {
        "whole numbers": frame,
        "floats": frame.with_columns(overdue_amount=sums),
        "decimals": frame.with_columns(overdue_amount=sums.cast(pl.Decimal(12, 2))),
    }
    contenders: list[Callable[[], object]] = []
    for one in frames.values():
        by_hand = one.lazy().select(expressions)
        assert policy.apply(one).cast(pl.String).equals(by_hand.collect().cast(pl.String))
        contenders += [partial(policy.apply, one), by_hand.collect]
    times = [took * 1000 for took in turn_by_turn(contenders, 15)]
    for name, ours, polars in zip(frames, times[::2], times[1::2], strict=True):
        print(f"10 rules, {name}: ours {ours:.1f} ms a million rows, Polars {polars:.1f}")
    return [verdict("10 rules, floats with cents to whole numbers", times[2] / times[0], 1.5)]


def steady(size: int, text: str, most: float) -> list[bool]:
    """The medians of 20 runs turn by turn, and the slowest of 20 of ours alone, beside that of work which is always the
    same.

    Turn by turn with Polars our slowest is said too, without a limit: in each pause Polars' allocator may give memory
    back, and its threads end later than its answer.
    """
    policy, frame = forbear.loads(text), accounts(ROWS)
    codes = polars_by_hand(policy.typed, codes=True)

    def ours() -> object:
        return policy.apply(frame)

    def theirs() -> object:
        return frame.lazy().select(codes).collect(engine="streaming")

    sets = SETS if size < 1000 else 1  # it takes 20 seconds
    turns = [runs_of(ours, theirs) for _ in range(sets)]
    mine, polars = (statistics.median(runs.times) for runs in turns[0])
    print(f"{size} rules: {mine * 1e3:.1f} ms, Polars {polars * 1e3:.1f} ms; {parts_of(policy, frame)}")
    alone = [runs_of(ours)[0] for _ in range(SETS)]
    once = passes(mine)
    on_one, on_all = (
        [runs_of(partial(same_work, once, threads))[0] for _ in range(SETS)] for threads in (1, pl.thread_pool_size())
    )
    print(f"{size} rules, the slowest of {RUNS} to the median, {SETS} times:")
    print(f"    ours alone {summary(alone)}; turn by turn with Polars {summary([runs for runs, _ in turns])}")
    print(f"    the same comparisons in cache, on one core {summary(on_one)}; on all cores {summary(on_all)}")
    return [
        verdict(f"{size} rules, to Polars by codes, medians of {RUNS}", mine / polars, most),
        verdict(f"{size} rules, the slowest run to the median, as a rule", as_a_rule(alone), 1.3),
    ]


def parts_of(policy: forbear.Policy, frame: pl.DataFrame) -> str:
    """The shares of our work, by the time that the processors take in it."""
    used = dict.fromkeys(("checks", "comparisons", "columns"), 0.0)

    def counted(part: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            start = time.thread_time()
            try:
                return do(*arguments)
            finally:
                used[part] += time.thread_time() - start

        return run

    named = {"read_column": "checks", "read_rest": "checks", "compare": "comparisons", "_verdict_column": "columns"}
    with ExitStack() as stack:
        for name, part in named.items():
            stack.enter_context(patch.object(applying, name, counted(part, getattr(applying, name))))
        start = time.process_time()
        for _ in range(RUNS):
            policy.apply(frame)
        whole = time.process_time() - start
    shares = {**used, "rules and the rest": whole - sum(used.values())}
    return ", ".join(f"{part} {took / whole:.0%}" for part, took in shares.items())


APPLY = """
import sys
sys.path.insert(0, {here!r})
import os
if {cores} == 1:
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from applying import accounts
from measure import turn_by_turn
from workload import many_rules
import forbear
policy, frame = forbear.loads(many_rules(100)), accounts(4_000_000)
print(turn_by_turn([lambda: policy.apply(frame)], 15)[0])
"""


def on_cores() -> list[bool]:
    """Processes of their own, since Polars counts the cores once."""
    best = {1: float("inf"), 2: float("inf")}
    for _ in range(5):
        for cores in best:
            script = APPLY.format(here=str(Path(__file__).parent), cores=cores)
            environment = {**os.environ, "POLARS_MAX_THREADS": str(cores)}
            done = subprocess.run([sys.executable, "-c", script], check=True, env=environment, stdout=subprocess.PIPE)
            best[cores] = min(best[cores], float(done.stdout))
    print("100 rules, 4 M rows: " + ", ".join(f"{cores} cores {4 / took:.1f} M rows/s" for cores, took in best.items()))
    return [verdict("100 rules, two cores to one", best[2] / best[1], 1 / 1.6)]


CASES = """
import sys
sys.path.insert(0, {here!r})
from applying import accounts
accounts(10_000_000).write_parquet({cases!r})
"""
SCRIPT = """
import sys
sys.path.insert(0, {here!r})
import polars as pl
from applying import polars_by_hand
import forbear
expressions = polars_by_hand(forbear.load({policy!r}).typed)
pl.scan_parquet({cases!r}).select("account", *expressions).sink_parquet({out!r})
"""


def from_file_to_file() -> list[bool]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        policy, cases = folder / "p.forbear", folder / "cases.parquet"
        policy.write_text(many_rules(100))
        here = str(Path(__file__).parent)
        # By a process of its own: to those that this one starts its memory counts as theirs.
        subprocess.run([sys.executable, "-c", CASES.format(here=here, cases=str(cases))], check=True)
        script = SCRIPT.format(here=here, policy=str(policy), cases=str(cases), out=str(folder / "theirs.parquet"))
        ours = [sys.executable, "-m", "forbear", "apply", str(policy), str(cases)]
        ours += ["-o", str(folder / "ours.parquet"), "--key", "account"]
        best, peak = [float("inf"), float("inf")], 0.0
        for _ in range(2):
            for who, command in enumerate([ours, [sys.executable, "-c", script]]):
                start = time.perf_counter()
                process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
                _, status, used = os.wait4(process.pid, 0)
                assert status == 0
                best[who] = min(best[who], time.perf_counter() - start)
                if who == 0:
                    peak = max(peak, used.ru_maxrss / 1e6)
        mine, theirs = pl.read_parquet(folder / "ours.parquet"), pl.read_parquet(folder / "theirs.parquet")
        assert mine.cast(pl.String).equals(theirs.cast(pl.String))
        print(f"Parquet to Parquet, 10 M rows, 100 rules: ours {best[0]:.1f} s, a Polars script {best[1]:.1f} s")
        return [
            verdict("from file to file, to a Polars script", best[0] / best[1], 1.3),
            verdict("peak memory, in GB", peak, 2.0),
        ]


def main() -> None:
    if "--files" in sys.argv:
        held = from_file_to_file()
    elif "--steady" in sys.argv:
        held = steady(10, TEN_RULES, 2.0) + steady(100, many_rules(100), 0.6)
        held += steady(1000, many_rules(1000, at_least=2), 0.35)
    elif "--cents" in sys.argv:
        held = cents()
    elif "--cores" in sys.argv:
        held = on_cores()
    else:
        held = in_memory(10, TEN_RULES, 7, "of the article's kind")
        held += in_memory(100, many_rules(100), 5, "at random")
        held += in_memory(1000, many_rules(1000), 2, "at random")
        held += in_memory(1000, many_rules(1000, at_least=2), 2, "at random, none of one comparison alone")
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
