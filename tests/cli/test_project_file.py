"""The project file: where it is found, what it says to which command, and what its author reads about a mistake."""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path

import pytest
from invoking import Answer, forbear, write
from night import NIGHTLY
from strategies import examples

from forbear.analysis.severities import all_codes
from forbear.base.diagnostic import Severity
from forbear.check.project import KEYS, ProjectError, read_project
from forbear.editors.editing.reading import read

ROOT = Path(__file__).parents[2]
HOUSE = """\
policy house
  currency USD
setting large is USD 100
rule remind: from day 3 to day 9 then allow sms
rule call: from day 11 and overdue_amount >= large then allow phone_call, sms
"""
OTHER = "policy other\nrule call: after 3 days then allow phone_call\n"


def folder(where: Path, toml: str, **files: str) -> Path:
    for name, text in {"house": HOUSE, **files}.items():
        (where / "rules").mkdir(exist_ok=True)
        write(where / "rules", text, f"{name}.forbear")
    write(where, toml, "forbear.toml")
    return where


def in_json(answer: Answer) -> list[tuple[str, str]]:
    """The codes that are found, with how serious they are taken, also those of the cause of another."""
    causes = answer.json["findings"]
    found = [one for cause in causes for one in (cause, *cause.get("also", ()))]
    return sorted({(one["code"], one["severity"]) for one in found})


# Where it is found


def test_the_nearest_file_above_is_read_and_paths_are_relative_to_it(tmp_path: Path) -> None:
    folder(tmp_path, 'paths = ["rules"]\n')
    deep = tmp_path / "rules" / "more"
    deep.mkdir()
    write(deep, OTHER, "deep.forbear")
    assert "in 2 files" in forbear("validate", cwd=deep).out
    assert "in 1 file" in forbear("validate", "--isolated", cwd=deep).out
    assert "in 1 file" in forbear("validate", "deep.forbear", cwd=deep).out


def test_forbear_toml_goes_before_pyproject_and_a_pyproject_of_others_is_passed_over(tmp_path: Path) -> None:
    folder(tmp_path, "")
    (tmp_path / "forbear.toml").unlink()
    write(tmp_path, '[tool.forbear.severity]\nhole = "error"\n', "pyproject.toml")
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, "[project]\nname = 'x'\n", "pyproject.toml")
    write(inner, HOUSE)
    assert ("hole", "error") in in_json(forbear("validate", "house.forbear", "--format", "json", cwd=inner))
    write(inner, "", "forbear.toml")
    assert ("hole", "warning") in in_json(forbear("validate", "house.forbear", "--format", "json", cwd=inner))


def test_the_search_ends_at_the_top_of_a_repository(tmp_path: Path) -> None:
    folder(tmp_path, "strict = true\n")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    write(repository, HOUSE)
    assert forbear("validate", cwd=tmp_path).code == 1
    assert forbear("validate", "house.forbear", cwd=repository).code == 0


def test_a_broken_pyproject_that_does_not_name_us_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, "[broken\n", "pyproject.toml")
    write(tmp_path, OTHER)
    assert forbear("validate", "house.forbear", cwd=tmp_path).code == 0
    write(tmp_path, "[tool.forbear\n", "pyproject.toml")
    assert "this is no TOML" in _said(forbear("validate", "--format", "json", cwd=tmp_path))


def test_config_names_a_file_and_isolated_reads_none(tmp_path: Path) -> None:
    folder(tmp_path, "strict = true\n")
    write(tmp_path, "strict = false\n", "lax.toml")
    assert forbear("validate", "rules", cwd=tmp_path).code == 1
    assert forbear("validate", "rules", "--config", "lax.toml", cwd=tmp_path).code == 0
    assert forbear("validate", "rules", "--isolated", cwd=tmp_path).code == 0
    assert forbear("validate", "rules", "--isolated", "--config", "lax.toml", cwd=tmp_path).code == 2
    assert forbear("validate", "rules", "--config", "none.toml", cwd=tmp_path).code == 2


# What it says


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    folder(tmp_path, 'strict = true\nlimit = 1\nnotes = true\n[settings]\nlarge = "USD 500"\n', other=OTHER)
    assert forbear("validate", "rules", cwd=tmp_path).code == 1
    assert forbear("validate", "rules", "--no-strict", cwd=tmp_path).code == 0
    assert "note[unguarded]" in forbear("validate", "rules", cwd=tmp_path).out
    assert "note[unguarded]" not in forbear("validate", "rules", "--no-notes", cwd=tmp_path).out
    write(tmp_path, '{"days_overdue": 20, "overdue_amount": 200}', "case.json")

    def permitted(*more: str) -> bool:
        case = ("--case", "case.json", "--format", "json")
        return bool(
            forbear("decide", "rules/house.forbear", *case, *more, cwd=tmp_path).json["decisions"]["sms"]["permitted"]
        )

    assert (permitted(), permitted("--isolated"), permitted("--set", "large=USD 150")) == (False, True, True)


def test_settings_reach_every_command_that_reads_a_policy_that_has_them(tmp_path: Path) -> None:
    """What is proved, decided, compiled and compared is one policy; those without the setting do without it."""
    folder(tmp_path, '[settings]\nlarge = "USD 500"\n', other=OTHER)
    write(tmp_path, '{"days_overdue": 20, "overdue_amount": 200}', "case.json")
    house, other = "rules/house.forbear", "rules/other.forbear"
    assert '"USD 500"' in forbear("facts", house, "--format", "json", cwd=tmp_path).out
    assert (
        "needs overdue_amount >= USD 500" in forbear("explain", house, "--case", "case.json", "sms", cwd=tmp_path).out
    )
    assert "50000" in forbear("compile", house, "-o", "-", cwd=tmp_path).out
    assert forbear("diff", house, house, "--format", "json", cwd=tmp_path).json["equivalent"]
    for command in (["facts"], ["decide", "--case", "case.json"], ["compile", "-o", "-"]):
        assert forbear(command[0], other, *command[1:], cwd=tmp_path).code == 0
    assert forbear("test", "rules", cwd=tmp_path).code == 0
    assert forbear("facts", other, "--set", "large=USD 1", cwd=tmp_path).code == 1


def test_a_standard_takes_no_setting_of_the_project(tmp_path: Path) -> None:
    """It would alter the law by which the policy is judged, and nobody would see it."""
    standard = "standard bounds\nsetting large is 5\nrule r: never phone_call when within large days\n"
    policy = "policy house\nsetting large is 3\nrule a: after large days then allow phone_call\n"
    folder(tmp_path, "[settings]\nlarge = 4\n", house=policy, bounds=standard)
    house, bounds = "rules/house.forbear", "rules/bounds.forbear"
    assert forbear("facts", house, "--format", "json", cwd=tmp_path).json["settings"][0]["value"] == "4"
    assert forbear("facts", bounds, "--format", "json", cwd=tmp_path).json["settings"][0]["value"] == "5"
    broken = forbear("conform", house, "--to", bounds, "--format", "json", cwd=tmp_path)
    assert (broken.code, broken.json["violations"][0]["witness"]) == (1, {"days_overdue": 5})
    assert forbear("conform", house, "--to", bounds, "--set", "large=9", "--isolated", cwd=tmp_path).code == 0
    forbear("validate", "rules", cwd=tmp_path)
    write(tmp_path, 'paths = ["rules/bounds.forbear"]\n[settings]\nlarge = 4\n', "forbear.toml")
    assert "no rule file has a setting `large`" in forbear("validate", cwd=tmp_path).out


def test_a_setting_that_no_rule_file_of_the_project_has_is_an_error(tmp_path: Path) -> None:
    folder(tmp_path, 'paths = ["rules"]\n[settings]\nlarge = "USD 500"\nlrge = 1\n')
    answer = forbear("validate", "--format", "json", cwd=tmp_path)
    [finding] = [found for found in answer.json["findings"] if found["code"] == "bad-project"]
    assert (answer.code, finding["message"], finding["help"]) == (
        1,
        "no rule file has a setting `lrge`",
        "did you mean `large`?",
    )
    assert (finding["file"], finding["span"]["start"]["line"]) == ("forbear.toml", 4)
    assert forbear("validate", "rules", cwd=tmp_path).code == 0


def test_a_book_takes_the_settings_of_the_project(tmp_path: Path) -> None:
    text = HOUSE.replace("USD\n", "USD\n  in force from 2020-01-01\n", 1)
    folder(tmp_path, '[settings]\nlarge = "USD 500"\nanother = 1\n', house=text)
    answer = forbear("facts", "rules", "--on", "2024-01-01", "--format", "json", cwd=tmp_path)
    assert answer.json["settings"][0]["value"] == "USD 500"
    assert forbear("facts", "rules", "--on", "2024-01-01", "--set", "another=1", cwd=tmp_path).code == 1


@pytest.mark.parametrize("engine", ["csv", "jsonl"])
def test_columns_are_those_of_facts_that_the_policy_has(tmp_path: Path, engine: str) -> None:
    toml = 'none = ["nothing"]\nkey = ["loan"]\n[map]\ndpd = "days_overdue"\nzz = "nothing"\ndue = "overdue_amount"\n'
    folder(tmp_path, toml)
    rows = "loan,dpd,due\n1,5,0\n" if engine == "csv" else '{"loan": "1", "dpd": 5, "due": 0}\n'
    write(tmp_path, rows, f"cases.{engine}")
    answer = forbear("apply", "rules/house.forbear", f"cases.{engine}", "-o", "out.jsonl", cwd=tmp_path)
    written = json.loads((tmp_path / "out.jsonl").read_text())
    assert (answer.code, written["loan"] in (1, "1"), written["sms"]) == (0, True, "allowed")
    changed = forbear("diff", *2 * ["rules/house.forbear"], "--on-cases", f"cases.{engine}", cwd=tmp_path)
    assert changed.code == 0
    assert forbear("diff", *2 * ["rules/house.forbear"], cwd=tmp_path).code == 0  # no case, and no complaint of `key`


def test_a_column_of_the_command_line_replaces_that_of_its_fact(tmp_path: Path) -> None:
    folder(tmp_path, '[map]\ndpd = "days_overdue"\n')
    write(tmp_path, "dpd,late,overdue_amount\n50,5,0\n", "cases.csv")
    forbear("apply", "rules/house.forbear", "cases.csv", "-o", "o.jsonl", "--map", "late=days_overdue", cwd=tmp_path)
    assert json.loads((tmp_path / "o.jsonl").read_text())["sms"] == "allowed"


def test_a_dialect_of_the_project_does_not_disturb_python(tmp_path: Path) -> None:
    folder(tmp_path, 'dialect = "duckdb"\ntable = "loans"\n')
    assert 'FROM "loans"' in forbear("compile", "rules/house.forbear", "--target", "sql", "-o", "-", cwd=tmp_path).out
    assert forbear("compile", "rules/house.forbear", "-o", "x.py", cwd=tmp_path).code == 0
    assert forbear("compile", "rules/house.forbear", "-o", "x.py", "--dialect", "duckdb", cwd=tmp_path).code == 2


def test_sarif_leads_to_the_pages_of_the_house(tmp_path: Path) -> None:
    folder(tmp_path, 'help-uri = "https://rules.example.org/{code}.html"\n')
    run = forbear("validate", "rules", "--format", "sarif", cwd=tmp_path).json["runs"][0]
    assert {rule["helpUri"] for rule in run["tool"]["driver"]["rules"]} == {
        f"https://rules.example.org/{rule['id']}.html" for rule in run["tool"]["driver"]["rules"]
    }
    bare = forbear("validate", "rules", "--format", "sarif", "--isolated", cwd=tmp_path).json["runs"][0]
    assert not any("helpUri" in rule for rule in bare["tool"]["driver"]["rules"])


def test_the_least_coverage_is_that_of_the_project(tmp_path: Path) -> None:
    folder(tmp_path, "min-coverage = 50.5\n")
    assert forbear("test", "rules", cwd=tmp_path).code == 1
    assert forbear("test", "rules", "--min-coverage", "0", cwd=tmp_path).code == 0
    write(
        tmp_path / "rules",
        HOUSE + 'example "one": given days_overdue 4, overdue_amount USD 0 expect sms allowed\n',
        "house.forbear",
    )
    assert forbear("test", "rules", cwd=tmp_path).code == 1
    assert forbear("test", "rules", "--title", "one", cwd=tmp_path).code == 0
    assert forbear("test", "rules", "--title", "one", "--min-coverage", "0", cwd=tmp_path).code == 2


def test_a_table_has_the_numbers_of_each_file_in_which_something_was_found(tmp_path: Path) -> None:
    clash = "policy clash\nrule a: after 3 days then allow sms\nrule b: forbid sms when after 5 days\n"
    rules = "".join(f"rule r{n}: after 3 days then allow smss\n" for n in range(7))
    folder(tmp_path, "[severity]\nhole = 'error'\n", clash=clash, many=f"policy many\n{rules}", sound=OTHER)
    answer = forbear("validate", "rules", "--limit", "2", cwd=tmp_path)
    table = re.findall(r"^(file|rules/\w+\.forbear) +(\w+) +(\w+)$", answer.out, re.M)
    assert table == [
        ("file", "errors", "warnings"),
        ("rules/clash.forbear", "1", "0"),
        ("rules/house.forbear", "1", "0"),
        ("rules/many.forbear", "7", "0"),
    ]
    assert "shows them\n\nfile " in answer.out
    assert answer.out.endswith("\n\n9 errors, 2 notes in 4 files\n"), answer.out[-300:]
    with_notes = forbear("validate", "rules", "--notes", cwd=tmp_path).out
    assert re.search(r"^file +errors  warnings  notes$", with_notes, re.M)
    assert re.search(r"^rules/sound.forbear +0 +0 +1$", with_notes, re.M)
    for output in ("json", "sarif", "github"):
        assert "warnings  " not in forbear("validate", "rules", "--format", output, cwd=tmp_path).out
    assert "file  " not in forbear("validate", "rules/clash.forbear", cwd=tmp_path).out
    assert "file  " not in forbear("validate", "rules", "-q", cwd=tmp_path).out


# Severities

SEVERITIES = '[severity]\nhole = "error"\nfalling-pressure = "ignore"\nunguarded = "warning"\n'


def test_all_formats_agree_on_severities(tmp_path: Path) -> None:
    folder(tmp_path, SEVERITIES)
    text = forbear("validate", "rules", cwd=tmp_path)
    assert text.code == 1
    assert re.findall(r"^(\w+\[.*?\])", text.out, re.M) == ["error[hole]", "warning[unguarded]"]
    assert text.out.endswith("1 error, 1 warning in 1 file\n")
    report = forbear("validate", "rules", "--format", "json", cwd=tmp_path)
    assert in_json(report) == [("hole", "error"), ("unguarded", "warning")]
    assert report.json["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert report.json["total"] == {"hole": 1, "unguarded": 1}
    run = forbear("validate", "rules", "--format", "sarif", cwd=tmp_path).json["runs"][0]
    assert [(found["ruleId"], found["level"]) for found in run["results"]] == [
        ("hole", "error"),
        ("unguarded", "warning"),
    ]
    assert run["properties"]["counts"] == report.json["counts"]
    lines = forbear("validate", "rules", "--format", "github", cwd=tmp_path).out.splitlines()
    assert [re.sub(r" file=.*?title=", " ", line).split("::")[1] for line in lines] == [
        "error hole",
        "warning unguarded",
    ]


def test_what_is_raised_to_an_error_is_not_compiled(tmp_path: Path) -> None:
    folder(tmp_path, SEVERITIES)
    answer = forbear("compile", "rules/house.forbear", "-o", "house.py", cwd=tmp_path)
    assert (answer.code, (tmp_path / "house.py").exists()) == (1, False)
    assert forbear("compile", "rules/house.forbear", "-o", "house.py", "--isolated", cwd=tmp_path).code == 0


def test_what_comes_and_goes_with_a_change_is_as_serious_as_it_is_taken(tmp_path: Path) -> None:
    folder(tmp_path, SEVERITIES, other=HOUSE.replace("to day 9", "to day 10"))

    def come(*more: str) -> list[tuple[str, str]]:
        answer = forbear("diff", "rules/other.forbear", "rules/house.forbear", "--format", "json", *more, cwd=tmp_path)
        return [(found["code"], found["severity"]) for found in answer.json["findings"]["come"]]

    assert come() == [("hole", "error"), ("unguarded", "warning")]
    assert come("--isolated") == [("hole", "warning")]  # and with it `falling-pressure`, which it causes


def test_the_page_shows_the_severities_of_the_project(tmp_path: Path) -> None:
    folder(tmp_path, SEVERITIES)
    page = forbear("report", "rules/house.forbear", "-o", "-", cwd=tmp_path).out
    assert "falling-pressure" not in page
    assert "falling-pressure" in forbear("report", "rules/house.forbear", "-o", "-", "--isolated", cwd=tmp_path).out


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_an_error_stays_an_error(tmp_path: Path, code: str) -> None:
    answer = 2 if all_codes()[code].severity is Severity.ERROR or code == "hidden-text" else 0
    severities = ("ignore", "note", *(() if code == "hidden-text" else ("warning",)))
    for severity in severities if NIGHTLY else severities[sorted(all_codes()).index(code) % len(severities) :][:1]:
        write(tmp_path, f'[severity]\n{code} = "{severity}"\n', "forbear.toml")
        write(tmp_path, OTHER)
        assert forbear("validate", "house.forbear", cwd=tmp_path).code == answer
    assert forbear("validate", "house.forbear", "--isolated", "--ignore", code, cwd=tmp_path).code == answer
    write(tmp_path, f'[severity]\n{code} = "error"\n', "forbear.toml")
    assert forbear("validate", "house.forbear", cwd=tmp_path).code == (code == "unguarded")


def test_select_and_ignore(tmp_path: Path) -> None:
    folder(
        tmp_path, "", clash="policy clash\nrule a: after 3 days then allow sms\nrule b: forbid sms when after 5 days\n"
    )

    def found(*arguments: str) -> list[tuple[str, str]]:
        return in_json(forbear("validate", "rules", "--format", "json", *arguments, cwd=tmp_path))

    everything = found()
    assert {"contradiction", "hole", "falling-pressure"} <= {code for code, _ in everything}
    assert found("--select", "hole") == [("contradiction", "error"), ("hole", "warning")]
    assert found("--select", "hole", "--select", "unguarded , falling-pressure") == [
        ("contradiction", "error"),
        ("falling-pressure", "warning"),
        ("hole", "warning"),
        ("unguarded", "note"),
    ]
    assert found("--ignore", "hole,falling-pressure") == [
        found for found in everything if found[0] not in ("hole", "falling-pressure")
    ]
    assert found("--select", "hole", "--ignore", "hole") == [("contradiction", "error")]
    write(tmp_path, '[severity]\nhole = "ignore"\n', "forbear.toml")
    assert ("hole", "warning") not in found()
    assert ("hole", "warning") in found("--select", "hole")
    assert "note[unguarded]" in forbear("validate", "rules", "--select", "unguarded", cwd=tmp_path).out


# Mistakes

MISTAKES = [
    ("strikt = true", "strikt", "there is no key `strikt`", "did you mean `strict`?"),
    ("[severities]\nhole = 'error'", "severities", "there is no key `severities`", "did you mean `severity`?"),
    ("[tool.forbear]\nstrict = true", "tool", "there is no key `tool`", "the keys stand at the top"),
    ("strict = 'yes'", "strict", '`strict` needs true or false, not "yes"', "without quotation marks"),
    ("limit = true", "limit", "`limit` needs a whole number, 0 or more, not true", "such as `20`"),
    ("effort = 0", "effort", "`effort` needs a whole number, 1 or more, not 0", "such as `10`"),
    ("limit = -1", "limit", "`limit` needs a whole number, 0 or more, not -1", "such as `20`"),
    ("paths = 'rules'", "paths", '`paths` needs a list of texts, not "rules"', '`["rules"]`'),
    ("paths = [1]", "paths", "`paths` needs a list of texts, not a list", '`["rules"]`'),
    ("paths = [\n  'house.forbear',\n  'ruls']", "ruls", "there is no file or folder `ruls`", "relative to this file"),
    ("severity = 'error'", "severity", "`severity` needs a table", "below `[severity]`"),
    ("[severity]\nhole = 'eror'", "hole", "`eror` is no severity", "did you mean `error`?"),
    ("[severity]\nhole = 3", "hole", "`3` is no severity", "`ignore`"),
    ("[severity]\n'hol' = 'error'", "hol", "there is no code `hol`", "did you mean `hole`?"),
    ("severity = {hole = 'error', hol = 'note'}", "hol", "there is no code `hol`", "did you mean `hole`?"),
    ("severity.contradiction = 'note'", "contradiction", "is an error, and stays one", "accept contradiction"),
    ("[severity]\nsyntax = 'ignore'", "syntax", "is an error, and stays one", "mend"),
    ("[severity]\nhidden-text = 'note'", "hidden-text", "always reported", "accept hidden-text"),
    ("help-uri = 'example.org'", "help-uri", "an address with `{code}` in it", "https://"),
    ("min-score = 101", "min-score", "`min-score` needs a number from 0 to 100, not 101", "such as `80`"),
    ("[settings]\na = 1\nb = [1]", "b", "a setting cannot be a list", "as in a rule file"),
    ("[settings]\nb = 2020-01-01T10:00:00", "b", "a setting cannot be 2020", "as in a rule file"),
    ("[map]\ndpd = 3", "dpd", "the column `dpd` needs the name of a fact, not 3", "days_overdue"),
    ("strict = true\nlimit = = 3", "= 3", "this is no TOML", "`key = value`"),
    ("strict = yes", "yes", "this is no TOML", "quotation marks"),
    ("strict = true\nstrict = true", "\n", "this is no TOML", "`key = value`"),
]


IN_BOTH = [row for row in MISTAKES if row[1] != "tool" and "no TOML" not in row[2]]
EVERY = [*[(*row, False) for row in MISTAKES], *[(*row, True) for row in IN_BOTH]]


@pytest.mark.parametrize(("toml", "at", "message", "help", "shared"), EVERY, ids=[toml[:20] for toml, *_ in EVERY])
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, toml: str, at: str, message: str, help: str, shared: bool
) -> None:
    """In a file of our own, and in `pyproject.toml`, where `shared` other tools say things of the same names."""
    write(tmp_path, OTHER)
    if shared:
        nested = re.sub(r"^\[", "[tool.forbear.", toml)
        text = nested if nested != toml else f"[tool.forbear]\n{toml}"
        text = f"[tool.other]\n{at.strip() or 'x'} = 1\n{text}"
    else:
        text = f"# strict, paths and severity of a house\n{toml}"
    file = write(tmp_path, f"{text}\n", "pyproject.toml" if shared else "forbear.toml")
    answer = forbear("validate", "house.forbear", "--format", "json", cwd=tmp_path)
    [finding] = answer.json["findings"]
    assert (answer.code, finding["code"], finding["file"]) == (2, "bad-project", file.name)
    assert message in finding["message"]
    assert help in finding["help"]
    line, column = finding["span"]["start"]["line"], finding["span"]["start"]["column"]
    assert (text + "\n").splitlines(keepends=True)[line - 1][column - 1 :].startswith(at)
    if shared:
        assert line > 2


def test_a_file_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "forbear.toml").write_bytes(b"strict = '\xff'\n")
    assert "it is not UTF-8" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    (tmp_path / "forbear.toml").write_bytes(b"#" * 1_000_001)
    assert "more than 1,000,000 bytes" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    (tmp_path / "forbear.toml").write_bytes(b"a = " + b"[" * 50_000)
    assert "this is no TOML" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    write(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    named = forbear("validate", "--config", "pyproject.toml", "--format", "json", cwd=tmp_path)
    assert "no table `[tool.forbear]`" in _said(named)


def test_a_damaged_file_is_an_error_with_a_place(tmp_path: Path) -> None:
    """Whatever is in it, it is read, or its error lies in its text."""
    words = [
        *WHOLE.split(),
        *[
            "\n",
            '"',
            "'",
            "[",
            "]",
            "=",
            "{",
            "}",
            ".",
            "\x00",
            "\r",
            "\u202e",
            "é",
            '"""',
            "nan",
            "-inf",
            "0x",
            "1979-05-27T07:32:00Z",
        ],
    ]
    file = tmp_path / "forbear.toml"
    read = 0
    for seed in range(runs := examples(100)):
        generator = random.Random(seed)
        text = WHOLE
        for _ in range(generator.randint(1, 3)):
            at = generator.randint(0, len(text))
            cut = at + generator.choice([0, 0, generator.randint(1, 12)])
            text = text[:at] + generator.choice(["", *words]) + text[cut:]
        write(tmp_path, text, file.name)
        try:
            read_project(file)
            read += 1
        except ProjectError as error:
            place = error.diagnostic.place
            assert 0 <= place.span[0] <= place.span[1] <= len(place.source.text), seed
            assert str(place).startswith(place.source.name)
    assert 0 < read < runs


WHOLE = """\
# Everything that may be said
paths = ["rules", "more"]
strict = true
limit = 5
severity = { hole = "error", "dead-rule" = 'note' }
[settings]
large = "USD 5"
day = 2020-01-01
time = 10:00:00
text = \'\'\'
in two
lines\'\'\'
number = 1e400
"quoted key" = 5
[map]
balance = "overdue_amount"
"""


def test_the_place_of_an_error_in_a_large_file_costs_little(tmp_path: Path) -> None:
    write(tmp_path, OTHER)
    write(tmp_path, "".join(f"# strict {n}\n" for n in range(20_000)) + "strict = 1\n", "forbear.toml")
    assert "`strict` needs true or false" in _said(forbear("validate", "--format", "json", cwd=tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 30_000 + " = 1\n",
        "[a" + " . 'a'" * 30_000 + "]\n",
        "x = { y = { a" + '."a"' * 30_000 + " = 1 } }\n",
    ],
)
def test_a_key_of_many_parts_costs_little(tmp_path: Path, text: str) -> None:
    write(tmp_path, OTHER)
    write(tmp_path, text, "forbear.toml")
    start = time.process_time()
    assert "a key has at most 32 parts here" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    read(OTHER, tmp_path / "house.forbear")  # as an editor does with each key
    assert time.process_time() - start < 3


def test_what_looks_like_a_key_of_many_parts_is_read(tmp_path: Path) -> None:
    many, most = ".".join("a" * 40), ".".join("b" * 31)
    text = f"# {many}\ntable = \"{many}\"\n[settings]\na = '''{many} = 1'''\n{most} = 1.5\n"
    with pytest.raises(ProjectError, match="a setting cannot be a table"):
        read_project(write(tmp_path, text, "forbear.toml"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("strict = true # limit\nlimit = 'limit'\n", "limit = 'l"),
        ("map = { a = 'x', b = 5 }\n", "b = 5"),
        ("map.a = 'x'\nmap.'b c' = 5\n", "b c' = 5"),
        ('[map]\na = """limit = 1"""\n"b\\u0041" = 5\n', 'b\\u0041" = 5'),
        ("key = ['''x'''']\n[settings] # a\na = []\n", "a = []"),
        ("paths = [\n  'rules', # no\n  'no'\n]\n", "no'\n]"),
        ("a = [\n[\n1], {b = [\n]}]\n", "a = ["),
    ],
)
def test_the_place_of_a_mistake(tmp_path: Path, text: str, at: str) -> None:
    (tmp_path / "rules").mkdir()
    with pytest.raises(ProjectError) as found:
        assert read_project(write(tmp_path, text, "forbear.toml")).paths
    assert text[found.value.diagnostic.place.span[0] :].startswith(at)


def test_the_place_of_a_mistake_behind_many_words_like_it_costs_little(tmp_path: Path) -> None:
    filled = "[map]\n" + "".join(f"k{number} = 'a' # strikt\n" for number in range(10_000))
    start = time.process_time()
    with pytest.raises(ProjectError, match="there is no key `strikt`"):
        read_project(write(tmp_path, f"strikt.x = 1\n{filled}", "forbear.toml"))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("path", ["../other", "../other/a.forbear", "away", "rules/../../other", "away/a.forbear"])
def test_paths_stay_in_the_folder_of_the_file(tmp_path: Path, path: str) -> None:
    """Otherwise `format` would write files of other folders."""
    own, other = tmp_path / "own", tmp_path / "other"
    for each in (own / "rules", other):
        each.mkdir(parents=True)
    theirs = write(other, "rule a:   after 9 days then allow sms\n", "a.forbear")
    (own / "away").symlink_to(other)
    write(own, f'paths = ["{path}"]\n', "forbear.toml")
    for command in ("format", "validate", "test"):
        answer = forbear(command, cwd=own)
        assert (answer.code, "leads out of the folder of this file" in answer.err + answer.out) == (2, True), answer
    assert theirs.read_text() == "rule a:   after 9 days then allow sms\n"


@pytest.mark.parametrize("name", ["forbear.toml", "pyproject.toml"])
def test_no_line_behind_a_link_is_shown(tmp_path: Path, name: str) -> None:
    write(tmp_path, OTHER)
    write(tmp_path, "forbear S3CRET\n", "credentials")
    (tmp_path / name).symlink_to("credentials")
    answer = forbear("validate", cwd=tmp_path)
    assert (answer.code, "S3CRET" in answer.out + answer.err) == (2, False)
    assert "leads to a file that does not end in `forbear.toml` or `pyproject.toml`" in answer.err + answer.out
    (tmp_path / name).unlink()
    (tmp_path / "shared").mkdir()
    write(tmp_path / "shared", "[tool.forbear]\n" if name == "pyproject.toml" else "strict = false\n", name)
    (tmp_path / name).symlink_to(f"shared/{name}")
    assert forbear("validate", "house.forbear", cwd=tmp_path).code == 0


@pytest.mark.parametrize("value", ["nan", "inf", "1e99999999", "0x" + "f" * 9_000, "1000000000000000"])
@pytest.mark.parametrize("key", ["min-coverage", "limit", "effort"])
def test_an_odd_number_is_an_error(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ProjectError, match=f"`{key}` needs a "):
        read_project(write(tmp_path, f"{key} = {value}\n", "forbear.toml"))


def test_commands_without_a_project_do_not_read_it(tmp_path: Path) -> None:
    write(tmp_path, "strikt = true\n", "forbear.toml")
    assert forbear("init", cwd=tmp_path).code == 0
    assert forbear("packs", cwd=tmp_path).code == 0
    assert forbear("decide", "--help", cwd=tmp_path).code == 0


def _said(answer: Answer) -> str:
    [finding] = answer.json["findings"]
    return str(finding["message"])


def test_the_page_lists_each_key_with_its_commands() -> None:
    text = (ROOT / "docs" / "project.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| .*? \| (.*?) \|", text, re.M)
    listed = {name: re.findall("`([a-z]+)`", commands) for name, commands in rows}
    assert list(listed) == list(KEYS)
    for name, commands in listed.items():
        if name != "settings":
            assert commands == list(KEYS[name].commands), name
