"""Dates, ages, calendars, events and equalities between them, in every engine: none permits what another refuses.

`decide` is held against the reference interpreter, on values that plain arithmetic gives; whatever else answers is held
against `decide`: by day a few thousand cases, at night a million. What follows from events is given outright, or
follows from a history. `test_dates_on_servers` has PostgreSQL and Spark.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import dated
import duckdb
import invoking
import polars as pl
import pytest
from dated import DAY, Dated
from days_ahead import held_by
from jvm import Jvm, running_jvm
from night import NIGHTLY
from node import Node, running_node
from second_evaluator import Evaluator
from second_values import Refused
from strategies import examples
from test_agreement import compiled, reader, run_module

import forbear
from forbear.check.promises.promises import written_case
from forbear.language.model.policy import facts_read
from forbear.semantics import meaning
from forbear.targets.java.module import java_class
from forbear.targets.json_form import json_form
from forbear.targets.policy_data import policy_data
from forbear.targets.sql.statement import select_statement

CASES, AT_MOMENTS, OPEN = (3_500, 48, 20) if NIGHTLY else (120, 12, 5)
"""How many cases of a policy are asked; how many of them later too, and with open facts. At night that is 300 policies,
and an hour of one processor."""
COMPLETIONS = 40
ACTIONS = ("sms", "letter")
OPENED = ("birth", "due", "paid", "cap", "score", "open_days", "grade", "agreed", "late", *dated.OF_EVENTS)
DAYS = 14
FOLLOWS = ("today", "weekday", "working", "feast")
Verdicts = tuple[str, ...] | None
"""What is said of each action; None of a case that is refused."""
Answers = Callable[[Dated, pl.DataFrame], pl.DataFrame]
"""What an engine of SQL says of the rows of a frame."""


class Modules(NamedTuple):
    """What runs modules of other languages; Java at night, as its compiler takes half a second a policy."""

    node: Node
    jvm: Jvm | None


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modules]:
    folder = tmp_path_factory.mktemp("modules")
    with running_node(folder) as node, running_jvm(folder) if NIGHTLY else contextlib.nullcontext() as jvm:
        yield Modules(node, jvm)


def decided(policy: forbear.Policy, case: Mapping[str, Any], on: Any = None, at: Any = None) -> Verdicts:
    try:
        decision = policy.decide(case, on, at)
    except forbear.CaseError:
        return None
    return tuple(decision[action].verdict.value for action in ACTIONS)


@pytest.mark.parametrize("part", range(30, 35 if NIGHTLY else 32))
def test_no_engine_permits_what_another_refuses(part: int, others: Modules, tmp_path: Path) -> None:
    tried: Counter[str] = Counter()
    for number in range(examples(9, by_night=1)):
        seed = f"{part} {number}"
        asked = dated.drawn(random.Random(seed))
        try:
            tried.update(held(asked, random.Random(f"cases {seed}"), others, tmp_path))
        except AssertionError as error:
            raise AssertionError(f"policy {seed!r}, on {asked.day}:\n{asked.text}\n{error}") from error
    assert min(tried["decided"], tried["open"], tried["when"], tried["histories"]) >= CASES // 2, tried


def held(asked: Dated, chance: random.Random, others: Modules, folder: Path) -> Counter[str]:
    """Holds all engines against `decide`. Counts what was asked."""
    cases = asked.cases(chance, CASES)
    said = [decided(asked.policy, case, on=asked.day) for case in cases]
    tried = Counter({"cases": len(cases), "decided": sum(verdicts is not None for verdicts in said)})
    by_meaning(asked, cases, said)
    modules(asked, cases, said, others)
    sql(asked, cases, said, on_duckdb)
    frames(asked, cases, said)
    files(asked, cases, said, folder)
    if not asked.policy.typed.dated:
        by_its_own_day(asked, cases, said, chance)
        without_a_day(asked, cases, chance)
    if set(dated.OF_EVENTS) & set(facts_read(asked.policy.typed)):
        tried["histories"] += histories(asked, cases[: CASES // 2], chance, others, folder)
    tried["when"] += at_moments(asked, cases[:AT_MOMENTS], chance)
    tried["when"] += day_by_day(asked, cases[:AT_MOMENTS])
    for case in cases[:OPEN]:
        tried["open"] += opened(asked, case, chance)
    return tried


def histories(
    asked: Dated, cases: Sequence[Mapping[str, Any]], chance: random.Random, others: Modules, folder: Path
) -> int:
    """The cases with events, at noon in UTC, as each engine has these: as they are, or as what follows from them."""
    at = f"{asked.day}T12:00Z"
    given = [asked.with_history(case, chance) for case in cases]
    said = [decided(asked.policy, case, at=at) for case in given]
    by_meaning(asked, given, said)
    modules(asked, given, said, others, at)
    sql(asked, given, said, on_duckdb)
    for case in given[:20]:
        try:
            derived = asked.policy.derive(case, at)
        except forbear.CaseError:
            continue
        follows = {**asked.following(case), "today": asked.day}
        assert derived == {name: follows[name] for name in derived}, case
    texts = table([{**case, "history": json.dumps(case["history"])} for case in given], list(given[0]), typed=False)
    assert rows(asked.policy.apply(texts, at=at)) == said, "histories in columns"
    policy = invoking.write(folder, asked.text)
    (folder / "histories.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in given), encoding="utf-8")
    texts.write_parquet(folder / "histories.parquet")
    for ending in ("jsonl", "parquet"):
        out = folder / f"histories-{ending}.parquet"
        invoking.forbear("apply", policy, folder / f"histories.{ending}", "-o", out, "--at", at)
        assert rows(pl.read_parquet(out)) == said, ending
    return len(given)


def by_its_own_day(
    asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts], chance: random.Random
) -> None:
    """The cases without `on`, with all that follows from the day that they name, which may be another weekday."""
    full = [{**asked.following(case), **case} for case in cases]
    wanted = list(said)
    for place, case in enumerate(full):
        if chance.random() < 0.2:
            case["weekday"] = chance.choice(dated.WEEKDAYS)
            wanted[place] = said[place] if case["weekday"] == cases[place]["weekday"] else None
    whole = [place for place, case in enumerate(full) if case.keys() >= dated.OF.keys()]
    full, wanted = [full[place] for place in whole], [wanted[place] for place in whole]
    assert [decided(asked.policy, case) for case in full] == wanted
    assert rows(asked.policy.apply(table(full, list(asked.policy.typed.facts), typed=False))) == wanted


def without_a_day(asked: Dated, cases: Sequence[Mapping[str, Any]], chance: random.Random) -> None:
    """The cases with what follows from their dates and no day: of a date and its age both are none, or neither."""
    typed = asked.policy.typed
    full = [{**asked.following(case), **case} for case in cases]
    full = [case for case in full if case.keys() >= dated.OF.keys()]
    for case in full:
        del case["today"]
        for name, of in dated.OF.items():
            if asked.absent[of] and chance.random() < 0.3:
                none = "none" if asked.absent[of] == "none" else None
                case[name] = dated.WRONG[name] if case[name] == none else none
    said = [decided(asked.policy, case) for case in full]
    decide, read = module(asked.text), reader(typed)
    for case, verdicts in zip(full, said, strict=True):
        if any((case[name] in (None, "none")) != (case[of] in (None, "none")) for name, of in dated.OF.items()):
            assert verdicts is None, case
        if verdicts is None:
            with pytest.raises(ValueError, match="`"):
                decide(case)
            with pytest.raises(forbear.CaseError):
                asked.policy.partial(case, [])
        else:
            expected = meaning.decide(typed, read(case), None)
            assert verdicts == tuple(expected[action].verdict.value for action in ACTIONS), case
    if full and "today" not in facts_read(typed):
        assert rows(asked.policy.apply(table(full, list(full[0]), typed=False))) == said


def by_meaning(asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts]) -> None:
    typed = asked.policy.typed
    needed, read = facts_read(typed), reader(typed)
    for case, verdicts in zip(cases, said, strict=True):
        follows = asked.following(case)
        ages = [name for name in dated.OF if name in needed or name in case]
        contradicts = any(name in case and case[name] != follows.get(name) for name in follows)
        if contradicts or any(name not in follows for name in ages):
            assert verdicts is None, case
        if verdicts is not None:
            known = read({**alone(case), **{name: follows[name] for name in follows if name in needed}})
            expected = meaning.decide(typed, known, asked.day.toordinal())
            assert verdicts == tuple(expected[action].verdict.value for action in ACTIONS), case


@lru_cache(maxsize=1)
def module(text: str) -> Callable[..., dict[str, Any]]:
    return run_module(compiled(forbear.loads(text).typed))


def modules(
    asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts], others: Modules, at: str | None = None
) -> None:
    """The module of Python, the second evaluator, the class of Java, and the policy in JavaScript, of cases with what
    follows from their dates and events."""
    second, day = Evaluator(json.loads(json_form(asked.policy.typed))), None if at else str(asked.day)
    for decide in (module(asked.text), second.decide):
        for case, verdicts in zip(cases, said, strict=True):
            try:
                answer = decide(case, day, at)
            except (ValueError, Refused):
                assert verdicts is None, (decide, case)
            else:
                assert tuple(answer[action]["verdict"] for action in ACTIONS) == verdicts, (decide, case)
    full = [(outright(asked, case), str(asked.day)) for case in cases]
    answers = others.node.ask(data=policy_data(asked.policy.typed), cases=full)
    for (case, _), verdicts, answer in zip(full, said, answers, strict=True):
        if verdicts is not None:
            assert tuple(answer[action]["verdict"] for action in ACTIONS) == verdicts, ("JavaScript", case)
    if others.jvm is not None:
        name = f"Policy{hashlib.sha256(asked.text.encode()).hexdigest()}"
        assert others.jvm.compile({f"{name}.java": java_class(asked.policy.typed, name)}) == ""
        given = [(case, day, at) for case in cases]
        for case, verdicts, answer in zip(cases, said, others.jvm.decide(name, given), strict=True):
            if isinstance(answer, list):
                assert verdicts is None, ("Java", case, answer)
            else:
                found = tuple(answer.get(action, {"verdict": "unsaid"})["verdict"] for action in ACTIONS)
                assert found == verdicts, ("Java", case)


def outright(asked: Dated, case: Mapping[str, Any]) -> dict[str, Any]:
    """A case with what follows from its dates and events in place of the events."""
    return {**alone(case), **asked.following(case)}


def alone(case: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a case, without its events and weekly hours."""
    return {name: value for name, value in case.items() if name not in ("zone", "history_from", "history", "spared")}


def table(cases: Sequence[Mapping[str, Any]], names: Sequence[str], *, typed: bool) -> pl.DataFrame:
    """Cases as a frame: of texts as cases have them, or typed, where a null is a date that is none too."""
    columns = []
    for name in names:
        values = [case.get(name) for case in cases]
        if typed and name in ("birth", "due", "paid", "today"):
            dates = [None if value in (None, "none") else datetime.date.fromisoformat(value) for value in values]
            columns.append(pl.Series(name, dates, dtype=pl.Date))
        elif name == "grade" or any(isinstance(value, str) for value in values):
            columns.append(
                pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
            )
        else:
            dtype = pl.Boolean if any(isinstance(value, bool) for value in values) else pl.Int64
            columns.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(columns)


def rows(answer: pl.DataFrame) -> list[Verdicts]:
    found = answer.select(ACTIONS).cast(pl.String).rows()
    return [None if "undecided" in row else row for row in found]


def frames(asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts]) -> None:
    names = list(cases[0])
    assert rows(asked.policy.apply(table(cases, names, typed=False), on=asked.day)) == list(said), "texts in columns"
    none = [name for name, what in asked.absent.items() if what == "none"]
    if not any(case.get(name) == "none" for name in dated.OF for case in cases):
        typed = table(cases, names, typed=True)
        assert rows(asked.policy.apply(typed, on=asked.day, none=none)) == list(said), "dates in columns"
    moment = {name: [case[name] for case in cases] for name in names if name not in ("today", "weekday")}
    at = f"{asked.day}T12:00"
    without = [
        {name: values[place] for name, values in moment.items()} | {"zone": "UTC"} for place in range(len(cases))
    ]
    assert rows(asked.policy.apply(table(without, [*moment, "zone"], typed=False), at=at)) == list(said), "at a moment"


def files(asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts], folder: Path) -> None:
    policy = invoking.write(folder, asked.text)
    frame = table(cases, list(cases[0]), typed=False)
    frame.write_csv(folder / "cases.csv")
    frame.write_parquet(folder / "cases.parquet")
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in cases), encoding="utf-8")
    for ending in ("csv", "jsonl", "parquet"):
        out = folder / f"out-{ending}.parquet"
        invoking.forbear("apply", policy, folder / f"cases.{ending}", "-o", out, "--on", str(asked.day))
        assert rows(pl.read_parquet(out)) == list(said), ending


def sql(asked: Dated, cases: Sequence[Mapping[str, Any]], said: Sequence[Verdicts], answers: Answers) -> None:
    """Of the cases that can be decided, with what follows from their dates and events."""
    full = [outright(asked, case) for case, verdicts in zip(cases, said, strict=True) if verdicts]
    if not full:
        return
    own = [{name: None if value == "none" else value for name, value in case.items()} for case in full]
    frame = table(own, list(asked.policy.typed.facts), typed=True).insert_column(0, pl.Series("place", range(len(own))))
    found = answers(asked, frame).sort("place")
    assert rows(found) == [verdicts for verdicts in said if verdicts], "SQL"


def on_duckdb(asked: Dated, frame: pl.DataFrame) -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.register("cases", frame.to_arrow())
        query = select_statement(asked.policy.typed, "duckdb", asked.day.toordinal()).rstrip(";\n ")
        return pl.DataFrame(connection.sql(query).to_arrow_table())


def at_moments(asked: Dated, cases: Sequence[Mapping[str, Any]], chance: random.Random) -> int:
    """`when`, `valid_until` and the stretches of columns: at each noon and midnight what `decide` says then."""
    zone = chance.choice(["UTC", "America/New_York", "Pacific/Auckland"])
    at = datetime.datetime.combine(asked.day, datetime.time(12), datetime.UTC)
    own = [
        {**{name: value for name, value in case.items() if name not in ("today", "weekday")}, "zone": zone}
        for case in cases
    ]
    if chance.random() < 0.5:
        own = [asked.with_history(case, chance, zone) for case in own]
    action = chance.choice(ACTIONS)
    texts = [{**case, "history": json.dumps(case["history"])} if "history" in case else case for case in own]
    looked = asked.policy.apply(table(texts, list(own[0]), typed=False), at=at, when=[action], days=DAYS)
    number = 0
    for case, start, end in zip(own, looked[f"{action}_from"], looked[f"{action}_until"], strict=True):
        if decided(asked.policy, case, at=at) is None:
            assert start is end is None, case
            continue
        found = asked.policy.when(action, case, at, f"{DAYS} days")
        permitted = [interval for interval in found if interval.permitted]
        assert start == (permitted[0].start if permitted else None), ("apply", case)
        for interval, following in itertools.pairwise(permitted):
            if interval.end != following.start:
                permitted = permitted[: permitted.index(interval) + 1]
                break
        last = permitted[-1].end if permitted else None
        if found.held and start is not None:
            last = min(last or start, midnight(start, zone))
        assert end == (last if last != at + DAYS * DAY else None), ("apply", case, end, last)
        decision = asked.policy.decide(case, at=at)
        now, valid = decided(asked.policy, case, at=at), decision.valid_until or at + DAYS * DAY
        for hours in range(0, 24 * DAYS, 6):
            moment = at + datetime.timedelta(hours=hours)
            [its] = [interval for interval in found if interval.start <= moment < interval.end]
            days = moment.astimezone(its.start.tzinfo).date() - at.astimezone(its.start.tzinfo).date()
            verdicts = decided(asked.policy, moved(case, days.days), at=moment)
            assert verdicts == now or moment >= valid, ("valid", moment, case)
            verdict = "undecided" if verdicts is None else verdicts[ACTIONS.index(action)]
            assert (its.verdict.value if its.verdict else "undecided") == verdict, ("when", moment, case)
            number += 1
    return number


def midnight(moment: datetime.datetime, zone: str) -> datetime.datetime:
    """When the next day of a zone begins."""
    tomorrow = moment.astimezone(ZoneInfo(zone)).date() + DAY
    return datetime.datetime.combine(tomorrow, datetime.time(), ZoneInfo(zone))


def moved(case: Mapping[str, Any], days: int) -> dict[str, Any]:
    """A case as it is so many days later: what counts days and is given has gone on by them, and what follows from the
    day is what it is then."""
    if days == 0:
        return {**case}
    follows = {"working", "feast", *[name for name, of in dated.OF.items() if of in case]}
    found = {name: value for name, value in case.items() if name not in follows} | {"late": case["late"] + days}
    for name, by in (("left", -days), ("quiet", days)):
        if isinstance(found.get(name), int):
            found[name] += by
    return found


def day_by_day(asked: Dated, cases: Sequence[Mapping[str, Any]]) -> int:
    """The stretches of columns by days, if these can be looked ahead."""
    names = [name for name in cases[0] if name not in ("today", "weekday")]
    own = [{name: case[name] for name in names} for case in cases]
    looked = []
    for apart in ([], ["birth", "due"]):
        some = [{name: value for name, value in case.items() if name not in apart} for case in own]
        try:
            frame = table(some, list(some[0]), typed=False)
            looked.append((some, asked.policy.apply(frame, on=asked.day, when=ACTIONS, days=DAYS)))
        except forbear.CaseError:
            continue
    for some, answer in looked:
        for place, action in enumerate(ACTIONS):
            for case, start, end in zip(some, answer[f"{action}_from"], answer[f"{action}_until"], strict=True):
                is_permitted = []
                for day in range(DAYS + 1):
                    verdicts = decided(asked.policy, moved(case, day), on=asked.day + day * DAY)
                    is_permitted.append(verdicts is not None and verdicts[place] in ("allowed", "required"))
                if decided(asked.policy, case, on=asked.day) is None:
                    is_permitted = [False]
                first = is_permitted.index(True) if True in is_permitted else None
                last = None if first is None or False not in is_permitted[first:] else is_permitted.index(False, first)
                held = held_by(asked.policy, action, case)
                if first is not None and first < DAYS and any(case[name] not in (None, "none") for name in held):
                    last = first + 1
                days = [None if day is None else asked.day + day * DAY for day in (first, last)]
                assert [start, end] == days, ("by days", action, case)
    return sum(len(some) * DAYS for some, _ in looked)


def opened(asked: Dated, case: Mapping[str, Any], chance: random.Random) -> int:
    """A case of which some facts are open, by its day or at its moment, as each of the values that they can have
    together is decided; and what is asked next."""
    names = list(dict.fromkeys([chance.choice(["birth", "due"]), *chance.sample(OPENED, chance.choice([0, 1, 1, 2]))]))
    given = {name: value for name, value in case.items() if name not in (*names, *dated.OF)}
    of_events = set(dated.OF_EVENTS)
    now: dict[str, Any] = {"on": asked.day}
    if chance.random() < 0.3:
        now = {"at": f"{asked.day}T12:00"}
        given = {name: value for name, value in given.items() if name not in FOLLOWS} | {"zone": "UTC"}
        if of_events.isdisjoint(names):
            given = asked.with_history(given, chance)
    completions = []
    for _ in range(COMPLETIONS):
        values = {name: asked.value(name, chance) for name in names}
        full = {**given, **values}
        if None not in values.values() and (of_events.isdisjoint(names) or dated.is_of_events(full, asked.day)):
            completions.append((values, decided(asked.policy, full, **now)))
    outcomes, codes = outcomes_of(asked, given, names, now)
    if outcomes is None:
        too_hard = codes <= {"too-many-cases", "cases-of-relations", "cases-of-dates"}
        assert too_hard or all(verdicts is None for _, verdicts in completions), ("open", names, given, codes)
        return 0
    for values, verdicts in completions:
        if verdicts is None:
            continue
        full = {**asked.following({**given, **case, **values}), **values}
        for action, verdict in zip(ACTIONS, verdicts, strict=True):
            holding = [outcome for outcome in outcomes[action] if outcome.holds(full)]
            assert [outcome.verdict.value for outcome in holding] == [verdict], ("open", names, given, values)
    for place, action in enumerate(ACTIONS):
        try:
            settled = asked.policy.ask(action, given, **now).settled
        except forbear.CaseError:
            continue
        if settled is not None:
            found = {verdicts[place] for _, verdicts in completions if verdicts is not None}
            assert found <= {settled.verdict.value}, ("asked", names, given)
    return len(completions)


def outcomes_of(
    asked: Dated, given: Mapping[str, Any], names: Sequence[str], now: Mapping[str, Any]
) -> tuple[forbear.Partial | None, set[str]]:
    """What may come of a case, or the codes of why that is not said."""
    try:
        return asked.policy.partial(given, names, **now), set()
    except forbear.CaseError as error:
        return None, {fault.code for fault in error.faults}


# The smallest of what was found


AGED = "fact birth date\nfact age years since birth\naction a\nrule young: age <= 17 then allow a\n"


def test_no_outcome_holds_of_a_date_that_has_no_age_yet() -> None:
    outcomes = forbear.loads(AGED).partial({}, ["birth"], on="2026-03-09")["a"]
    assert [outcome.holds({"birth": "2026-03-09"}) for outcome in outcomes] == [True, False]
    assert [outcome.holds({"birth": "2026-03-10"}) for outcome in outcomes] == [False, False]


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ({"due": None, "left": 30}, "undecided"),
        ({"due": "2026-03-20", "left": None}, "undecided"),
        ({"due": None, "left": None}, "unsaid"),
        ({"due": "2026-03-20", "left": 11}, "allowed"),
    ],
)
def test_an_unknown_date_contradicts_what_would_follow_from_it_in_columns_too(
    case: dict[str, Any], verdict: str, tmp_path: Path
) -> None:
    text = "fact due date optional\nfact left days until due\naction a\nrule soon: left <= 40 then allow a\n"
    policy, path = forbear.loads(text), invoking.write(tmp_path, text)
    with pytest.raises(forbear.CaseError) if verdict == "undecided" else contextlib.nullcontext():
        assert policy.decide(case, on="2026-03-09")["a"].verdict.value == verdict
    frame = pl.DataFrame([case], schema={"due": pl.String, "left": pl.Int64})
    frame.write_csv(tmp_path / "cases.csv")
    frame.write_parquet(tmp_path / "cases.parquet")
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), encoding="utf-8")
    for own in (frame, frame.to_pandas(), frame.to_arrow()):
        answer = pl.DataFrame(policy.apply(own, on="2026-03-09"))
        assert answer["a"].to_list() == [verdict], type(own)
        zoned = pl.DataFrame(own).with_columns(zone=pl.lit("UTC"))
        assert policy.apply(zoned, at="2026-03-09T12:00")["a"].to_list() == [verdict]
    for name in ("cases.csv", "cases.jsonl", "cases.parquet"):
        invoking.forbear("apply", path, tmp_path / name, "-o", tmp_path / "out.parquet", "--on", "2026-03-09")
        assert pl.read_parquet(tmp_path / "out.parquet")["a"].to_list() == [verdict], name


TODAY = "fact today date of decision\nfact weekday weekday of decision\naction a\nrule r: {} then allow a\n"


@pytest.mark.parametrize("condition", ["weekday is saturday", "weekday is saturday and today > 2026-01-01"])
def test_a_weekday_that_is_not_that_of_today_is_refused_by_every_door(condition: str) -> None:
    policy, case = forbear.loads(TODAY.format(condition)), {"today": "2026-03-09", "weekday": "saturday"}
    frame = pl.DataFrame([case, {**case, "weekday": "monday"}])
    for decide in (
        policy.decide,
        lambda case: policy.partial(case, []),
        lambda case: policy.explain("a", case),
        run_module(compiled(policy.typed)),
        lambda case: forbear.loads(f"{TODAY.format(condition)}fact n count").decide({**case, "n": 1}),
    ):
        with pytest.raises(ValueError, match='`weekday` is given as "saturday", and by `today` it is "monday"'):
            decide(case)
        decide({**case, "weekday": "monday"})
    assert policy.apply(frame)["a"].to_list() == ["undecided", "unsaid"]
    if "today" in condition:  # else `permits` reads no more than the weekday
        with pytest.raises(forbear.CaseError, match="by `today` it is"):
            policy.permits("a", case)


@pytest.mark.parametrize("given", ["", "weekday sunday", "weekday wednesday", "today 2026-03-09", "working yes"])
def test_what_a_short_case_leaves_out_is_of_one_day(given: str) -> None:
    calendar = 'calendar c "a test" covers 2026-01-05 to 2026-12-31\n  weekend saturday, sunday\n'
    text = f"{calendar}{TODAY}fact working working day of c\nrule rest: working then forbid a overrides all\n"
    policy = forbear.loads(text.format("weekday is saturday and today > 2026-01-01"))
    case = written_case(given, policy.typed, facts_read(policy.typed))
    policy.decide(case.case, on=case.on)
