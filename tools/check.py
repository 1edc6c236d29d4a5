"""Everything that must hold before a change lands: `python3 tools/check.py`.

Arguments go to pytest, such as `-k explain`; without any, ruff and mypy run too.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, python


def main() -> None:
    executable = python("[dev]")
    commands = [["pytest", *(sys.argv[1:] or ["-n", "auto"])]]
    if not sys.argv[1:]:
        commands = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], *commands]
    for command in commands:
        print(f"$ {' '.join(command)}", flush=True)
        code = subprocess.run([executable, "-m", *command], cwd=ROOT).returncode
        if code:
            sys.exit(code)


if __name__ == "__main__":
    main()
