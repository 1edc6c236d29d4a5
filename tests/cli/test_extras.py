"""Where a package of an extra is missing, the message names the extra and the package, and nothing is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command import HOUSE, environment, write

WITHOUT = "import sys; sys.modules[sys.argv.pop(1)] = None; from forbear.cli.main import main; main()"
CASE = "days_overdue,unreachable\n61,3\n"
MOMENT = '{"days_overdue": 61, "unreachable": 3, "zone": "UTC", "at": "2026-03-01T10:00:00Z"}'


@pytest.mark.parametrize(
    ("package", "command", "code", "said"),
    [
        ("polars", "apply house.forbear cases.csv -o out.csv", 1, "`apply` needs the extra `apply` of forbear"),
        (
            "polars",
            "diff house.forbear house.forbear --on-cases cases.csv -o out.csv",
            2,
            "`--on-cases` needs the extra `apply` of forbear",
        ),
        (
            "icalendar",
            "when house.forbear contact_related --case case.json --format ics",
            1,
            "`--format ics` needs the extra `ics` of forbear",
        ),
        ("jinja2", "report house.forbear -o out.html", 1, "`report` needs the extra `report` of forbear"),
        ("mcp", "mcp house.forbear --cases .", 1, "`mcp` needs the extra `mcp` of forbear"),
        ("pygls", "lsp", 1, "`lsp` needs the extra `lsp` of forbear"),
        ("sqlglot", "compile house.forbear -o out.sql --dialect duckdb", 1, "SQL needs the extra `sql` of forbear"),
        ("openpyxl", "table import sheet.xlsx -o out.forbear", 1, "a workbook needs the extra `sheets` of forbear"),
        (
            "pyspark",
            "apply house.forbear cases.csv -o out.csv --engine spark --key days_overdue",
            1,
            "`--engine spark` needs the extra `spark` of forbear",
        ),
    ],
)
def test_the_extra_is_named(tmp_path: Path, package: str, command: str, code: int, said: str) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    write(tmp_path, "cases.csv", CASE)
    write(tmp_path, "case.json", MOMENT)
    write(tmp_path, "sheet.xlsx", "")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, package, *command.split()],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith(f"error: {said}: there is no {package}; `pip install ")
    assert not list(tmp_path.glob("*out*"))


LIBRARY = """
import sys
sys.modules[sys.argv[1]] = None
import forbear
policy = forbear.loads("after 9 days then allow sms")
try:
    {call}
except (ImportError, forbear.CaseError) as error:
    print(error)
"""
DECIDED = 'policy.decide({"days_overdue": 9, "zone": "Asia/Shanghai"}, at="2026-03-01T10:00:00")'


@pytest.mark.parametrize(
    ("package", "call", "said"),
    [
        ("polars", "policy.apply(None)", "deciding frames needs the extra `apply` of forbear: there is no polars"),
        (
            "pyspark",
            "import forbear.spark; forbear.spark.apply(policy, None)",
            "`forbear.spark` needs the extra `spark` of forbear: there is no pyspark",
        ),
        ("tzdata", DECIDED, "this machine knows none: install `tzdata`, the extra `tz` of forbear"),
    ],
)
def test_the_library_names_the_extra(package: str, call: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIBRARY.format(call=call), package],
        env={**environment(), "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said in done.stdout
