"""`forbear compile`: a whole module or none, and always the same."""

from __future__ import annotations

import json
import resource
import stat
from pathlib import Path

import pytest
from command import HOUSE, environment, run, write
from night import NIGHTLY

import forbear
from forbear.base import resources

OLD = "# what was there before\n"


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
