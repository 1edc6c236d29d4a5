"""Bad input that no text can show: bytes, sizes, packs that reach out. The rest is in `transcripts/bad_files.txt`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import HOUSE, environment, of_code, run, spanned, write

import forbear
from forbear.base import resources

QUICK = 20.0
"""Seconds in which any input is answered, on a slow machine."""

CASE = '{"days_overdue": 5, "unreachable": 3}'
GOOD = "rule first: after 3 days then allow sms\n"


# Rule files

BAD_FILES: dict[str, tuple[str | bytes, str, tuple[int, int]]] = {
    "not UTF-8": (b"rule first: after 3 days then allow sms # \xe9\n", "unreadable-file", (1, 1)),
    "UTF-16": (GOOD.encode("utf-16"), "unreadable-file", (1, 1)),
    "not UTF-8 on line 3": (b"# a\n# b\n# \xff\n" + GOOD.encode(), "unreadable-file", (3, 1)),
    "a NUL": ("rule first:\n  after 3 days\0 then allow sms\n", "unreadable-file", (2, 15)),
    "2,000 nots": ("rule first: " + "not " * 2000 + "always then allow sms\n", "too-deep", (1, 413)),
    "2,000 parentheses": (f"rule first: {'(' * 2000}always{')' * 2000} then allow sms\n", "too-deep", (1, 113)),
}


@pytest.mark.parametrize(("content", "code", "place"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_rule_files(tmp_path: Path, content: str | bytes, code: str, place: tuple[int, int]) -> None:
    write(tmp_path, "bad.forbear", content)
    answer = run("validate", "bad.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    [finding] = answer.json["findings"]
    start = finding["span"]["start"]
    assert (answer.code, finding["code"], (start["line"], start["column"])) == (1, code, place)
    assert not run("compile", "bad.forbear", "-o", "out.py", cwd=tmp_path, seconds=QUICK).out
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("calendar", "CN", "--years", "2025", "--years", "2026"), "--years"),
        (("decide", "house.forbear", "--case", "a.json", "--case", "b.json"), "--case"),
        (("validate", "house.forbear", "--on", "2026-01-01", "--on=2026-01-02"), "--on"),
        (("compile", "house.forbear", "-o", "a.py", "--output", "b.py"), "--output"),
        (("table", "import", "t.csv", "--name", "a", "--name", "b"), "--name"),
    ],
)
def test_an_option_of_one_value_is_given_once(tmp_path: Path, arguments: tuple[str, ...], option: str) -> None:
    """Of two the last would count, and the other would be dropped without a word."""
    answer = run(*arguments, cwd=tmp_path)
    assert (answer.code, f"{option} is given twice" in answer.err) == (2, True), answer
    assert not list(tmp_path.iterdir())


def test_a_byte_order_mark_and_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", b"\xef\xbb\xbf" + HOUSE.replace("\n", "\r\n").encode())
    plain = write(tmp_path, "plain.forbear", HOUSE)
    assert run("validate", path, "--format", "json").json["counts"]["error"] == 0
    assert forbear.load(path).digest == forbear.load(plain).digest
    windows = HOUSE.replace("contact_related\n", "contact_relatde\n").replace("\n", "\r\n")
    path = write(tmp_path, "q.forbear", b"\xef\xbb\xbf" + windows.encode())
    [finding] = of_code(run("validate", path, "--format", "json").json, "unknown-action")
    assert spanned(windows, finding["span"]) == "contact_relatde"


BRACKETS = {
    "round": "(" * 10_000_000,
    "round in a rule": "rule a: " + "(" * 5_000_000 + "always" + ")" * 5_000_000 + " then allow sms",
    "square": "[" * 10_000_000,
    "pairs": "rule a: after 3 days and " + "()" * 5_000_000,
    "one a line": "(\n" * 5_000_000,
}


@pytest.mark.parametrize("text", BRACKETS.values(), ids=BRACKETS.keys())
def test_ten_megabytes_of_brackets_as_rules(tmp_path: Path, text: str) -> None:
    write(tmp_path, "bad.forbear", text)
    answer = run("validate", "bad.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
    assert answer.json["findings"][0]["file"] == "bad.forbear"
    assert len(answer.out) < 1_000_000


@pytest.mark.parametrize("text", ["[" * 10_000_000, '{"a":' * 2_000_000, "(" * 10_000_000], ids=["[", "{", "("])
def test_ten_megabytes_of_brackets_as_a_case(tmp_path: Path, text: str) -> None:
    policy = write(tmp_path, "house.forbear", HOUSE)
    case = write(tmp_path, "case.json", text)
    answer = run("decide", policy, "--case", case, seconds=QUICK)
    assert answer.code == 1
    assert answer.out == ""
    assert len(answer.err) < 2_000


def test_a_file_over_the_bound(tmp_path: Path) -> None:
    write(tmp_path, "large.forbear", GOOD.encode() + b"#" * (64 * 1024 * 1024))
    answer = run("validate", "large.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
    assert answer.json["total"] == {"too-large": 1}


def test_nesting_up_to_the_bound_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "rule a: " + "not " * 100 + "always then allow sms\n")
    assert run("validate", path, "--format", "json").json["counts"]["error"] == 0
    path = write(tmp_path, "q.forbear", "rule a: " + "not " * 101 + "always then allow sms\n")
    assert run("validate", path, "--format", "json").json["total"] == {"too-deep": 1}


# Other files


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, with packs that reach out of their folder."""
    folder = tmp_path_factory.mktemp("shipped")
    package = Path(forbear.__file__).parent
    shutil.copytree(package, folder / "src" / "forbear", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("grammar", "rules"):
        shutil.copytree(resources.folder(name), folder / name)
    write(folder, "secret.forbear", "fact late days clock\naction ping\n")
    (folder / "rules" / "link.forbear").symlink_to(folder / "secret.forbear")
    write(folder, "rules/dots.forbear", 'uses "../secret"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/whole.forbear", f'uses "{folder}/secret"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/linked.forbear", 'uses "link"\nrule a: after 3 days then allow ping\n')
    write(folder, "rules/inside.forbear", 'uses "vocabulary/../vocabulary/collections"\n' + GOOD)
    return folder


@pytest.mark.parametrize("pack", ["dots", "whole", "linked"])
def test_a_pack_never_leads_out_of_the_packs(shipped: Path, pack: str) -> None:
    answer = run("validate", f"pack:{pack}", "--format", "json", env=environment(PYTHONPATH=str(shipped / "src")))
    assert answer.code == 1
    [finding] = of_code(answer.json, "outside-pack")
    assert finding["file"] == f"pack:{pack}"
    assert {other["file"] for other in answer.json["findings"]} == {f"pack:{pack}"}


def test_a_pack_may_use_a_pack(shipped: Path) -> None:
    answer = run("validate", "pack:inside", "--format", "json", env=environment(PYTHONPATH=str(shipped / "src")))
    assert answer.code == 0


def test_a_folder_that_is_named_as_a_rule_file(tmp_path: Path) -> None:
    (tmp_path / "odd.forbear").mkdir()
    write(tmp_path, "p.forbear", GOOD)
    assert run("validate", ".", cwd=tmp_path).code == 0
    assert run("decide", ".", "--on", "2015-09-22", "--case", "-", given=CASE, cwd=tmp_path).code == 1
    assert run("decide", "p.forbear", "--case", "odd.forbear", cwd=tmp_path).code in (1, 2)


# Cases


def test_files_that_never_end_are_cut(tmp_path: Path) -> None:
    """A rule file and a case are read up to their bound and no further."""
    policy = write(tmp_path, "house.forbear", HOUSE)
    answer = run("decide", policy, "--case", "/dev/zero", seconds=QUICK)
    assert answer.code == 1
    assert "the case has more than 16 MB" in answer.err
    write(tmp_path, "p.forbear", 'uses "/dev/zero"\n' + GOOD)
    answer = run("validate", "p.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
