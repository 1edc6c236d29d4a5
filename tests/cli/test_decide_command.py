"""`forbear decide`: a process that answers line by line, and a book. What it prints is in `transcripts/decide.txt`."""

from __future__ import annotations

import datetime
import json
import selectors
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from command import FORBEAR, HOUSE, environment, run, write

import forbear

DAY_61 = '{"days_overdue": 61, "unreachable": 3}'


class Dialler:
    """A process that answers lines, asked as a dialler asks it: the next line goes out when the answer is in."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._answers = selectors.DefaultSelector()
        self._answers.register(self._pipe(process.stdout), selectors.EVENT_READ)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

    def ask(self, line: str | bytes) -> Any:
        content = line.encode() if isinstance(line, str) else line
        to_process = self._pipe(self._process.stdin)
        to_process.write(content + b"\n")
        to_process.flush()
        assert self._answers.select(timeout=30), f"no answer to {content[:80]!r}"
        answer = self._pipe(self._process.stdout).readline()
        assert answer, f"the process ended after {content[:80]!r}: {self._pipe(self._process.stderr).read()!r}"
        return json.loads(answer)

    def end(self) -> tuple[int, bytes, bytes]:
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out, err


@contextmanager
def dialler(*arguments: str | Path) -> Iterator[Dialler]:
    process = subprocess.Popen(
        [*FORBEAR, "decide", *map(str, arguments), "--lines"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        yield Dialler(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()


def test_lines_are_answered_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    policy = forbear.load(path)
    with dialler(path) as asked:
        for days in (1, 9, 34, 60, 61):
            case: Mapping[str, object] = {"days_overdue": days, "unreachable": 3}
            answer = asked.ask(json.dumps(case))
            assert answer["policy"] == {"name": "house", "digest": policy.digest}
            assert answer["case"] == case
            assert answer["decisions"] == policy.decide(case).as_json()
        assert asked.end() == (0, b"", b"")


BAD_LINES: Mapping[str, str | bytes] = {
    "no JSON": '{"days_overdue": 61',
    "a list": "[1, 2]",
    "a number": "61",
    "null": "null",
    "a missing fact": '{"days_overdue": 61}',
    "an unknown fact": '{"days_overdue": 61, "unreachable": 3, "unreachabel": 3}',
    "a wrong type": '{"days_overdue": true, "unreachable": 3}',
    "a repeated key": '{"days_overdue": 61, "unreachable": 3, "unreachable": 4}',
    "NaN": '{"days_overdue": NaN, "unreachable": 3}',
    "minus infinity": '{"days_overdue": -Infinity, "unreachable": 3}',
    "1e400": '{"days_overdue": 1e400, "unreachable": 3}',
    "a tiny number": '{"days_overdue": 1e-99999999, "unreachable": 3}',
    "5,000 digits": '{"days_overdue": ' + "9" * 5000 + ', "unreachable": 3}',
    "deep brackets": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "not UTF-8": b'{"days_overdue": 61, "unreachable": 3, "state": "\xff"}',
    "a NUL": b'{"days_overdue": 61, "unreachable": 3}\0',
    "a day that does not exist": '{"days_overdue": 61, "unreachable": 3, "on": "2015-02-30"}',
    "two documents": f"{DAY_61} {DAY_61}",
    "nothing": "",
    "blanks": "   ",
    "an exponent beyond all bounds": '{"days_overdue": 1e99999999999999999999, "unreachable": 3}',
    "half a surrogate in a text": '{"days_overdue": 61, "unreachable": 3, "state": "\\ud800"}',
    "half a surrogate in a name": '{"days_overdue": 61, "unreachable": 3, "\\ud800": 3}',
}


def test_bad_lines_are_answered_and_the_process_stays_up(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    with dialler(path) as asked:
        for number, (what, line) in enumerate(BAD_LINES.items()):
            answer = asked.ask(line)
            assert isinstance(answer["error"], str), what
            assert answer["error"]
            assert "decisions" not in answer
            assert answer["line"] == 2 * number + 1, what
            good = asked.ask(DAY_61)
            assert good["decisions"]["contact_related"]["verdict"] == "allowed", what
        assert asked.end() == (1, b"", b"")


@pytest.mark.parametrize(("depth", "refused"), [(99, False), (100, True)])
def test_a_case_nests_a_hundred_deep_and_no_deeper(tmp_path: Path, depth: int, refused: bool) -> None:
    """The case itself is the hundredth. Within the bound its facts are looked at, and no list is a number."""
    path = write(tmp_path, "house.forbear", HOUSE)
    case = f'{{"days_overdue": {"[" * depth}{"]" * depth}, "unreachable": 3}}'
    for answer in (run("decide", path, "--case", "-", given=case), run("decide", path, "--lines", given=case)):
        said = answer.out + answer.err
        assert answer.code == 1
        assert ("the case nests deeper than 100 lists and objects" in said) == refused, said
        assert ("`days_overdue`" in said) != refused, said


def test_today_is_a_day(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "rule a: after 3 days then allow sms in force from 2015-01-01")
    before = datetime.date.today().isoformat()
    record = run("decide", path, "--case", "-", "--format", "json", "--on", "today", given='{"days_overdue": 5}').json
    assert before <= record["on"] <= datetime.date.today().isoformat()
    assert record["decisions"]["sms"]["verdict"] == "allowed"


def test_what_follows_from_an_open_date_is_not_taken_at_its_usual_value(tmp_path: Path) -> None:
    text = "fact d days clock\nfact b date\nfact age years since b\naction sms\nrule r: allow sms when age >= 18\n"
    policy = write(tmp_path, "age.forbear", text)
    for moment in (("--on", "2026-03-09"), ()):
        by_case, in_words = (
            run("decide", policy, *given, *moment, "--open", "b", given='{"d": 3}')
            for given in (("--case", "-"), ("--given", "d 3"))
        )
        assert in_words == by_case
        assert ("allowed when b <= 2008-03-09" in in_words.out) == bool(moment)
