"""`--format json`: whatever is wrong with the policy or the case, one document of a known shape, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import HOUSE, run, write

CASE = '{"days_overdue": 61, "unreachable": 3}'
POLICY_ERROR = ["findings", "counts", "total"]
CASE_ERROR = ["error", "faults"]
ERROR = ["error"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("json")
    write(where, "house.forbear", HOUSE)
    write(where, "apart.forbear", "fact unreachable yes/no\naction sms\nrule a: unreachable then allow sms\n")
    write(where, "broken.forbear", "rule a: after 3 days then allow smss\n")
    write(where, "latin.forbear", b"rule a: after 3 days then allow sms # \xe9\n")
    write(where, "empty.forbear", "")
    (where / "nothing").mkdir()
    for name, days in ("a", "until 2015-06-30"), ("b", "from 2015-07-01"):
        write(where, f"book/{name}.forbear", f"policy house in force {days}\nrule r: after 3 days then allow sms\n")
        write(where, f"overlap/{name}.forbear", f"policy {name}\nrule r: after 3 days then allow sms\n")
    return where


@pytest.mark.parametrize("command", ["decide", "explain", "facts", "schema", "diff", "conform", "lines"])
@pytest.mark.parametrize(
    ("policy", "keys"),
    [
        ("broken.forbear", POLICY_ERROR),
        ("latin.forbear", POLICY_ERROR),
        ("empty.forbear", POLICY_ERROR),
        ("overlap", POLICY_ERROR),
        ("nothing", POLICY_ERROR),
        ("pack:nowhere", POLICY_ERROR),
        ("missing.forbear", ERROR),
        ("HEAD:missing.forbear", ERROR),
    ],
)
def test_a_policy_in_error(folder: Path, command: str, policy: str, keys: list[str]) -> None:
    arguments = {
        "decide": ["decide", policy, "--case", "-", "--on", "2015-06-30"],
        "lines": ["decide", policy, "--lines", "--on", "2015-06-30"],
        "explain": ["explain", policy, "--case", "-", "sms"],
        "facts": ["facts", policy],
        "schema": ["facts", policy, "--json-schema"],
        "diff": ["diff", "house.forbear", policy, "--on", "2015-06-30"],
        "conform": ["conform", policy, "--to", "house.forbear", "--on", "2015-06-30"],
    }[command]
    answer = run(*arguments, *([] if command == "schema" else ["--format", "json"]), given=CASE, cwd=folder)
    assert answer.code == (2 if command in ("diff", "conform") or keys == ERROR else 1)
    assert list(answer.json) == keys
    assert answer.err
    if keys == POLICY_ERROR:
        assert answer.json["counts"]["error"] == sum(answer.json["total"].values()) == len(answer.json["findings"])


@pytest.mark.parametrize(
    ("arguments", "code", "keys"),
    [
        (["decide", "house.forbear", "--case", "missing.json"], 2, ERROR),
        (["decide", "house.forbear", "--case", "book"], 2, ERROR),
        (["decide", "house.forbear"], 2, ERROR),
        (["decide", "-", "--case", "-"], 2, ERROR),
        (["decide", "book", "--case", "-"], 1, CASE_ERROR),
        (["decide", "book", "--case", "-", "--at", "tomorrow"], 1, CASE_ERROR),
        (["explain", "house.forbear", "--case", "-", "smss"], 1, CASE_ERROR),
        (["explain", "house.forbear", "smss"], 2, ERROR),
        (["facts", "book"], 1, CASE_ERROR),
        (["facts", "house.forbear", "--set", "x=3"], 1, POLICY_ERROR),
        (["diff", "house.forbear", "book"], 2, ERROR),
        (["diff", "house.forbear", "apart.forbear"], 2, ERROR),
        (["diff", "house.forbear", "house.forbear", "--set", "x=3"], 2, ERROR),
        (["conform", "house.forbear", "--to", "apart.forbear", "--suggest"], 2, ERROR),
        (["validate", "missing.forbear"], 2, ERROR),
        (["validate", "nothing"], 2, ERROR),
        (["validate", "house.forbear", "--write-examples", "house.forbear"], 2, ERROR),
        (["validate", "house.forbear", "--write-examples", "nothing"], 1, ERROR),
        (["validate", "broken.forbear"], 1, POLICY_ERROR),
        (["test", "broken.forbear"], 1, ["files"]),
        (["test", "house.forbear", "--since", "house.forbear"], 2, ERROR),
        (["packs", "nowhere"], 1, ERROR),
        (["packs", "huabei/before"], 0, ["name", "text"]),
        (["packs"], 0, ["packs"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_whatever_else_is_wrong(folder: Path, arguments: list[str], code: int, keys: list[str]) -> None:
    answer = run(*arguments, "--format", "json", given=CASE, cwd=folder)
    assert answer.code == code, answer.err
    assert list(answer.json) == keys
    assert bool(answer.err) is (code == 2 or keys in (ERROR, CASE_ERROR) or arguments[0] == "facts")


LONG = {
    "a text": ('"debt": "' + "a" * 16_000_000 + '"', True),
    "a line over the bound": ('"debt": "' + "a" * 17_000_000 + '"', False),
    "a number": ('"overdue_amount": ' + "9" * 50_000_000, False),
    "a decimal": ('"overdue_amount": 0.' + "9" * 50_000_000, False),
    "a decimal in a text": ('"overdue_amount": "0.' + "9" * 50_000_000 + '"', False),
    "brackets": ('"state": ' + "[" * 50_000_000, False),
    "names": (", ".join(f'"x{n}": 1' for n in range(1_000_000)), False),
}


@pytest.mark.parametrize(("what", "good"), LONG.values(), ids=LONG.keys())
def test_a_long_line_is_answered_and_so_is_the_next(folder: Path, what: str, good: bool) -> None:
    line = f'{{"days_overdue": 61, "unreachable": 3, {what}}}'
    answer = run("decide", "house.forbear", "--lines", given=f"{line}\n{CASE}\n", cwd=folder, seconds=40)
    first, second = map(json.loads, answer.out.splitlines())
    assert ("decisions" in first) is good
    assert good or first["line"] == 1
    assert good or len(answer.out.splitlines()[0]) < 2_000
    assert second["decisions"]["contact_related"]["permitted"]
    assert answer.code == (0 if good else 1)
