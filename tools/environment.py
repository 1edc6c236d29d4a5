"""An environment of the project's own, in `.venv`, with the project in it; made on first use."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
CONSTRAINTS = "constraints.txt"


def python(extras: str = "") -> str:
    """The environment's Python, with the project (and its `[extras]`) installed from this checkout."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python may well run this file, and is told
        sys.exit("Forbear needs Python 3.11 or later; this is " + sys.version.split()[0])
    executable = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = ENVIRONMENT / f"installed{extras}"
    project = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", CONSTRAINTS))
    if not executable.exists():
        print("making an environment in .venv ...", flush=True)
        venv.EnvBuilder(with_pip=True).create(ENVIRONMENT)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != project:
        print("installing Forbear and what it needs ...", flush=True)
        install = [str(executable), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--constraint", ROOT / CONSTRAINTS, "--editable", f"{ROOT}{extras}"], check=True)
        stamp.write_text(project, encoding="utf-8")
    return str(executable)
