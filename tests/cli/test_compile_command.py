"""`forbear compile`: a whole module or none, and always the same."""

from __future__ import annotations

import json
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command import DATED, HOUSE, environment, run, write
from night import NIGHTLY

import forbear
from forbear.base import resources

OLD = "# what was there before\n"


def test_writes_a_module_that_decides(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    answer = run("compile", "house.forbear", "-o", "house.py", cwd=tmp_path)
    assert answer.code == 0
    namespace: dict[str, object] = {"__name__": "house"}
    exec((tmp_path / "house.py").read_text("utf-8"), namespace)
    decide = namespace["decide"]
    assert callable(decide)
    decided = decide({"days_overdue": 61, "unreachable": 3})
    assert decided["contact_related"] == {
        "verdict": "allowed",
        "permitted": True,
        "rules": ["ask_related_person"],
        "because": ["only where the borrower repeatedly cannot be reached"],
        "source": ["Xinhua, 2015-09-22"],
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.py"]


def test_writes_javascript_where_the_file_is_called_so(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    assert run("compile", "house.forbear", "-o", "house.mjs", cwd=tmp_path).code == 0
    program = (
        "import { decide } from './house.mjs'; "
        "console.log(decide({ days_overdue: 61, unreachable: 3 }).contact_related.verdict)"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "allowed\n"


@pytest.mark.parametrize(("module", "beside"), [("house.mjs", "house.d.mts"), ("house.js", "house.d.ts")])
def test_declarations_stand_beside_javascript(tmp_path: Path, module: str, beside: str) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    assert run("compile", "house.forbear", "-o", module, "--declarations", cwd=tmp_path).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["house.forbear", module, beside])
    assert "export function decide(given: Case" in (tmp_path / beside).read_text()
    assert "export function decide(given, on" in (tmp_path / module).read_text()


STANDARDS = [name for name in resources.pack_names() if name.startswith("regulation/")]
CURRENCIES = {"us": "USD", "uk": "GBP", "cn": "CNY", "hk": "HKD", "in": "INR", "au": "AUD", "ph": "PHP", "ru": "RUB"}
IN_EACH = (["x.py"], ["x.mjs", "--declarations"], ["x.sql", "--dialect", "duckdb", "--why"], ["X.java"], ["x.json"])


@pytest.mark.parametrize("standard", STANDARDS if NIGHTLY else STANDARDS[::9])
def test_every_target_of_a_policy_under_each_standard(tmp_path: Path, standard: str) -> None:
    currency = CURRENCIES.get(standard.partition("/")[2][:2], "SGD")
    head = f'policy house\n  currency {currency}\n  subject to "{standard}"\n'
    write(tmp_path, "house.forbear", f"{head}\nrule call: after 13 days then allow phone_call\n")
    for target in IN_EACH:
        answer = run("compile", "house.forbear", "--on", "2026-12-01", "-o", *target, cwd=tmp_path)
        assert (answer.code, answer.err) == (0, ""), (target, answer)
    over = [each["name"] for each in json.loads((tmp_path / "x.json").read_text())["subject_to"]]
    assert over
    assert len(over) == len(set(over))


def test_every_target_of_a_version_of_a_book(tmp_path: Path) -> None:
    for year in (2025, 2026):
        standard = 'subject to "regulation/us-fdcpa"' if year == 2026 else ""
        head = f'policy house version "{year}"\n  in force from {year}-01-01 until {year}-12-31\n  {standard}\n'
        write(tmp_path, f"book/{year}.forbear", f"{head}rule call: after {year - 2020} days then allow phone_call\n")
    for target in IN_EACH:
        answer = run("compile", "book", "--on", "2026-12-01", "-o", *target, cwd=tmp_path)
        assert (answer.code, answer.err) == (0, ""), (target, answer)
    written = json.loads((tmp_path / "x.json").read_text())
    assert (written["version"], bool(written["subject_to"])) == ("2026", True)


def test_where_declarations_cannot_be_written_there_is_no_module(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    (tmp_path / "house.d.mts").mkdir()
    answer = run("compile", "house.forbear", "-o", "house.mjs", "--declarations", cwd=tmp_path)
    assert (answer.code, "house.d.mts" in answer.err) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.d.mts", "house.forbear"]


@pytest.mark.parametrize(
    "text",
    [
        HOUSE.replace("contact_related\n", "contact_relatde\n"),
        HOUSE.replace("disclose_item_details forbidden", "disclose_item_details allowed"),
        "",
    ],
    ids=["an error", "a failing example", "an empty file"],
)
def test_refuses_a_policy_in_error_and_leaves_the_old_module(tmp_path: Path, text: str) -> None:
    write(tmp_path, "house.forbear", text)
    old = write(tmp_path, "house.py", OLD)
    before = old.stat()
    answer = run("compile", "house.forbear", "-o", "house.py", cwd=tmp_path)
    assert answer.code == 1
    assert "house.forbear:" in answer.err
    assert answer.out == ""
    after = old.stat()
    assert old.read_text() == OLD
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.py"]


def test_warnings_do_not_refuse(tmp_path: Path) -> None:
    write(tmp_path, "two.forbear", "rule first: after 3 days then allow sms\nafter 5 days then allow sms\n")
    assert run("compile", "two.forbear", "-o", "two.py", cwd=tmp_path).code == 0


def test_a_write_that_fails_half_way_leaves_the_old_module(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    old = write(tmp_path, "house.py", OLD)

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    answer = run("compile", "house.forbear", "-o", "house.py", cwd=tmp_path, preexec_fn=no_room)
    assert answer.code == 1
    assert "house.py" in answer.err
    assert old.read_text() == OLD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.py"]


def test_replaces_the_old_module_at_once_and_keeps_its_mode(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    old = write(tmp_path, "house.py", OLD)
    old.chmod(0o640)
    before = old.stat()
    with old.open() as reader:
        assert run("compile", "house.forbear", "-o", "house.py", cwd=tmp_path).code == 0
        assert reader.read() == OLD  # who reads the old one reads it to its end
    assert old.stat().st_ino != before.st_ino
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert "def decide(" in old.read_text("utf-8")


def test_a_new_module_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    assert run("compile", "house.forbear", "-o", "house.py", cwd=tmp_path, umask=0o027).code == 0
    assert stat.S_IMODE((tmp_path / "house.py").stat().st_mode) == 0o640


def test_the_same_policy_gives_the_same_bytes(tmp_path: Path) -> None:
    policy = "house.forbear"
    write(tmp_path, "house.forbear", HOUSE)
    texts = set()
    for seed in ("0", "4242"):
        target = tmp_path / f"module_{seed}.py"
        assert run("compile", policy, "-o", target, cwd=tmp_path, env=environment(PYTHONHASHSEED=seed)).code == 0
        texts.add(target.read_bytes())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, "house.forbear", HOUSE)
    printed = run("compile", policy, "-o", "-", cwd=elsewhere)
    assert printed.code == 0
    texts.add(printed.out.encode())
    assert len(texts) == 1


def test_says_nothing_of_where_and_when(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    text = run("compile", path, "-o", "-").out
    assert str(tmp_path) not in text
    assert sys.prefix not in text
    assert not re.search(r"\b20[2-9][0-9]-[0-9]{2}-[0-9]{2}\b", text)


def test_a_setting_goes_into_the_module(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "setting grace is 5\nrule first: after grace days then allow sms\n")
    for value, permitted in ("5", True), ("6", False):
        namespace: dict[str, object] = {"__name__": "p"}
        exec(run("compile", path, "-o", "-", "--set", f"grace={value}").out, namespace)
        decide = namespace["decide"]
        assert callable(decide)
        assert decide({"days_overdue": 6})["sms"]["permitted"] is permitted


def test_sql_for_a_warehouse(tmp_path: Path) -> None:
    house = write(tmp_path, "house.forbear", HOUSE)
    out = tmp_path / "house.sql"
    assert run("compile", house, "-o", out).code == 2
    assert not out.exists()
    assert run("compile", house, "-o", out, "--dialect", "duckdb", "--table", "late.accounts").code == 0
    text = out.read_text()
    assert 'FROM "late"."accounts"' in text
    assert text.startswith(f"-- Policy `house`\n-- Digest: {forbear.load(house).digest}\n-- Reads the columns ")
    assert 'columns "days_overdue", ' in text
    assert 'AS "contact_related"' in text
    assert run("compile", house, "-o", out.parent / "p.py", "--dialect", "duckdb").code == 2
    assert run("compile", house, "-o", out.parent / "p.py", "--why").code == 2
    told = run("compile", house, "-o", "-", "--target", "sql", "--dialect", "duckdb", "--why").out
    assert 'AS "contact_related_rules"' in told
    printed = run("compile", house, "-o", "-", "--target", "sql", "--dialect", "duckdb", "--table", "late.accounts")
    assert printed.out == text
    assert run("compile", house, "-o", out, "--dialect", "duckdb", "--table", "a b; c").code == 1
    dated = write(tmp_path, "dated.forbear", DATED)
    answer = run("compile", dated, "-o", out, "--dialect", "postgres")
    assert answer.code == 1
    assert "depends on dates" in answer.err
    assert out.read_text() == text
    assert run("compile", dated, "-o", out, "--dialect", "postgres", "--on", "2015-07-01").code == 0
    assert "'forbidden'" in out.read_text()
    assert "-- Decides for 2015-07-01" in out.read_text()
    assert """CAST('2015-07-01' AS DATE) AS "decided_for\"""" in out.read_text()


def test_writes_json_with_vectors_that_belong_to_it(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    texts = set()
    for seed in ("0", "4242"):
        options = ["-o", "house.json", "--vectors", "vectors.json"]
        answer = run("compile", "house.forbear", *options, cwd=tmp_path, env=environment(PYTHONHASHSEED=seed))
        assert (answer.code, answer.said) == (0, "")
        texts.add(tuple((tmp_path / name).read_text("utf-8") for name in ("house.json", "vectors.json")))
    [(form, vectors)] = texts
    assert json.loads(form)["format"] == "forbear-policy/1"
    assert (
        json.loads(vectors)["digest"] == json.loads(form)["digest"] == forbear.load(tmp_path / "house.forbear").digest
    )
    assert run("compile", "house.forbear", "--target", "json", "-o", "-", cwd=tmp_path).out == form
    assert str(tmp_path) not in form


EVENTS = """policy counting
event letter
fact days_overdue days clock
fact birth_date date
fact age years since birth_date
fact since_letter days since last letter
action visit
rule visit: allow visit when age >= 18 and since_letter >= 3 and days_overdue > 9
"""


def test_what_has_no_history_says_which_derived_facts_it_is_given(tmp_path: Path) -> None:
    counting = write(tmp_path, "counting.forbear", EVENTS)
    text = run("compile", counting, "-o", "-", "--target", "sql", "--dialect", "duckdb").out
    assert '-- Reads the columns "days_overdue", "age", "since_letter"\n' in text
    assert 'holds them: "age", "since_letter". `Policy.derive(case, at, columns=True)`' in text.replace("\n-- ", " ")
    module = run("compile", counting, "-o", "-", "--target", "javascript").out
    assert "so a case holds them: age, since_letter. `Policy.derive(case, at)`" in module.replace("\n// ", " ")


def test_a_day_picks_the_version_that_is_compiled(tmp_path: Path) -> None:
    for name, days, effect in ("a", "until 2015-06-30", "sms"), ("b", "from 2015-07-01", "letter"):
        text = f"policy house in force {days}\nrule first: after 3 days then allow {effect}\n"
        write(tmp_path, f"book/{name}.forbear", text)
    for day, action in ("2015-06-30", "sms"), ("2015-07-01", "letter"):
        answer = run("compile", "book", "-o", "-", "--on", day, cwd=tmp_path)
        assert answer.code == 0, answer.err
        namespace: dict[str, object] = {"__name__": "book"}
        exec(answer.out, namespace)
        decide = namespace["decide"]
        assert callable(decide)
        assert decide({"days_overdue": 6}, on=day)[action]["permitted"]
    assert run("compile", "book", "-o", "-", cwd=tmp_path).code == 1
