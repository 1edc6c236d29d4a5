"""Where commands write: never over what they read, whole or not at all, and straight into what is no file."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest
from command import FORBEAR, HOUSE, Answer, environment, write
from command import run_alone as run

import forbear
from forbear.base import resources

VOCABULARY = "fact late days clock\naction ping\n"
USING = 'policy p\n  uses "words"\nrule a: after 3 days then allow ping\nensure conforms to "bounds"\n'
STANDARD = 'standard bounds\n  uses "words"\nrule b: never ping when within 1 day\n'
WRITERS = (
    ("compile", "-o", "def decide("),
    ("validate", "--write-examples", "# Cases that `forbear` found"),
    ("test", "--write-examples", "# Cases that `forbear` found"),
)
"""Commands that write, the option that names the file, and what stands in it."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", HOUSE)


BOOK = "policy p\n  in force from 2026-01-01\nrule r: after 3 days then allow sms\n"
OLD_BOOK = "policy p\n  in force from 2025-01-01 until 2025-12-31\nrule r: after 9 days then allow sms\n"


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (["plan", "p.forbear", "cases.csv"], {"-o": "cases.csv"}),
        (["plan", "p.forbear", "cases.csv"], {"-o": "link.csv"}),
        (["plan", "p.forbear", "cases.csv"], {"-o": "p.csv"}),
        (["plan", "p.forbear", "cases.csv", "--against", "q.forbear"], {"-o": "q.csv"}),
        (["apply", "p.forbear", "cases.csv"], {"-o": "link.csv"}),
        (["apply", "book", "cases.csv", "--on", "2026-03-01"], {"-o": "old.csv"}),
        (["diff", "p.forbear", "q.forbear", "--on-cases", "cases.csv"], {"-o": "q.csv"}),
        (["diff", "book", "book", "--on", "2026-03-01", "--on-cases", "cases.csv"], {"-o": "old.csv"}),
        (["report", "p.forbear", "q.forbear"], {"-o": "new.html", "--svg": "q.csv"}),
        (["report", "book", "--on", "2026-03-01"], {"-o": "book/old.forbear"}),
        (["compile", "book", "--on", "2026-03-01"], {"-o": "book/old.forbear"}),
        (["compile", "p.forbear"], {"--vectors": "new.json", "-o": "p.json"}),
        (["compile", "p.forbear"], {"-o": "project.toml"}),
        (["decide", "book", "--on", "2026-03-01", "--given", ""], {"--record": "project.toml"}),
        (["validate", "book"], {"--write-examples": "project.toml"}),
        (["test", "p.forbear", "--since", "q.forbear"], {"--write-examples": "q.csv"}),
        (["serve", "book"], {"--record": "book/old.forbear"}),
        (["compile", "u.forbear"], {"-o": "words.forbear"}),
        (["validate", "u.forbear"], {"--write-examples": "bounds.forbear"}),
        (["test", "u.forbear"], {"--write-examples": "twin.py"}),
        (["test", "u.forbear"], {"--write-examples": "./u.forbear"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "-".join(value.values()),
)
def test_no_output_is_an_input(tmp_path: Path, arguments: list[str], targets: dict[str, str]) -> None:
    for name, text in (("p.forbear", HOUSE), ("q.forbear", HOUSE.replace("60", "30")), ("book/new.forbear", BOOK)):
        write(tmp_path, name, text)
    write(tmp_path, "book/old.forbear", OLD_BOOK)
    for name, text in (("words.forbear", VOCABULARY), ("bounds.forbear", STANDARD), ("u.forbear", USING)):
        write(tmp_path, name, text)
    (tmp_path / "twin.py").hardlink_to(tmp_path / "u.forbear")
    write(tmp_path, "project.toml", "strict = false\n")
    write(tmp_path, "cases.csv", "days_overdue,unreachable\n5,0\n")
    links = {"link.csv": "cases.csv", "old.csv": "book/old.forbear", "p.csv": "p.forbear", "q.csv": "q.forbear"}
    for link, file in {**links, "p.json": "p.forbear"}.items():
        (tmp_path / link).symlink_to(file)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    options = [word for option in targets.items() for word in option]
    answer = run(*arguments, *options, "--config", "project.toml", cwd=tmp_path)
    assert answer.code == 2, answer.said
    refused = [name for name in targets.values() if not name.startswith("new")]
    assert f"{refused[0]!r} is read by this command" in answer.err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_pack_is_not_written(tmp_path: Path) -> None:
    pack = resources.folder("rules") / "huabei" / "redesigned.forbear"
    link = tmp_path / "link.py"
    link.symlink_to(pack)
    before = pack.read_bytes()
    assert run("compile", "pack:huabei/redesigned", "-o", link).code == 2
    assert pack.read_bytes() == before


def test_a_file_behind_standard_input_is_not_written(house: Path) -> None:
    with house.open("rb") as given:
        done = subprocess.run(
            [*FORBEAR, "compile", "-", "-o", str(house)],
            stdin=given,
            capture_output=True,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert house.read_text() == HOUSE


@pytest.mark.parametrize(
    ("number", "target"),
    [*enumerate(["folder.py", "missing/out", "house.forbear/out", "/proc/out.py", "loop", "n" * 300])],
)
def test_targets_that_cannot_be(tmp_path: Path, house: Path, number: int, target: str) -> None:
    command, option, _ = WRITERS[number % 3]
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    answer = run(command, house.name, option, target, cwd=tmp_path)
    assert answer.code == 1
    assert answer.out == ""
    [line] = answer.err.splitlines()
    assert line.startswith(f"error: {target!r} cannot be written: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.py", "house.forbear", "loop"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_written(tmp_path: Path, house: Path) -> None:
    target = write(tmp_path, "out.py", "old")
    target.chmod(0o444)
    assert run("compile", house, "-o", target).code == 1
    assert target.read_text() == "old"


@pytest.mark.parametrize(("command", "option", "text"), WRITERS)
def test_a_link_stays_one(tmp_path: Path, house: Path, command: str, option: str, text: str) -> None:
    target = write(tmp_path, "deep/out", "old")
    link = tmp_path / "link.py"
    link.symlink_to("deep/out")
    assert run(command, house, option, link).code == 0
    assert link.is_symlink()
    assert text in target.read_text()


@pytest.mark.parametrize(("command", "option", "text"), WRITERS)
@pytest.mark.parametrize("target", ["-", "/dev/stdout"])
def test_standard_output_is_a_target(house: Path, command: str, option: str, text: str, target: str) -> None:
    answer = run(command, house, option, target)
    assert answer.code == 0
    assert text in answer.out
    if command != "compile":
        assert forbear.loads(HOUSE + answer.out).typed.examples  # it is text of the language, and no report
        assert answer.err


@pytest.mark.parametrize("command", ["validate", "test"])
def test_the_report_beside_examples_on_standard_output_goes_to_standard_error(house: Path, command: str) -> None:
    answer = run(command, house, "--write-examples", "-", "--format", "json")
    assert answer.out.startswith("#")
    assert Answer(0, answer.err, "").json


@pytest.mark.parametrize(("command", "option", "text"), WRITERS)
def test_standard_output_that_is_a_file(tmp_path: Path, house: Path, command: str, option: str, text: str) -> None:
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(
            [*FORBEAR, command, str(house), option, "/dev/stdout"], stdout=out, env=environment(), check=True
        )
        assert os.fstat(out.fileno()).st_ino == (tmp_path / "out").stat().st_ino
    assert text in (tmp_path / "out").read_text()


@pytest.mark.parametrize(("command", "option", "text"), WRITERS)
def test_a_pipe_is_a_target(tmp_path: Path, house: Path, command: str, option: str, text: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run(command, house, option, pipe).code == 0
    reader.join(30)
    assert text in got[0]
    assert pipe.is_fifo()


def test_a_device_is_a_target(house: Path) -> None:
    assert run("compile", house, "-o", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()
    assert run("compile", house, "-o", "/dev/full").code == 1


@pytest.mark.parametrize("target", ["-", "/dev/stdout"])
def test_init_writes_to_standard_output(tmp_path: Path, target: str) -> None:
    answer = run("init", target, cwd=tmp_path)
    assert answer.code == 0
    assert forbear.loads(answer.out).name == "house_policy"
    assert list(tmp_path.iterdir()) == []


def test_init_leaves_what_is_there(tmp_path: Path, house: Path) -> None:
    (tmp_path / "nowhere").symlink_to("missing")
    for target in (house, tmp_path, tmp_path / "nowhere", tmp_path / "missing" / "p.forbear"):
        answer = run("init", target)
        assert answer.code == 1
        assert len(answer.err.splitlines()) == 1
    assert house.read_text() == HOUSE
    assert not (tmp_path / "missing").exists()
