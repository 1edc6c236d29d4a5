"""How long a command takes to start, beside importing what it stands on.

Lark checks a grammar for collisions where `interegular` is installed, which users do not have: measure in an
environment without it (`pip install .`), or the second figure speaks of Lark's check.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from measure import turn_by_turn, verdict

ROUNDS = 20


def main() -> None:
    def run(*arguments: str) -> object:
        def once() -> None:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

        return once

    if importlib.util.find_spec("interegular"):
        print("interegular is installed here: see the head of this file")
    contenders = [
        run("-c", "import lark, attrs, click"),
        run("-m", "forbear", "--version"),
        run("-m", "forbear", "validate", "pack:huabei/redesigned"),
    ]
    base, version, validate = turn_by_turn(contenders, ROUNDS)  # type: ignore[arg-type]
    print(f"imports {base * 1e3:.0f} ms, --version {version * 1e3:.0f} ms, validate {validate * 1e3:.0f} ms")
    held = [
        verdict("forbear --version, to `import lark, attrs, click`", version / base, 1.5),
        verdict("forbear validate of a shipped pack, to the same", validate / base, 4.0),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
