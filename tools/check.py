"""Everything that must hold before a change lands: `python3 tools/check.py`.

Arguments go to pytest, such as `-k explain`; without any, ruff runs before and mypy beside the tests, and then a quick
part of them runs on each further Python that is installed here.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from environment import ROOT, further_pythons, python

QUICK = (
    "tests/targets/test_compiler_bugs.py",
    "tests/deciding/test_explain.py",
    "tests/cli/test_hostile_texts.py::test_every_command_escapes_them",
    "tests/portfolio/test_rows_of_csv.py::test_lines_are_read_as_polars_reads_them",
    "tests/portfolio/test_rows_of_csv.py::test_the_other_rows_are_decided_as_without_it",
    "tests/language/formatting/test_layout.py",
    "tests/kernel/history/test_counting.py",
    "tests/test_written.py",
    "tests/properties/test_laws.py::test_a_policy_can_be_read_again_from_its_canonical_text",
    "tests/properties/test_laws.py::test_conditions_obey_the_laws_of_kleene",
    "tests/properties/test_laws.py::test_one_more_never_permits_no_more",
    "tests/properties/test_laws.py::test_the_order_of_statements_does_not_matter",
    "tests/report/test_golden.py",
    "tests/report/test_json_report.py",
    "tests/report/test_sarif.py",
    "tests/report/test_text_report.py",
    "tests/language/syntax/test_grammar.py::test_the_grammar_has_no_conflict",
)
"""Tests of each part of the code that may break with a new Python, without Spark, a browser or a database. Where a file
has many that run the same lines, one or two of them."""


def main() -> None:
    executable = python("[dev]")
    run(executable, "compileall", "-q", "src")  # thousands of processes start in tests, and may be told to write none
    if sys.argv[1:]:
        run(executable, "pytest", *sys.argv[1:])
        return
    run(executable, "ruff", "check", ".")
    run(executable, "ruff", "format", "--check", ".")
    with ThreadPoolExecutor(2) as beside:  # neither keeps more than one core busy, and pip waits for the network
        further = beside.submit(further_environments)
        types = beside.submit(subprocess.run, [executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
        run(executable, "pytest", "-n", "auto")
    finished = types.result()
    print(f"$ {executable} -m mypy\n{finished.stdout}{finished.stderr}", flush=True)
    if finished.returncode:
        sys.exit(finished.returncode)
    for other in further.result():
        run(other, "pytest", "-n", "auto", *QUICK)


def further_environments() -> list[str]:
    """A Python of an environment for each further one that is installed here."""
    return [python("[test]", found, f".venv-{version}") for version, found in further_pythons()]


def run(executable: str, *command: str) -> None:
    """Runs a module of Python; ends with its exit code where it fails."""
    print(f"$ {executable} -m {' '.join(command)}", flush=True)
    code = subprocess.run([executable, "-m", *command], cwd=ROOT).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main()
