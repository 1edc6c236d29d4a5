"""Large and broken files: what reading one costs grows with its size, and it ends in a plain answer.

CI tries files of 2.5 MB; FORBEAR_PROFILE=nightly files of the largest size that is read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from night import NIGHTLY

import forbear
from forbear.base.source import MAXIMUM_BYTES, MAXIMUM_ERRORS, MAXIMUM_WORDS, Source
from forbear.language.formatting.format import format_text
from forbear.library.loading import check_text
from forbear.report.text import diagnostic_lines

SIZE = MAXIMUM_BYTES if NIGHTLY else 5 * 512 * 1024
SECONDS = 10 if NIGHTLY else 30
"""Of the processor: in CI a bound against what never ends, not a measure."""

LARGE = {
    "a text": ('never sms because "', "x", '"'),
    "a text of escapes": ('never sms because "', '\\"', '"'),
    "a text that does not end": ('never sms because "', '\\"', ""),
    "a comment": ("never sms #", "x", "\n"),
    "comments": ("never sms\n", "#\n", ""),
    "blanks behind `on`": ("on", " ", "day 3 then allow sms"),
    "line ends behind `on`": ("on", "\n", "day 3 then allow sms"),
    "blanks behind `limit`": ("limit sms", " ", "to 3 by unreachable"),
    "blanks behind `applies`": ("policy p applies", " ", "when deceased never sms"),
    "carriage returns": ("never", "\r", "sms"),
    "brackets": ("", "(", ""),
    "digits": ("unreachable > ", "1", " then allow sms"),
    "underscores": ("unreachable > 1", "_", " then allow sms"),
    "numbers": ("unreachable is one of 1", ",1", " then allow sms"),
    "a name": ("", "a", " then allow sms"),
    "names": ("never a", ",a", ""),
    "names on lines": ("", "a\n", ""),
    "a code": ("accept a", "-a", " of sms"),
    "dots": ("", ".", ""),
    "quotation marks": ("", '"', ""),
}
_CHILD = """
import json, resource, sys, time
from forbear.language.formatting.format import format_text
from forbear.check.from_ast import check
from forbear.report.text import diagnostic_lines
from forbear.language.syntax.parser import read_source

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

size = int(sys.argv[1])
check(read_source("warm", b"never sms"), None, {}, tuple)
check(read_source("warm", b"nevr sms"), None, {}, tuple)
before = peak()
for name, (head, unit, tail) in json.loads(sys.argv[2]).items():
    started = time.process_time()
    times = (size - len(head) - len(tail)) // len(unit)
    checked = check(source := read_source(name, (head + unit * times + tail).encode()), None, {}, tuple)
    lines = [piece for found in checked.diagnostics for line in diagnostic_lines(found) for piece, _ in line]
    checked_at = time.process_time()
    format_text(source)
    seconds = max(checked_at - started, time.process_time() - checked_at)
    print(json.dumps([
        name, (peak() - before) / size, seconds, sum(map(len, lines)),
        checked.policy is not None, len(checked.diagnostics),
    ]))
"""


@pytest.mark.skipif(os.name != "posix", reason="the memory of a process is asked as POSIX tells it")
@pytest.mark.parametrize("names", [[name] for name in LARGE] if NIGHTLY else [list(LARGE)], ids=str)
def test_a_file_costs_at_most_ten_times_its_size(names: list[str]) -> None:
    """In CI one process reads them all: what it needs at its height is enough for each."""
    texts = json.dumps({name: LARGE[name] for name in names})
    out = subprocess.run([sys.executable, "-c", _CHILD, str(SIZE), texts], capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in out.stdout.splitlines()]
    assert len(found) == len(names)
    for name, times, seconds, said, typed, diagnostics in found:
        assert typed or diagnostics, name
        assert times <= 10, (name, times)
        assert seconds <= SECONDS, (name, seconds)
        assert said <= 10_000 * diagnostics, (name, "messages and quoted lines are cut")


def test_as_many_words_as_there_may_be() -> None:
    few = "never sms " + "# x\n" * (MAXIMUM_WORDS - 2)
    assert check_text(few).policy is not None
    (found,) = check_text(few + "# x\n").diagnostics
    assert found.code == "too-large"
    assert "1,000,000 words" in found.message
    assert format_text(Source("many", few + "# x\n")).text is None


def test_many_errors_are_cut() -> None:
    """Some are of the reader, others of names: the last says that there are more."""
    for line, code in (
        ("rule\n", "syntax"),
        ("never none_such\n", "unknown-action"),
        ("never sms source 'x'\n", "syntax"),
    ):
        found = check_text(line * (MAXIMUM_ERRORS + 500)).diagnostics
        errors = [one for one in found if one.severity == "error"]
        assert [one.code for one in errors] == [code] * MAXIMUM_ERRORS + ["too-large"]
        assert errors[-1].place.start.line == MAXIMUM_ERRORS + 1
    found = check_text("never sms source 'x'\n" * MAXIMUM_ERRORS).diagnostics
    assert {one.code for one in found if one.severity == "error"} == {"syntax"}


def test_what_follows_an_error_too_many_is_not_called_unknown() -> None:
    found = check_text("rule\n" * (MAXIMUM_ERRORS + 1) + "action mine\nrule r: never mine, other").diagnostics
    assert {one.code for one in found} == {"syntax", "too-large"}


def test_a_message_is_cut() -> None:
    (found,) = check_text(f"{'a' * 5000} then allow sms").diagnostics
    assert len(found.message) < 1100
    assert all(len(text) < 1100 for line in diagnostic_lines(found) for text, _ in line)


def _many(declared: str, spoken: str, number: int, otherwise: str = "") -> str:
    return (
        "\n".join([declared.format(n) for n in range(number)] + [spoken.format(n) for n in range(number)]) + otherwise
    )


PARTS = 2 if NIGHTLY else 1
"""Half of what is tried at night is enough by day, in half the time."""
GROWING = {
    "misspelt facts": _many("fact number_{} count", "nunber_{} > 1 then allow sms", 1_500 * PARTS, "\naction sms"),
    "a text that does not end": 'never sms because "' + '\\"' * 100_000 * PARTS,
    "values in order": "fact f one of " + " < ".join(f"v{n}" for n in range(45_000 * PARTS)) + "\naction sms\n"
    "f is one of " + ", ".join(f"v{n}" for n in range(45_000 * PARTS - 1)) + " then allow sms",
    "names that are no values": "fact f one of a, b\naction sms\nf is a" + " or c" * 15_000 * PARTS + " then allow sms",
    "groups of groups": "action sms\ngroup g0 is sms\n"
    + "\n".join(f"group g{n} is g{n - 1}" for n in range(1, 8_000 * PARTS))
    + f"\nnever g{8_000 * PARTS - 1}",
    "values that stand alone": "fact f one of a, b\naction sms\nf is a" + " or b" * 15_000 * PARTS + " then allow sms",
}


@pytest.mark.parametrize("name", GROWING)
def test_checking_grows_with_the_file(name: str) -> None:
    """Where it grew with the square, each took a minute or more."""
    started = time.process_time()
    check_text(GROWING[name])
    assert time.process_time() - started < 10 * PARTS


@pytest.mark.parametrize(
    "text",
    [
        "deceased" + " and deceased" * 10_000 + " then allow sms",
        "deceased" + " or (deceased and bankruptcy)" * 3_000 + " then allow sms",
        "never sms" + f", {'a' * 70}" * 10_000,
        "never sms" + ", # why\n sms" * 10_000,
    ],
    ids=["and", "or", "names", "comments"],
)
def test_the_layout_grows_with_the_file(text: str) -> None:
    started = time.process_time()
    assert forbear.format(text)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("number", [1, 4000, 4095, 4096, 4097, 8192, 9000])
def test_lines_and_columns_of_a_long_text(number: int) -> None:
    for unit in ("\n", "ab\n", "x" * 5000 + "\r\n", "abc"):
        source = Source("long", unit * number)
        starts = [0]
        for line in source.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        if not source.text.endswith("\n"):
            starts.pop()
        for number_of_line in {1, 2, len(starts) // 2, len(starts) - 1, len(starts)} - {0}:
            if number_of_line <= len(starts):
                start = starts[number_of_line - 1]
                assert source.offset(number_of_line) == start
                assert source.position(start) == (number_of_line, 1)
                assert source.line(number_of_line) == source.text[start:].partition("\n")[0].rstrip("\r")
        assert source.position(len(source.text)).line == len(starts)
