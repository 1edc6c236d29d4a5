"""The project file: where it is found, and what its author reads about a mistake. What it says to which command is in
`transcripts/project.txt`."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from invoking import Answer, forbear, write
from night import NIGHTLY
from strategies import examples

from forbear.analysis.severities import all_codes
from forbear.base.diagnostic import Severity
from forbear.check.project import ProjectError, read_project
from forbear.editors.editing.reading import read

HOUSE = """\
policy house
  currency USD
setting large is USD 100
rule remind: from day 3 to day 9 then allow sms
rule call: from day 11 and overdue_amount >= large then allow phone_call, sms
"""
SEVERITIES = '[severity]\nhole = "error"\nfalling-pressure = "ignore"\nunguarded = "warning"\n'
OTHER = "policy other\nrule call: after 3 days then allow phone_call\n"


def folder(where: Path, toml: str, **files: str) -> Path:
    for name, text in {"house": HOUSE, **files}.items():
        (where / "rules").mkdir(exist_ok=True)
        write(where / "rules", text, f"{name}.forbear")
    write(where, toml, "forbear.toml")
    return where


# Where it is found


def test_sarif_leads_to_the_pages_of_the_house(tmp_path: Path) -> None:
    folder(tmp_path, f'help-uri = "https://rules.example.org/{{code}}.html"\n{SEVERITIES}')
    run = forbear("validate", "rules", "--format", "sarif", cwd=tmp_path).json["runs"][0]
    assert {rule["helpUri"] for rule in run["tool"]["driver"]["rules"]} == {
        f"https://rules.example.org/{rule['id']}.html" for rule in run["tool"]["driver"]["rules"]
    }
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [("hole", "error"), ("unguarded", "warning")]
    assert run["properties"]["counts"] == {"error": 1, "warning": 1, "note": 0}
    bare = forbear("validate", "rules", "--format", "sarif", "--isolated", cwd=tmp_path).json["runs"][0]
    assert not any("helpUri" in rule for rule in bare["tool"]["driver"]["rules"])


# Severities


def test_the_page_shows_the_severities_of_the_project(tmp_path: Path) -> None:
    folder(tmp_path, SEVERITIES)
    page = forbear("report", "rules/house.forbear", "-o", "-", cwd=tmp_path).out
    assert "falling-pressure" not in page
    assert "falling-pressure" in forbear("report", "rules/house.forbear", "-o", "-", "--isolated", cwd=tmp_path).out


@pytest.mark.parametrize("code", sorted(all_codes())[:: 1 if NIGHTLY else 3])
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


# Mistakes


def test_a_file_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "forbear.toml").write_bytes(b"strict = '\xff'\n")
    assert "it is not UTF-8" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    (tmp_path / "forbear.toml").write_bytes(b"#" * 1_000_001)
    assert "more than 1,000,000 bytes" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    (tmp_path / "forbear.toml").write_bytes(b"a = " + b"[" * 50_000)
    assert "this is not valid TOML" in _said(forbear("validate", "--format", "json", cwd=tmp_path))
    write(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    named = forbear("validate", "--config", "pyproject.toml", "--format", "json", cwd=tmp_path)
    assert "no table `[tool.forbear]`" in _said(named)


def test_a_damaged_file_is_an_error_with_a_place(tmp_path: Path) -> None:
    """Whatever is in it, it is read, or its error lies in its text."""
    marks = '" \' [ ] = { } . \x00 \r \u202e é """ nan -inf 0x 1979-05-27T07:32:00Z'
    words = [*WHOLE.split(), "\n", *marks.split(" ")]
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


def _said(answer: Answer) -> str:
    [finding] = answer.json["findings"]
    return str(finding["message"])
