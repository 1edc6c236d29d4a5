"""One case in Java: the class that `forbear compile` writes, beside the same rules written by hand as `if`s."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from measure import verdict
from workload import TEN_RULES

import forbear
from forbear.targets.java.module import java_class

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = java_class(forbear.loads(TEN_RULES).typed, "Ten")
        Path(folder, "Ten.java").write_text(text, encoding="ascii")
        subprocess.run(["javac", "-d", folder, f"{folder}/Ten.java", HERE / "Measure.java"], check=True)
        printed = subprocess.run(["java", "-cp", folder, "Measure"], check=True, capture_output=True, text=True).stdout
    by_hand, answers, verdicts, may_call, permits = map(float, printed.split())
    print(f"all answers: by hand {by_hand:.0f} ns a case, the class {answers:.0f}; verdicts alone {verdicts:.0f}")
    print(f"one action: by hand, nothing validated, {may_call:.0f} ns a case; the class {permits:.0f}")
    sys.exit(0 if verdict("all answers, to the rules by hand", answers / by_hand, 2) else 1)


if __name__ == "__main__":
    main()
