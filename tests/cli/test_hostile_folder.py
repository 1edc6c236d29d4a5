"""A folder of rule files that has modules by the names of Python's own: no command runs one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import write
from night import NIGHTLY

COMMAND = "from forbear.cli.main import main\nif __name__ == '__main__':\n    main()\n"
"""What the installed `forbear` is: Python looks for modules in its folder, not in the working folder."""
WORKERS = """\
from forbear.portfolio import workers
workers._ALONE = -1
if __name__ == '__main__':
    with workers.Workers(None, 2) as started:
        list(started.each(isinstance, [object] * 8))
"""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder in which each module of Python leaves its name behind when it is run."""
    folder = tmp_path / "hostile"
    for name in sys.stdlib_module_names:
        hostile = f"import _io, sys\n_io.open({str(tmp_path / 'run')!r}, 'a').write(f'{{sys.orig_argv}}')\n"
        write(folder, f"{name}.py", hostile)
    return folder


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (WORKERS, []),
        pytest.param(
            COMMAND,
            ["apply", "1.forbear", "cases.csv", "-o", "out.jsonl", "--key", "number", "--engine", "spark"],
            marks=pytest.mark.skipif(not NIGHTLY, reason="starts Spark, by night"),
        ),
    ],
    ids=["workers", "spark"],
)
def test_no_module_of_the_folder_is_run(hostile: Path, tmp_path: Path, program: str, arguments: list[str]) -> None:
    for number in range(3):
        write(hostile, f"{number}.forbear", "after 3 days then allow sms\n")
    write(hostile, "cases.csv", "number,days_overdue\n1,9\n")
    command = [sys.executable, str(write(tmp_path, "program.py", program)), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, cwd=hostile, env=environment, capture_output=True, text=True, timeout=300)
    assert not (tmp_path / "run").exists(), (tmp_path / "run").read_text()
    assert done.returncode == 0, done.stderr
