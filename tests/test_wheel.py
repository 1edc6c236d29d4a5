"""What is shipped works away from the checkout: from the wheel, and from an editable install."""

from __future__ import annotations

import base64
import csv
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from night import NIGHTLY

from forbear import __version__
from forbear.base import resources

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "*cache*", "__pycache__", ".hypothesis", "dist", "build", "*.egg-info", "node_modules"
)
HOW = ("installed", "editable") if NIGHTLY else ("installed",)
"""By day the tests themselves run in an editable install."""
DAY_61 = {"days_overdue": 61, "unreachable": 3, "contact_source": "declared"}
DECIDE = """
    import sys
    import forbear
    from forbear.base import resources
    assert forbear.__file__.startswith(sys.argv[1]), forbear.__file__
    policy = forbear.load("pack:huabei/redesigned")
    case = {"days_overdue": 61, "unreachable": 3, "contact_source": "declared"}
    decision = policy.decide(case, on="2015-12-01")
    assert decision.permits("contact_related")
    assert decision["contact_related"].rules == ("ask_related_person",)
    assert not policy.permits("contact_related", {**case, "days_overdue": 60}, on="2015-12-01")
    book = forbear.load_book(resources.folder("rules") / "huabei")
    assert book.on("2015-09-21").version == "suspended"
    print(resources.folder("grammar"), resources.folder("rules"), sep="\\n")
"""


def environment() -> dict[str, str]:
    """This environment, without a way to the checkout."""
    left_out = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def shell(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is filled once, whatever the number of processes that test."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def fresh(folder: Path, *install: str | Path) -> None:
    """A fresh environment with something installed, and what it depends on."""
    shell(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    shell(sys.executable, "-m", "pip", "--python", python, "install", "-q", *install, cwd=folder)


def build(folder: Path) -> None:
    """Builds the sdist from a copy of the checkout, and the wheel from the sdist."""
    shutil.copytree(ROOT, folder / "checkout", ignore=LEFT_OUT)
    options = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    shell(sys.executable, "-m", "build", *options, "--outdir", folder / "dist", folder / "checkout", cwd=folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "built", build)


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    [path] = (built / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="session")
def sdist(built: Path) -> Path:
    [path] = (built / "dist").glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A fresh environment with the wheel."""
    return once(tmp_path_factory, "installed", lambda folder: fresh(folder, wheel))


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Path:
    """A fresh environment with an editable install of the copied checkout."""
    return once(tmp_path_factory, "editable", lambda folder: fresh(folder, "-e", built / "checkout"))


def shipped() -> list[str]:
    return [
        *(f"grammar/{path.name}" for path in (ROOT / "grammar").glob("*.lark")),
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*.forbear")),
    ]


def test_the_wheel_holds_grammar_rules_and_types(wheel: Path) -> None:
    assert wheel.name == f"forbear-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {f"forbear/{name}" for name in shipped()} <= names
        for name in shipped():
            assert archive.read(f"forbear/{name}") == (ROOT / name).read_bytes(), name
        [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
        required = [line for line in archive.read(metadata).decode().splitlines() if line.startswith("Requires-Dist")]
    assert "forbear/py.typed" in names
    sources = [
        path
        for path in (ROOT / "src").rglob("*.*")
        if path.suffix in (".py", ".js", ".css", ".jinja", ".forbear", ".txt")
    ]
    assert {path.relative_to(ROOT / "src").as_posix() for path in sources} <= names
    assert not [name for name in names if not name.startswith(("forbear/", f"forbear-{__version__}.dist-info/"))]
    core = {line.split()[1].rstrip(";").split("<")[0].split(">")[0] for line in required if "extra" not in line}
    assert core == {"attrs", "click", "lark", "rich"}


def test_each_file_of_the_wheel_is_what_its_record_says(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [record] = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
        listed = {name: (digest, size) for name, digest, size in csv.reader(archive.read(record).decode().splitlines())}
        assert listed.pop(record) == ("", "")
        assert listed.keys() == {*archive.namelist()} - {record}
        for name, (digest, size) in listed.items():
            content = archive.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert (f"sha256={found}", str(len(content))) == (digest, size), name


def test_a_wheel_that_is_built_again_is_the_same(wheel: Path, built: Path, tmp_path: Path) -> None:
    """From the checkout this time, and not from the sdist."""
    options = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    shell(sys.executable, "-m", "build", "--wheel", *options, "--outdir", tmp_path, built / "checkout", cwd=tmp_path)
    [again] = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_a_bill_of_materials(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"forbear-{__version__}.dist-info/sboms/forbear.cdx.json").decode()
        metadata = archive.read(f"forbear-{__version__}.dist-info/METADATA").decode().splitlines()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/forbear@{__version__}"
    parts = {part["name"]: part for part in bill["components"]}
    assert {name for name, part in parts.items() if part["scope"] == "required"} == {"attrs", "click", "lark", "rich"}
    offered = [
        line for line in metadata if line.startswith("Requires-Dist") and not re.search("'(bench|dev|docs|test)'", line)
    ]
    assert parts.keys() == {re.split("[<>=;]", line.split()[1])[0].lower() for line in offered}
    assert not {"timestamp"} & bill["metadata"].keys()


def test_the_sdist_holds_what_it_takes_to_build_and_test(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {*shipped(), "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src/forbear/py.typed"} <= names
    assert "tests/test_wheel.py" in names
    assert "docs/reference/language/index.md" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(".git/")]


def test_the_sdist_holds_the_commands_of_its_readme(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tools/check.py", "tools/demo.py", "tools/environment.py", "constraints.txt", ".ci/run"} <= names


@pytest.mark.parametrize("how", HOW)
def test_the_day_61_case_is_decided_by_python(how: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folder: Path = request.getfixturevalue(how)
    built: Path = request.getfixturevalue("built")
    home = folder / "venv" if how == "installed" else built / "checkout"
    code = textwrap.dedent(DECIDE)
    out = shell(folder / "venv" / "bin" / "python", "-c", code, home.resolve(), cwd=tmp_path)
    grammar, rules = map(Path, out.splitlines())
    for found, name in ((grammar, "grammar"), (rules, "rules")):
        assert found.is_relative_to(home.resolve()), found
        assert found.name == name


@pytest.mark.parametrize("how", HOW)
def test_the_day_61_case_is_decided_by_the_command(how: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folder: Path = request.getfixturevalue(how)
    case = tmp_path / "case.json"
    case.write_text(json.dumps(DAY_61))
    command: list[str | Path] = [folder / "venv/bin/forbear", "decide", "pack:huabei/redesigned", "--case", case]
    record: Any = json.loads(shell(*command, "--on", "2015-12-01", "--format", "json", cwd=tmp_path))
    assert record["decisions"]["contact_related"]["verdict"] == "allowed"
    assert record["decisions"]["disclose_item_details"]["verdict"] == "forbidden"
    assert record["policy"]["version"] == "redesigned"
    assert "ask_related_person" in shell(*command, "--on", "2015-12-01", cwd=tmp_path)


def test_the_installed_command_does_all_the_rest(installed: Path, tmp_path: Path) -> None:
    command = installed / "venv" / "bin" / "forbear"
    assert shell(command, "--version", cwd=tmp_path) == f"forbear {__version__}\n"
    packs = json.loads(shell(command, "packs", "--format", "json", cwd=tmp_path))["packs"]
    assert {pack["name"] for pack in packs} == {f"pack:{name}" for name in resources.pack_names()}
    shell(command, "init", cwd=tmp_path)
    shell(command, "validate", "policy.forbear", *[pack["name"] for pack in packs], cwd=tmp_path)
    shell(command, "compile", "policy.forbear", "-o", "policy.py", cwd=tmp_path)
    missing = subprocess.run(
        [command, "report", "policy.forbear", "-o", "page.html"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (missing.returncode, "pip install '.[report]'" in missing.stderr) == (1, True)
    python = installed / "venv" / "bin" / "python"
    case = {"days_overdue": 61, "unreachable": 3, "cease_requested": False, "calls_in_7_days": 0}
    code = f"import policy; print(policy.decide({case}))"
    assert "'contact_related'" in shell(python, "-c", code, cwd=tmp_path)


def test_an_editable_install_follows_the_checkout(editable: Path, built: Path, tmp_path: Path) -> None:
    extra = built / "checkout" / "rules" / "extra.forbear"
    extra.write_text("rule new: after 3 days then allow sms\n")
    try:
        command = editable / "venv" / "bin" / "forbear"
        assert "pack:extra" in shell(command, "packs", cwd=tmp_path)
    finally:
        extra.unlink()


def test_two_extras_name_all_others() -> None:
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = [re.sub(r"[][,]", " ", text).split()[1:] for extra in ("author", "all") for text in offered[extra]]
    assert sorted(sum(named, ["author", "all", "bench", "dev", "docs", "test"])) == sorted([*offered, "author"])


def test_each_action_of_a_release_is_pinned_and_no_secret_is_stored() -> None:
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []
    assert "secrets." not in workflow
