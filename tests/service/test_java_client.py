"""The program of the page for the JVM that asks the service over HTTP, as it stands there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from fences import fences
from service_process import CASE, serving, written

PAGE = Path(__file__).parent.parent.parent / "docs" / "guides" / "jvm.md"


def test_the_client_of_the_page_permits_only_what_the_service_permits(tmp_path: Path) -> None:
    [program] = [its for its in fences(PAGE.read_text("utf-8")) if its.attributes.get("file") == "Asking.java"]
    (tmp_path / "Asking.java").write_text(program.text, encoding="utf-8")
    subprocess.run(["javac", "-Xlint:all", "-Werror", "Asking.java"], cwd=tmp_path, check=True, timeout=60)
    with serving(written(tmp_path / "policies")) as house:
        service = f"http://127.0.0.1:{house.port}"

        def ask(case: object, port: str = service) -> str:
            command = ["java", "Asking", port, "house", "visit", json.dumps(case)]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
            return done.stdout

        assert ask({**CASE, "late": 61}) == "true\n"
        assert ask({**CASE, "late": 1}) == ask({**CASE, "late": -1}) == "false\n"
    assert ask({**CASE, "late": 61}) == "false\n"  # nobody answers any more
