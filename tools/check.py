"""Everything that must hold before a change lands: `python3 tools/check.py`.

Arguments go to pytest, such as `-k explain`; without any, ruff runs before and mypy beside the tests, and then a quick
part of them runs on each further Python that is installed here, also after a test has failed. Skipped tests say why.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from environment import ROOT, further_pythons, python

TESTS = ("pytest", "-rs")
ALL_TESTS = (*TESTS, "-n", "auto", "--max-worker-restart", "0")
A_TEST_ENDS = ("-o", "faulthandler_timeout=600", "-o", "faulthandler_exit_on_timeout=true")
"""By day the longest test takes some 20 seconds: one that does not end fails, and shows where it was."""
QUICK = (
    "tests/targets/test_compiler_bugs.py::test_without_a_bug_it_compiles",
    "tests/deciding/test_explain.py",
    "tests/cli/test_hostile_texts.py::test_every_command_escapes_them",
    "tests/portfolio/test_rows_of_csv.py::test_lines_are_read_as_polars_reads_them",
    "tests/portfolio/test_rows_of_csv.py::test_the_other_rows_are_decided_as_without_it",
    "tests/language/formatting/test_layout.py",
    "tests/kernel/history/test_counting.py",
    "tests/properties/test_laws.py::test_a_policy_can_be_read_again_from_its_canonical_text",
    "tests/properties/test_laws.py::test_conditions_obey_the_laws_of_kleene",
    "tests/properties/test_laws.py::test_one_more_never_permits_no_more",
    "tests/properties/test_laws.py::test_the_order_of_statements_does_not_matter",
    "tests/report/test_golden.py",
    "tests/report/test_json_report.py::test_a_finding_has_the_fields_of_the_contract",
    "tests/report/test_text_report.py",
    "tests/language/syntax/test_grammar.py::test_the_grammar_has_no_conflict",
)
"""Tests of each part of the code that may break with a new Python, without Spark, a browser or a database. Where a file
has many that run the same lines, one or two of them."""


def main() -> None:
    executable = python("[dev]")
    # thousands of processes start in tests, and may be told to write none
    end_where_failed(run(executable, "compileall", "-q", "src"))
    if sys.argv[1:]:
        end_where_failed(run(executable, *TESTS, *sys.argv[1:]))
        return
    end_where_failed(run(executable, "ruff", "check", "."))
    end_where_failed(run(executable, "ruff", "format", "--check", "."))
    with ThreadPoolExecutor(2) as beside:  # neither keeps more than one core busy, and pip waits for the network
        further = beside.submit(further_environments)
        types = beside.submit(told_at_the_end, executable, "mypy")
        night = os.environ.get("FORBEAR_PROFILE") == "nightly"
        tests = run(executable, *ALL_TESTS, *(() if night else A_TEST_ENDS))
    with ThreadPoolExecutor() as beside:  # a core for each
        others = [beside.submit(told_at_the_end, other, *TESTS, *QUICK) for other in further.result()]
    codes = []
    for finished in (types, *others):
        code, text = finished.result()
        print(text, flush=True)
        codes.append(code)
    end_where_failed(tests, *codes)


def further_environments() -> list[str]:
    """A Python of an environment for each further one that is installed here."""
    return [python("[test]", found, f".venv-{version}") for version, found in further_pythons()]


def run(executable: str, *command: str) -> int:
    """Runs a module of Python, and returns its exit code."""
    print(f"$ {executable} -m {' '.join(command)}", flush=True)
    return subprocess.run([executable, "-m", *command], cwd=ROOT).returncode


def told_at_the_end(executable: str, *command: str) -> tuple[int, str]:
    """Runs a module of Python beside others, and returns its exit code, and what is to be told of it."""
    done = subprocess.run(
        [executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, f"$ {executable} -m {' '.join(command)}\n{done.stdout}"


def end_where_failed(*codes: int) -> None:
    """Ends with the first exit code of a failure, if there is one."""
    failed = next(filter(None, codes), None)
    if failed is not None:
        sys.exit(failed)


if __name__ == "__main__":
    main()
