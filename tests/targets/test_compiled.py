"""Compiled modules, away from Forbear: they run with the bare interpreter, type-check, decide and refuse as it does."""

from __future__ import annotations

import ast
import datetime
import json
import random
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from night import NIGHTLY
from strategies import quoted

import forbear
from forbear.base import resources
from forbear.kernel.cases import TEXTS, filled
from forbear.language.model.policy import facts_read
from forbear.language.model.values import value_json
from forbear.space.boundaries import boundary_values
from forbear.space.predicates.specs import specs
from forbear.targets.python.module import compile_module

PLAIN = """
rule reminds: from day 9 to day 13 then allow sms
rule calls: after 13 days then allow phone_call
"""

NOTHING = 'policy nothing "Facts, and not one rule"\nfact late days clock\naction sms\n'

POLICIES: Mapping[str, str] = {
    "every_type": Path(__file__).with_name("every_type.forbear").read_text("utf-8"),
    "plain": PLAIN,
    "nothing": NOTHING,
    **{
        name.replace("/", "_"): (resources.folder("rules") / f"{name}.forbear").read_text("utf-8")
        for name in resources.pack_names()
        if not name.startswith("vocabulary/")
    },
}

PACKS_IN_CI = ("examples_strategy_matrix", "huabei_redesigned", "regulation_us-reg-f")
"""Between them these derive facts in every way, have dates, and have none; each other takes half a second."""
COMPILED = {
    name: text for name, text in POLICIES.items() if NIGHTLY or name in ("every_type", "plain", "nothing", *PACKS_IN_CI)
}

DRIVER = """
import datetime, importlib.util, json, sys
from decimal import Decimal
assert importlib.util.find_spec("forbear") is None, "Forbear is on the path"
assert not [path for path in sys.path if path.endswith("site-packages")], sys.path
for name, cases in eval(sys.stdin.read()).items():
    spec = importlib.util.spec_from_file_location(name, f"{sys.argv[1]}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    answers = []
    for case, on in cases:
        try:
            answers.append(module.decide(case) if on is None else module.decide(case, on))
        except module.CaseError as error:
            answers.append([list(fault) for fault in error.faults])
    print(json.dumps(answers))
assert not [name for name in sys.modules if name.split(".")[0] in ("forbear", "lark", "attr", "attrs", "click")]
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    for name, text in COMPILED.items():
        (folder / f"{name}.py").write_text(compile_module(forbear.loads(text).typed), encoding="utf-8")
    return folder


def in_process(text: str) -> dict[str, Any]:
    """The names of a module."""
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    return namespace


def expected(policy: forbear.Policy, case: Any, on: Any) -> object:
    try:
        return policy.decide(case, on).as_json()
    except forbear.CaseError as error:
        return [list(fault) for fault in error.faults]


# The same decisions


def good_cases(policy: forbear.Policy, number: int) -> list[tuple[object, object]]:
    """Cases at and around every threshold, as JSON and as Python, on days at and around every date."""
    generator = random.Random(5)
    boundaries = boundary_values(policy.typed, policy.typed.facts)
    dates = {policy.typed.since, policy.typed.until}
    dates |= {date for rule in policy.typed.rules for date in (rule.since, rule.until)}
    around = sorted({date + step for date in dates if date is not None for step in (-1, 0, 1)})
    days: list[datetime.date | None] = [datetime.date.fromordinal(day) for day in around] or [None]
    cases: list[tuple[object, object]] = []
    for _ in range(number):
        case: dict[str, object] = {}
        for name, values in boundaries.items():
            value = generator.choice(values)
            written = value_json(policy.typed.facts[name], value)
            if written is None and generator.random() < 0.5:
                continue
            if isinstance(written, Decimal):
                written = generator.choice([written, str(written), float(written)])
            case[name] = written
        day = generator.choice(days)
        of_day = [
            name
            for name, derived in policy.typed.derived.items()
            if derived.of or derived.measure in ("date", "weekday", "working day")
        ]
        for name in set(of_day) - set(facts_read(policy.typed)):  # a wrong one is an error though no rule reads it
            case.pop(name, None)
        named = [name for name, derived in policy.typed.derived.items() if derived.measure == "date"]
        case.update(dict.fromkeys(named, day.isoformat()) if day and generator.random() < 0.8 else {})
        if day is None and any(name in case for name in named) and generator.random() < 0.8:  # by the case, a Monday
            of_monday = {"date": "2026-03-09", "weekday": "monday", "working day": True}
            follows = {name: of_monday.get(policy.typed.derived[name].measure) for name in of_day}
            case.update({name: value for name, value in follows.items() if value is not None and name in case})
            for name in of_day:
                case.pop(policy.typed.derived[name].of or "", None)
        cases.append((case, generator.choice([day, day and day.isoformat()])))
    return cases


WRONG_VALUES: list[object] = [
    *(None, True, False, -1, 51, 2.5, 0.0005, float("1e300"), 10**15, 10**50, Decimal("1e400"), Decimal("NaN")),
    *(Decimal("-Infinity"), Decimal("1e-200"), "", "none", "12,5", "NaN", "1e3", "USD 3", "CNY 3", "EUR 3"),
    *("CNY 3.001", "2015-02-30", "2015-2-3", "24:00", "8:00", "08:00:00", "08:00:00.000000000", "08:00:00.5", "low"),
    *("LOW", "x" * 100, 'say "no"\n', [], {}, (1, 2), datetime.date(2015, 2, 3)),
    *(datetime.datetime(2015, 2, 3, 4, 5), datetime.time(8, 0), datetime.time(8, 0, 0, 1)),
]


def bad_cases(policy: forbear.Policy, each: int = len(WRONG_VALUES)) -> list[tuple[object, object]]:
    """Every fact with so many values, most of them wrong; and cases and days that are none."""
    good, day = next((case, on) for case, on in good_cases(policy, 50) if not refused(policy, case, on))
    assert isinstance(good, dict)
    generator = random.Random(7)
    cases: list[tuple[object, object]] = []
    for name in good:
        cases += [({**good, name: value}, day) for value in generator.sample(WRONG_VALUES, each)]
    cases += [({key: value for key, value in good.items() if key != name}, day) for name in good]
    cases += [({}, day), ([], day), (None, day), ("late", day), (3, day), ([good], day)]
    cases += [({**good, "sms_": 1}, day), ({**good, 5: 1}, day), ({**good, "": None}, day)]
    cases += [(good, on) for on in (None, "2015-02-30", "today", 20150101, "1999-01-01", "9999-12-31", True)]
    return cases


def refused(policy: forbear.Policy, case: Any, on: Any) -> bool:
    try:
        policy.decide(case, on)
    except forbear.CaseError:
        return True
    return False


def test_the_same_decisions_and_faults_without_forbear(modules: Path) -> None:
    asked = {}
    wanted = {}
    for name, text in COMPILED.items():
        policy = forbear.loads(text)
        if name in ("every_type", "plain"):
            asked[name] = good_cases(policy, 60) + bad_cases(policy)
        else:  # packs are many, and have facts by the dozen
            asked[name] = good_cases(policy, 30) + bad_cases(policy, each=3)
        wanted[name] = [expected(policy, case, on) for case, on in asked[name]]
        assert 0 < sum(isinstance(answer, list) for answer in wanted[name]) < len(wanted[name]), name
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", DRIVER, str(modules)],
        input=repr(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=modules,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for (name, answers), line in zip(wanted.items(), done.stdout.splitlines(), strict=True):
        for (case, on), want, got in zip(asked[name], answers, json.loads(line), strict=True):
            assert got == want, (name, case, on)
            for _, message, code, arguments in got if isinstance(got, list) else ():
                assert filled(TEXTS[code], arguments) == message


def test_the_policy_of_types_has_every_verdict_and_unknowns() -> None:
    """What the comparison above is worth: the cases meet what they are there for."""
    policy = forbear.loads(POLICIES["every_type"])
    met = set()
    deciding = set()
    for case, on in good_cases(policy, 120):
        answer = expected(policy, case, on)
        if isinstance(answer, dict):
            for action, decided in answer.items():
                met.add((action, decided["verdict"], "unknown" in decided))
                deciding.update(decided["rules"])
    assert deciding == {rule.name for rule in policy.typed.rules}
    assert {verdict for _, verdict, _ in met} == {"allowed", "required", "forbidden", "unsaid"}
    assert {("visit", "forbidden", True), ("visit", "allowed", False), ("import", "forbidden", True)} <= met


CLIENT = """
import datetime
from decimal import Decimal
import every_type, plain
given: list[every_type.Case] = GIVEN
answers: every_type.Decision = every_type.decide(given[0], datetime.date(2015, 1, 1))
verdict: str = answers["import"]["verdict"]
every: list[every_type.Action] = [action for action, answer in answers.items() if answer["permitted"]]
held: bool = every_type.rule_try(28800)
perhaps: bool | None = every_type.rule_while(1, None)
answers["imports"]  # type: ignore[index]
answers["import"]["verdict"] == "permitted"  # type: ignore[comparison-overlap]
every_type.decide({"late": 3})  # type: ignore[typeddict-item]
every_type.decide({**given[0], "def": "elsewhere"})  # type: ignore[typeddict-item]
every_type.decide({**given[0], "asked": "yes"})  # type: ignore[typeddict-item]
every_type.decide({**given[0], "calls_": 1})  # type: ignore[typeddict-unknown-key]
every_type.decide(given[0], 20150101)  # type: ignore[arg-type]
call: plain.Event = {
    "event": "contact", "at": "2026-03-01T10:00:00-05:00", "medium": "call", "direction": "outbound",
    "person": "consumer", "outcome": "no_answer", "consented": False, "debt": "D-17", "place": "mobile",
}
moment = datetime.datetime.now(datetime.UTC)
plain.decide(
    {"days_overdue": 9, "debt": "D-17", "zone": ["Asia/Shanghai", datetime.UTC], "history": [call],
     "history_from": "opening"},
    at=moment,
)
plain.decide({"days_overdue": 9, "unreachable": 3})
plain.decide({"days_overdue": 9, "history": [{**call, "medium": "fax"}]})  # type: ignore[typeddict-item]
"""


def test_type_checks_strictly(modules: Path, tmp_path: Path) -> None:
    """Whatever the module decides is a `Case`, and what it cannot decide because of its type is none."""
    policy = forbear.loads(POLICIES["every_type"])
    decided = [case for case, on in good_cases(policy, 60) if not refused(policy, case, on)]
    use = tmp_path / "use.py"
    use.write_text(CLIENT.replace("GIVEN", repr(decided)))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}"]
    files = map(str, sorted(modules.glob("*.py")))
    done = subprocess.run([*command, *files, str(use)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_imports_the_standard_library_alone(modules: Path) -> None:
    for path in modules.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add((node.module or "").split(".")[0])
        assert imported <= set(sys.stdlib_module_names), path.name


def test_no_text_is_evaluated(modules: Path) -> None:
    for path in modules.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__", "open"}, path.name


# A typed predicate a rule, with the rule's text


def functions(text: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def rule_texts(text: str) -> list[str]:
    """The rules of a text as they stand in its text: each begins a line, and goes on in lines that are indented."""
    rules: list[str] = []
    for line in text.splitlines():
        if line.startswith(("rule ", "suspend ")):
            rules.append(line)
        elif rules and line.startswith("  "):
            rules[-1] += f"\n{line}"
        elif line:
            assert not rules, line
    return rules


def test_each_rule_has_a_typed_predicate_with_its_text_as_docstring() -> None:
    compiled = functions(compile_module(forbear.loads(POLICIES["every_type"]).typed))
    predicates = {name: its for name, its in compiled.items() if name.startswith(("rule_", "unnamed_"))}
    texts = rule_texts(POLICIES["every_type"])
    assert len(texts) == 13
    assert [ast.get_docstring(its, clean=False) for its in predicates.values()] == texts
    for name, its in predicates.items():
        assert its.returns is not None, name
        assert all(argument.annotation is not None for argument in its.args.args), name
    annotated = {
        name: ([ast.unparse(arg.annotation) for arg in its.args.args if arg.annotation], ast.unparse(its.returns))
        for name, its in predicates.items()
        if its.returns is not None
    }
    assert annotated["rule_return"] == (["int", "int", "int", "int"], "bool")
    assert annotated["rule_while"] == (["int", "str | None"], "bool | None")
    assert annotated["rule_for"] == (["int", "bool", "int | None"], "bool")
    assert annotated["rule_del"] == ([], "bool")


def test_predicates_take_facts_on_their_grids() -> None:
    module = in_process(compile_module(forbear.loads(POLICIES["every_type"]).typed))
    assert module["rule_return"](late=4, calls=2, score=900, share=7999) is True
    assert module["rule_return"](late=3, calls=2, score=900, share=7999) is False
    assert module["rule_return"](late=4, calls=2, score=900, share=8000) is False
    assert module["rule_while"](risk=1, origin=None) is None
    assert module["rule_while"](risk=0, origin=None) is False
    assert module["rule_while"](risk=2, origin="referee") is True
    assert module["rule_try"](21 * 3600) is True
    assert module["rule_try"](21 * 3600 - 1) is False


def test_the_module_says_what_it_is() -> None:
    policy = forbear.loads(POLICIES["every_type"])
    text = compile_module(policy.typed)
    doc = ast.get_docstring(ast.parse(text), clean=False) or ""
    assert "types" in doc
    assert policy.title is not None
    assert policy.title in doc
    module = in_process(text)
    assert module["DIGEST"] == policy.digest
    assert module["VERSION"] == "1.0"


def test_each_decision_is_a_record_of_its_own() -> None:
    """What one caller does to an answer, the next does not see."""
    decide = in_process(compile_module(forbear.loads('always then allow sms because "yes"').typed))["decide"]
    first = decide({})
    first["sms"]["because"].append("tampered")
    first["sms"]["permitted"] = False
    del first["letter"]
    again = decide({})
    assert again["sms"]["because"] == ["yes"]
    assert again["sms"]["permitted"] is True
    assert "letter" in again


# Text that could break out


NASTY = st.text(
    st.sampled_from(list("\"'\\#{}%nrtuxN0 \t"))
    | st.characters(exclude_characters="\n\r", exclude_categories=("Cs", "Cc", "Zl", "Zp")),
    max_size=30,
)


@settings(max_examples=60 if NIGHTLY else 15)
@given(because=NASTY, source=NASTY, title=NASTY, region=NASTY)
@example(because='"""', source="'''", title="\"\"\"'''", region='"')
@example(because="ends in a backslash \\", source="\\", title="\\", region="\\\\")
@example(because="\\N{DASH} \\x41 \\u0041 \\", source="{name}", title="%s", region="\\'")
@example(because='""" + __import__("os").getcwd() + """', source="催收", title="\u202e\U0001f600", region="\xa0")
def test_any_text_survives(because: str, source: str, title: str, region: str) -> None:
    rule = (
        f"rule breaks {quoted(title)}:\n  region is {quoted(region)} then allow sms\n"
        f"  because {quoted(because)} source {quoted(source)}"
    )
    text = f"policy p {quoted(title)} version {quoted(title)}\nfact region text\naction sms\n{rule}\n"
    try:
        policy = forbear.loads(text)
    except forbear.PolicyError as error:
        assume(all(diagnostic.code != "syntax" for diagnostic in error.diagnostics))
        raise
    compiled = compile_module(policy.typed)
    assert ast.get_docstring(functions(compiled)["rule_breaks"], clean=False) == rule
    module = in_process(compiled)
    decided = module["decide"]({"region": region})["sms"]
    assert decided == policy.decide({"region": region})["sms"].as_json()
    assert decided == {
        "verdict": "allowed",
        "permitted": True,
        "rules": ["breaks"],
        "because": [because],
        "source": [source],
    }
    assert module["decide"]({"region": region + "x"})["sms"]["verdict"] == "unsaid"
    assert module["VERSION"] == title


def test_only_line_ends_end_a_line() -> None:
    """The language has no line ends but these; Python's `splitlines` knows many more."""
    rule = 'rule a: always then allow sms because "ab\x1ce\x1df"'
    policy = forbear.loads(rule)
    compiled = compile_module(policy.typed)
    assert in_process(compiled)["decide"]({})["sms"]["because"] == ["ab\x1ce\x1df"]
    assert ast.get_docstring(functions(compiled)["rule_a"], clean=False) == rule


def test_line_ends_of_windows_in_a_rule(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(b"rule a:\r\n  after 3 days\r\n  then allow sms\r\n")
    compiled = compile_module(forbear.load(path).typed)
    assert "\r" not in compiled
    assert ast.get_docstring(functions(compiled)["rule_a"], clean=False) == "rule a:\n  after 3 days\n  then allow sms"


def test_rules_of_one_line_have_functions_of_their_own() -> None:
    text = "after 3 days then allow sms after 5 days then allow sms\nafter 7 days then allow sms"
    policy = forbear.loads(text)
    assert len({rule.name for rule in policy.typed.rules}) == 3
    compiled = functions(compile_module(policy.typed))
    docs = [ast.get_docstring(its) for name, its in compiled.items() if name.startswith("unnamed_")]
    assert docs == ["after 3 days then allow sms", "after 5 days then allow sms", "after 7 days then allow sms"]


def test_names_that_the_module_uses_itself() -> None:
    """Rules, facts and actions may be called as Python's words are, or as what stands in the module."""
    words = ["class", "def", "none_", "class_", "def_", "values", "case", "self", "print", "decide", "truths", "match"]
    facts = "".join(f"fact {word} yes/no optional\n" for word in words)
    actions = f"action {', '.join(words)}\n"
    rules = "".join(
        f"rule {word}: {word} and not ({words[-1 - n]}) then allow {word}\n" for n, word in enumerate(words)
    )
    policy = forbear.loads(facts + actions + rules)
    decide = in_process(compile_module(policy.typed))["decide"]
    generator = random.Random(1)
    for _ in range(100):
        case = {word: generator.choice([True, False, None]) for word in words}
        assert decide(case) == policy.decide(case).as_json()


def test_the_tables_of_a_module_are_those_that_decide_without_it(modules: Path) -> None:
    """Whatever is left away in them because it is the default of its field."""
    for name in ("every_type", "huabei_redesigned", "regulation_us-reg-f"):
        policy = forbear.loads(POLICIES[name]).typed
        tables = specs(policy)
        module = in_process((modules / f"{name}.py").read_text("utf-8"))
        assert module["FACTS"] == tables.facts
        assert (module["RULES"], module["ACTIONS"]) == (tables.rules, tables.actions)
        if not tables.history.derived:
            continue
        history = module["HISTORY"]
        assert (history.events, history.needed) == (tables.history.events, tables.history.needed)
        for compiled, spec in zip(history.derived, tables.history.derived, strict=True):
            for field in spec._fields:
                ours, theirs = getattr(compiled, field), getattr(spec, field)
                assert ours == theirs or (field in ("events", "anchor") and ours.event == theirs.event)


def test_ruff_leaves_a_compiled_module_alone(modules: Path) -> None:
    """The repository that it lies in may have any rules of its own, but for the one against such a line."""
    options = ["--isolated", "--select", "ALL", "--ignore", "PGH004"]
    command = [sys.executable, "-m", "ruff", "check", *options, str(modules / "every_type.py")]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout[-2_000:]


def test_settings_are_those_in_effect() -> None:
    text = "setting grace is 5\nrule a: after grace days then allow sms\n"
    for grace in (5, 9):
        policy = forbear.loads(text, settings={"grace": grace})
        decide = in_process(compile_module(policy.typed))["decide"]
        for days in (grace, grace + 1):
            assert decide({"days_overdue": days}) == policy.decide({"days_overdue": days}).as_json()
        assert decide({"days_overdue": grace + 1})["sms"]["permitted"] is True
        assert decide({"days_overdue": grace})["sms"]["permitted"] is False


def test_what_follows_from_the_day_is_not_given_with_it() -> None:
    """A policy with dates whose rules read a working day, a date, and an age that follows from it."""
    text = (
        "calendar c covers 2026-07-01 to 2026-07-31\n  weekend saturday, sunday\n  holidays 2026-07-03\n"
        "fact working_day working day of c\nfact born date\nfact age years since born\naction a\n"
        "rule r: allow a when working_day and age >= 18 and born > 1950-01-01\n"
        "rule storm: suspend a from 2026-07-13 until 2026-07-14\n"
    )
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile_module(forbear.loads(text).typed), namespace)
    days = {day: namespace["decide"]({"born": "2000-01-01"}, datetime.date(2026, 7, day)) for day in (2, 3, 13, 15)}
    assert [found["a"]["verdict"] for found in days.values()] == ["allowed", "unsaid", "forbidden", "allowed"]
