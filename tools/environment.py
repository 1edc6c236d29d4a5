"""Environments of the project's own, with the project in them, made on first use: `.venv`, and such as `.venv-3.12` for
further Pythons. `python3 tools/environment.py` makes the first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = "constraints.txt"


def python(extras: str = "", of: str = sys.executable, name: str = ".venv") -> str:
    """The Python of an environment that another makes, with the project (and its `[extras]`) installed from here."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python may well run this file, and is told
        sys.exit("Forbear needs Python 3.11 or later; this is " + sys.version.split()[0])
    environment = ROOT / name
    executable = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = environment / f"installed{extras}"
    project = "".join((ROOT / file).read_text(encoding="utf-8") for file in ("pyproject.toml", CONSTRAINTS))
    if not executable.exists():
        print(f"making an environment in {name} ...", flush=True)
        subprocess.run([of, "-m", "venv", str(environment)], check=True)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != project:
        print("installing Forbear and what it needs ...", flush=True)
        # what is never imported, most of it, need not be compiled
        install = [str(executable), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        if extras == "[dev]":
            _install_what_is_constrained(install)
        subprocess.run([*install, "--constraint", ROOT / CONSTRAINTS, "--editable", f"{ROOT}{extras}"], check=True)
        stamp.write_text(project, encoding="utf-8")
    return str(executable)


def _install_what_is_constrained(install: list[str]) -> None:
    """All of it, without asking what needs what; beside it Spark, which is as large as the rest, and is built here: its
    wheel is packed without being compressed."""
    lines = (ROOT / CONSTRAINTS).read_text(encoding="utf-8").splitlines()
    spark = next(line for line in lines if line.startswith("pyspark=="))
    others = [line for line in lines if line != spark and not line.startswith("#")]
    fast = "--config-settings=--build-option=--compression=stored"
    with subprocess.Popen([*install, "--no-deps", fast, spark]) as beside:
        subprocess.run([*install, "--no-deps", *others], check=True)
    if beside.returncode:
        sys.exit(beside.returncode)


def further_pythons() -> Iterator[tuple[str, str]]:
    """Each other version of Python that pyproject.toml says is run, with a Python of it, where there is one."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    own = "{}.{}".format(*sys.version_info)
    for version in re.findall(r'"Programming Language :: Python :: (3\.[0-9]+)"', project):
        found = next(filter(_runs, _candidates(version)), None) if version != own else None
        if found is not None:
            yield version, found


def _candidates(version: str) -> Iterator[str]:
    """What may be a Python of a version: on the path, or installed by pyenv."""
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield on_path
    if shutil.which("pyenv") is not None:
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True).stdout.strip()
        yield from map(str, sorted(Path(root, "versions").glob(f"{version}.*/bin/python")))


def _runs(executable: str) -> bool:
    """Whether it does: pyenv puts a name on the path for versions that are not chosen, too."""
    return subprocess.run([executable, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0


if __name__ == "__main__":
    python("[dev]")
