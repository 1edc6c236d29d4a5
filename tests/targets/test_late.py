"""A compiled module loads little: what it has in place of parts of the standard library."""

from __future__ import annotations

import builtins
import copy
import datetime
import dis
import pickle
import subprocess
import sys
import types
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import forbear
from forbear.kernel.cases import Wrong, read_day
from forbear.targets.python import late
from forbear.targets.python.module import compile_module

POLICY = """
policy dated
fact late days clock
fact owed money CNY
fact hour time
fact born date
action sms
event call has answered yes/no
fact calls count of call where answered in last 7 days
rule some: after 3 days and owed > CNY 5.50 and hour between 08:00 and 21:00 and calls < 3 and born < 2000-02-29
  then allow sms in force from 2020-01-01
"""
CASE = {"late": 5, "owed": "12.50", "hour": "10:00", "born": "1999-12-31", "calls": 1}
LOADED = """
import sys
before = set(sys.modules)
import dated
verdict = dated.decide({case!r}, "2025-03-01")["sms"]["verdict"]
print(verdict, *sorted(set(sys.modules) - before))
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("late") / "dated.py"
    path.write_text(compile_module(forbear.loads(POLICY).typed), encoding="utf-8")
    return path


def test_a_first_decision_loads_no_module_of_the_standard_library(module: Path) -> None:
    for owed in ("12.50", 12.5, 12):
        assert loaded_by(module, {**CASE, "owed": owed}) <= {"dated", "__future__", "_collections"}


def test_a_first_decision_on_a_decimal_loads_no_other_module(module: Path) -> None:
    loaded = loaded_by(module, {**CASE, "owed": Decimal("12.50")}, "from decimal import Decimal")
    assert loaded <= {"dated", "__future__", "_collections"}


def loaded_by(module: Path, case: object, first: str = "") -> set[str]:
    """The modules that a process loads to decide a case, past those of the statement that it runs first."""
    program = f"import sys; sys.path.insert(0, {str(module.parent)!r})\n{first}\n" + LOADED.format(case=case)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    verdict, *loaded = done.stdout.split()
    assert verdict == "allowed"
    return set(loaded)


def test_whatever_a_function_of_the_module_reads_is_there(module: Path) -> None:
    """Names that the kernel imports for types alone are not there while the module runs."""
    code = compile(module.read_text("utf-8"), str(module), "exec")
    namespace: dict[str, object] = {"__name__": "dated"}
    exec(code, namespace)
    functions = list(functions_of(code))
    assert len(functions) > 100
    for function in functions:
        missing = globals_of(function) - namespace.keys() - vars(builtins).keys()
        assert not missing, function.co_name


def functions_of(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_flags & 0x2:  # a function, and not the body of a class
                yield constant
            yield from functions_of(constant)


def globals_of(code: types.CodeType) -> set[str]:
    return {its.argval for its in dis.get_instructions(code) if its.opname == "LOAD_GLOBAL"}


def test_what_is_imported_for_types_is_there_as_something_else() -> None:
    for name in ("abc", "bisect", "calendar", "datetime", "decimal", "fractions", "operator"):
        assert isinstance(vars(late)[name], late.Late)


class Point(late.NamedTuple):
    x: int
    y: int = 2


class Colour(late.StrEnum):
    RED = "red"


def test_the_stand_ins() -> None:
    point: Any = Point(1)
    assert point == Point(x=1) == (1, 2)
    assert (point.x, point.y, point._replace(y=3), repr(point)) == (1, 2, (1, 3), "Point(x=1, y=2)")
    assert Point(1, 3) == Point(1, y=3) == Point(y=3, x=1) == (1, 3)
    for wrong in ((), (1, 2, 3)):
        with pytest.raises(KeyError):
            Point(*wrong)
    for same in (pickle.loads(pickle.dumps(point)), copy.deepcopy(point)):
        assert type(same) is Point
        assert same == point
    assert isinstance(Colour.RED, Colour)
    assert (Colour.RED, Colour.RED.value) == ("red", "red")
    asked = []

    @late.lru_cache(maxsize=2)
    def double(number: int) -> int:
        asked.append(number)
        return number * 2

    assert [double(number) for number in (1, 1, 2, 1, 3, 1)] == [2, 2, 4, 2, 6, 2]
    assert asked == [1, 2, 3, 1]


def test_days_are_counted_as_datetime_counts_them() -> None:
    for year in (*range(9), *range(1896, 1905), *range(1996, 2005), 2100, *range(9995, 10000)):
        for month in range(14):
            for day in (0, 1, 27, 28, 29, 30, 31, 32, 60, 99):
                text = f"{year:04}-{month:02}-{day:02}"
                try:
                    expected = datetime.date(year, month, day).toordinal()
                except ValueError:
                    with pytest.raises(Wrong, match="no-such-day"):
                        read_day(text)
                else:
                    assert read_day(text) == expected
    for text in ("2021-W01-1", "20210101", "2021-1-01", "2021-01-1", "٢021-01-01", "2021-٠1-01", "2021-01-01 ", "2021/01/01", ""):  # noqa: E501  # fmt: skip
        with pytest.raises(Wrong, match="no-date"):
            read_day(text)
