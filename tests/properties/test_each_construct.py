"""Each construct of spans, windows, hours and sums through every door: whatever reads, decides, compares or shows a
policy takes it, and all that decide say the same. What each door says in full is tested in its own room.
`test_dates_on_servers` has PostgreSQL and Spark, `test_shown` of the language server its protocol.

Java is asked at night, as its compiler takes half a second a policy.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from constructs import AT, CONSTRUCTS, EXPECTED, case_of, columns, policy_text
from jvm import Jvm, running_jvm
from night import NIGHTLY
from node import Node, running_node
from second_evaluator import Evaluator
from test_agreement import compiled, run_module

import forbear
from forbear.analysis.comparison.conformance import conformance
from forbear.analysis.comparison.difference import difference
from forbear.analysis.mutation.score import mutation_score
from forbear.editors.editing.completing import completions
from forbear.editors.editing.looking import hover
from forbear.editors.editing.reading import read
from forbear.editors.editing.showing.colours import colours
from forbear.editors.studio.session import Session
from forbear.targets.java.module import java_class
from forbear.targets.json_form import json_form
from forbear.targets.policy_data import policy_data
from forbear.targets.sql.statement import select_statement


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_node(tmp_path_factory.mktemp("constructs")) as running:
        yield running


@pytest.fixture(scope="module")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jvm | None]:
    with running_jvm(tmp_path_factory.mktemp("java")) if NIGHTLY else contextlib.nullcontext() as running:
        yield running


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_all_that_decide_say_the_same(construct: str, node: Node, jvm: Jvm | None) -> None:
    policy, case = forbear.loads(policy_text(construct)), case_of(construct)

    def said(answer: Any) -> dict[str, str]:
        return {action: str(answer[action]["verdict"]) for action in EXPECTED}

    decision = policy.decide(case, at=AT)
    assert {action: decision[action].verdict.value for action in EXPECTED} == EXPECTED
    assert said(run_module(compiled(policy.typed))(case, at=AT)) == EXPECTED
    assert said(Evaluator(json.loads(json_form(policy.typed))).decide(case, at=AT)) == EXPECTED
    frame = pl.DataFrame([{**case, "history": json.dumps(case["history"])} if "history" in case else case])
    assert policy.apply(frame, at=AT).select("call", "sms").row(0, named=True) == EXPECTED
    row = columns(policy, case)
    of_json = {name: value if isinstance(value, bool | int) else str(value) for name, value in row.items()}
    [answer] = node.ask(data=policy_data(policy.typed), cases=[(of_json, None)])
    assert said(answer) == EXPECTED
    with duckdb.connect() as connection:
        connection.register("cases", pl.DataFrame([row]).to_arrow())
        found = connection.sql(select_statement(policy.typed, "duckdb", None).rstrip(";\n ")).pl()
    assert found.select("call", "sms").row(0, named=True) == EXPECTED
    if jvm is not None:
        name = f"Construct{[*CONSTRUCTS].index(construct)}"
        assert jvm.compile({f"{name}.java": java_class(policy.typed, name)}) == ""
        [of_java] = jvm.decide(name, [(case, None, AT)])
        assert said(of_java) == EXPECTED


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_all_that_ask_about_time_and_open_facts_take_it(construct: str) -> None:
    policy, case = forbear.loads(policy_text(construct)), case_of(construct)
    first = policy.when("call", case, AT, "3 days").intervals[0]
    assert first.verdict is forbear.Verdict.ALLOWED
    frame = pl.DataFrame([{**case, "history": json.dumps(case["history"])} if "history" in case else case])
    assert policy.plan(frame, 3, at=AT).height > 0
    assert policy.apply(frame, at=AT, when=["call"], days=3).height == 1
    assert policy.explain("call", case, at=AT).text()
    read = next(name for name in policy.typed.facts if re.search(rf"\b{name}\b", CONSTRUCTS[construct][1]))
    known = case | policy.derive(case, at=AT)
    derivation = policy.typed.derived.get(read)
    behind = () if derivation is None else (read, derivation.of, derivation.hours)
    left = {name: known[name] for name in policy.typed.facts if name in known and name not in (read, *behind)}
    at = None if construct in ("a span of the day over midnight", "a holiday") else AT
    case = left if at is None else {**left, "zone": "UTC"}
    [holding] = [one for one in policy.partial(case, [read], at=at)["call"] if one.holds({**left, read: known[read]})]
    assert holding.verdict.value == "allowed"
    assert [one.fact for one in policy.ask("call", case, at=at)] == [read]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_all_that_read_show_and_compare_take_it(construct: str, tmp_path: Path) -> None:
    text = policy_text(construct)
    policy = forbear.loads(text)
    laid_out = forbear.format(text)
    assert forbear.format(laid_out) == laid_out
    assert difference(policy.typed, forbear.loads(laid_out).typed).equivalent
    other = text.replace("| 5 until 9", "| 6 until 9") if "table" in text else policy_text(construct, "always")
    changed = difference(policy.typed, forbear.loads(other).typed)
    assert not changed.equivalent
    assert not changed.undecided
    assert "undecided" not in {one.code for one in policy.validate()}
    assert mutation_score(policy.typed)
    standard = (
        forbear.loads(f"standard law\n{text.replace('allow call', 'never call')}") if "table" not in text else policy
    )
    assert not conformance(policy.typed, [standard.typed]).undecided
    reading = read(text, None)
    assert not [one for one in reading.diagnostics if one.severity.value == "error"]
    assert colours(reading)
    assert any(hover(reading, offset) for offset in range(len(text)))
    for offset in range(0, len(text), 7):
        completions(reading, offset)
    session = Session(tmp_path)
    session.open("p.forbear", text, {})
    assert session.findings(other)["whole"]
    assert "<html" in str(session.report()["html"])
    assert "<html" in str(session.change()["html"])
