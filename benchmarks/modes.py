"""What each mode and constant of the deciders and of columns gains: it is turned off, or set to other values.

A gain is the time with the mode changed over the time as it is, each the least of many rounds, turn by turn in one
process. Times are those of the process, so that others on the machine hardly matter; the gains of threads, which need
the clock, are to be measured on an idle machine.

A mode that gains less than 1.3 anywhere is not worth its lines.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
from applying import accounts
from attrs import evolve, frozen
from peers.rules import Case, forbear_text, rules
from peers.rules import cases as narrow_cases
from workload import ACTIONS, TEN_RULES, many_rules, with_cents
from workload import cases as broad_cases

import forbear
from forbear.deciding.deciders import decider, methods
from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision
from forbear.language.model.facts import Fact
from forbear.portfolio import applier, applying
from forbear.portfolio.by_rows import apply_by_rows, cases_of
from forbear.portfolio.io import values
from forbear.portfolio.verdicts import comparing, plan
from forbear.space.predicates import decimals, reading
from forbear.space.predicates.specs import Specs

SIZES = (10, 100, 1_000, 10_000)
ROWS = (10_000, 131_072, 1_000_000)
CHUNK = {10: 800, 100: 800, 1_000: 400, 10_000: 100}
CHUNKS = 30
ROUNDS = 15
SECONDS = 10.0
"""How long the rounds of columns may take, past the first three."""
NEVER = 1 << 60

Change = tuple[object, str, object]
"""A module or class, a name in it, and what that is to be."""


@frozen
class Mode:
    """A mode or constant, and its changes by a word for each."""

    name: str
    changes: Mapping[str, Sequence[Change]]
    asked: str = ""
    """Of a decider: `decide`; `all`, which reads each action of the decision; or `permits`, of one action."""


def constant(name: str, owner: object, attribute: str, others: Sequence[float], asked: str = "") -> Mode:
    """The mode that is a constant, and other values of it."""
    words = ["never" if value is NEVER else f"{value:,}" for value in others]
    return Mode(name, {word: [(owner, attribute, value)] for word, value in zip(words, others, strict=True)}, asked)


def off(name: str, owner: object, attribute: str, without: object, asked: str = "") -> Mode:
    """The mode that is off where something else stands for a function or value."""
    return Mode(name, {"off": [(owner, attribute, without)]}, asked)


@contextmanager
def changed(changes: Sequence[Change]) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, attribute, value in changes:
            stack.enter_context(patch.object(owner, attribute, value))
        yield


# Deciders


def _by_the_kernel(rules: methods.ActionRules, holding: int) -> ActionDecision:
    return methods.decide_with_unknowns(rules, holding, holding, frozenset())


def _slowly(unread: Sequence[Fact], tables: Specs) -> Callable[[Mapping[str, object]], int]:
    def others(case: Mapping[str, object]) -> int:
        names = [name for name in case if name not in tables.needed]
        for name in names:
            kernel.read_value(tables.facts[name], case[name])
        return len(names)

    return others


def _each(actions: Mapping[str, methods.ActionRules]) -> Callable[[int], Mapping[str, ActionDecision]]:
    return lambda holding: {action: methods.decide_action(rules, holding) for action, rules in actions.items()}


DECIDERS = [
    constant("rows of bits (`MANY`)", decider, "MANY", [NEVER, 0], "decide"),
    constant("rows of bits (`MANY`)", decider, "MANY", [NEVER, 0], "permits"),
    off("few rules: a memo of decisions", methods.FewRules, "memoised", False, "decide"),
    off("few rules: a memo of answers", methods.FewRules, "memoised", False, "permits"),
    off("reading in compiled code", reading, "of_case", lambda *_, **__: lambda case: None, "decide"),
    off("reading in compiled code", reading, "of_case", lambda *_, **__: lambda case: None, "permits"),
    Mode(
        "plain facts that no rule reads",
        {"off": [(reading, "FEW", 0), (reading, "_of_many", _slowly)]},
        "decide",
    ),
    constant("these facts in compiled code (`FEW`)", reading, "FEW", [0], "decide"),
    constant("decided when read (`LONG`)", methods, "LONG", [NEVER, 0, 500, 2_000], "decide"),
    constant("decided when read (`LONG`)", methods, "LONG", [NEVER, 0, 500, 2_000], "all"),
    constant("a memo of each action (`MEMOISED`)", methods, "MEMOISED", [0, 2_000, 200_000], "decide"),
    off("a memo of each action", methods, "_memoised", _each, "decide"),
    off("an action by tables", methods, "decide_action", _by_the_kernel, "all"),
]  # fmt: skip


WITH_CENTS = [
    off("decimals in compiled code", decimals, "places_of", lambda fact: 0, "decide"),
    off("decimals in compiled code", decimals, "places_of", lambda fact: 0, "permits"),
]


def asking(policy: forbear.Policy, asked: str, of_decision: bool = False) -> Callable[[Case], object]:
    """A new decider's answer to a case."""
    if asked == "permits" and not of_decision:
        return decider.decider(policy.typed, ACTIONS[6]).permits
    decide = decider.decider(policy.typed).decide
    if asked == "permits":
        return lambda case: decide(case).permits(ACTIONS[6])
    if asked == "decide":
        return decide

    def decide_all(case: Case) -> None:
        decision = decide(case)
        for action in ACTIONS:
            decision[action]

    return decide_all


def of_deciders(policy: forbear.Policy, chunks: Sequence[Sequence[Case]], modes: Sequence[Mode]) -> dict[str, float]:
    """The gain of each change, by its name, and what is asked."""
    gains = {}
    for asked in ("decide", "all", "permits"):
        asks: dict[str, tuple[Callable[[Case], object], Sequence[Change]]]
        asks = {"": (asking(policy, asked), ())}
        for mode in modes:
            for word, changes in mode.changes.items() if mode.asked == asked else ():
                with changed(changes):
                    asks[f"{mode.name}: {word}"] = asking(policy, asked), changes
        if asked == "permits":
            asks["a decider of one action: off"] = asking(policy, asked, of_decision=True), ()
        best = dict.fromkeys(asks, float("inf"))
        for chunk in chunks:
            half = len(chunk) // 2
            for case in chunk:
                case.copy()  # reads it, so that the first to be asked does not pay for that
            for one, (ask, changes) in asks.items():
                with changed(changes):
                    for case in chunk[:half]:  # brings its own tables back into the processor's cache
                        ask(case)
                    start = time.process_time()
                    for case in chunk[half:]:
                        ask(case)
                    best[one] = min(best[one], time.process_time() - start)
        as_is = best.pop("")
        gains.update({f"{one} ({asked})": took / as_is for one, took in best.items()})
    return gains


# Columns


def _by_rules(tables: Specs, in_force: int) -> plan.Plan:
    """A plan without formulas of verdicts."""
    planned = plan.plan(tables, in_force)
    return evolve(planned, outcomes={}, cells_for_verdicts=planned.cells_for_rules)


def _one_by_one(do: Callable[[Any], Any], items: Sequence[Any], threads: int) -> list[Any]:
    return [do(item) for item in items]


def _by_rows(planned: plan.Plan, frame: pl.DataFrame, rows: int, options: applying.Options) -> applying.Applied:
    cases = cases_of(frame, rows, planned.facts, options)
    return apply_by_rows(planned.tables, cases, decider.decider(planned.tables.policy).decide, options)


def _not_plain(spec: kernel.FactSpec, series: pl.Series) -> values._Found:
    nothing = np.zeros(len(series), np.bool_)
    return values._Found(np.zeros(len(series), np.int64), (0, 0), Fraction(1), nothing)


COLUMNS = [
    off("numbers and texts by Numba", comparing, "loops", lambda: None),
    off("texts by Numba", comparing, "_has_view", lambda value: False),
    off("formulas of verdicts", applier, "plan", _by_rules),
    off("formulas made lean", plan, "_lean", lambda formula, axes, covered: formula),
    constant("one thread, no loops (`_FEW`)", applying, "_FEW", [NEVER, 0]),
    constant("rows of a block (`BLOCK`)", applying, "BLOCK", [1 << 16, 1 << 18, 1 << 20]),
]
READING = [
    off("decided by columns", applier, "apply", _by_rows),
    off("numbers read by columns", values, "_fast", _not_plain),
]
"""Off, they take so long that the fewest rows do."""
BY_CLOCK = [off("threads", applying, "shared", _one_by_one)]


def of_columns(
    policy: forbear.Policy,
    frame: pl.DataFrame,
    modes: Sequence[Mode],
    clock: Callable[[], float],
) -> dict[str, float]:
    """The gain of each change, by its name."""

    def answer(changes: Sequence[Change]) -> tuple[Callable[[], object], Sequence[Change]]:
        with changed(changes):
            made = applier.Applier(policy.typed, policy.decide)
            request = made.request(frame.columns, None, None, names={})
        return lambda: made.answer(request, frame, frame.height), changes

    answers = {"": answer(())}
    for mode in modes:
        answers.update({f"{mode.name}: {word}": answer(changes) for word, changes in mode.changes.items()})
    best = dict.fromkeys(answers, float("inf"))
    began = time.perf_counter()
    for rounds in range(ROUNDS):
        for one, (apply, changes) in answers.items():
            if rounds and best[one] > 5 * best[""]:
                continue  # far too slow to matter how much
            with changed(changes):
                for _ in range(2):  # so that none pays for what another one left
                    start = clock()
                    apply()
                    best[one] = min(best[one], clock() - start)
        if time.perf_counter() - began > SECONDS and rounds > 1:
            break
    as_is = best.pop("")
    return {one: took / as_is for one, took in best.items()}


def table(head: str, by_size: Mapping[int, Mapping[str, float]]) -> None:
    """Prints a row for each change: by how much the mode as it is is faster."""
    print(f"\n| {head} | " + " | ".join(f"{size:,} rules" for size in by_size) + " |")
    print("|---|" + "---|" * len(by_size))
    for one in dict.fromkeys(one for gains in by_size.values() for one in gains):
        print(f"| {one} | " + " | ".join(f"{gains[one]:.2f}" for gains in by_size.values()) + " |")


def main() -> None:
    gc.disable()
    sys.set_int_max_str_digits(0)  # of rows that are compiled only where `LONG` is changed
    asked = sys.argv[1:] or ["deciders", "columns"]
    if "deciders" in asked:
        for name, modes, text_of, cases, form in (
            ("narrow rules", DECIDERS, lambda size: forbear_text(rules(size)), narrow_cases, "whole numbers"),
            ("rules of any width, with reasons", DECIDERS, many_rules, broad_cases, "whole numbers"),
            ("sums as `Decimal`", WITH_CENTS, many_rules, broad_cases, "Decimal"),
            ("sums as `float`", WITH_CENTS, many_rules, broad_cases, "float"),
            ("sums as text", WITH_CENTS, many_rules, broad_cases, "text"),
        ):
            by_size = {}
            for size in SIZES:
                drawn = with_cents(cases(CHUNK[size] * CHUNKS), form)
                chunks = [drawn[start : start + CHUNK[size]] for start in range(0, len(drawn), CHUNK[size])]
                by_size[size] = of_deciders(forbear.loads(text_of(size)), chunks, modes)
            table(f"One case, {name}", by_size)
    if "columns" in asked:
        whole = accounts(max(ROWS)).drop("account")
        policies = {size: forbear.loads(TEN_RULES if size == 10 else many_rules(size)) for size in SIZES[:3]}
        for rows in ROWS:
            frame = whole.head(rows)
            for name, modes, clock in (
                ("by processor time", COLUMNS if rows > ROWS[0] else [*COLUMNS, *READING], time.process_time),
                ("by the clock", BY_CLOCK, time.perf_counter),
            ):
                by_columns = {size: of_columns(policy, frame, modes, clock) for size, policy in policies.items()}
                table(f"{rows:,} rows, {name}", by_columns)


if __name__ == "__main__":
    main()
