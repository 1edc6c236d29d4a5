"""How long a command takes to start, beside importing what it stands on.

Lark checks a grammar for collisions where `interegular` is installed, which users do not have: measure in an
environment without it (`pip install .`), or the second figure speaks of Lark's check. Modules are read as Python keeps
them, compiled, whatever `PYTHONDONTWRITEBYTECODE` says here.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import turn_by_turn, verdict

ROUNDS = 20
ISSUER = Path(__file__).resolve().parent.parent / "rules" / "examples" / "us_card_issuer.forbear"
"""A policy of the size that lenders have, under two standards."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    def run(*arguments: str) -> object:
        def once() -> None:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)

        return once

    if importlib.util.find_spec("interegular"):
        print("interegular is installed here: see the head of this file")

    def first_run() -> None:
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, "-m", "forbear", "validate", "pack:huabei/redesigned"]
            environment = {**ENVIRONMENT, "XDG_CACHE_HOME": cache}
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    contenders = [
        run("-c", "import lark, attrs, click"),
        run("-m", "forbear", "--version"),
        run("-m", "forbear", "validate", "pack:huabei/redesigned"),
        first_run,
        run("-m", "forbear", "validate", str(ISSUER)),
    ]
    base, version, validate, first, issuer = turn_by_turn(contenders, ROUNDS)  # type: ignore[arg-type]
    print(f"imports {base * 1e3:.0f} ms, --version {version * 1e3:.0f} ms, validate {validate * 1e3:.0f} ms")
    print(f"the first validate on a machine, which makes the parser's tables: {first * 1e3:.0f} ms, {first / base:.2f}")
    held = [
        verdict("forbear --version, to `import lark, attrs, click`", version / base, 1.5),
        verdict("forbear validate of a bundled pack, to the same", validate / base, 4.0),
        verdict(f"forbear validate of {ISSUER.name}, in seconds", issuer, 0.5),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
