"""What goes from one process to another, or is copied: errors with all they say, policies and answers."""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import forbear
from forbear.analysis.run import findings
from forbear.portfolio.io.files import Unreadable
from forbear.portfolio.io.frames import NoFrame
from forbear.targets import NotWritten
from forbear.targets.python.module import compile_module

POLICY = forbear.loads(
    "policy house\n  in force from 2020-01-01\nrule late: after 3 days and unreachable >= 2 then allow sms\n"
    "rule early: from day 5 then allow sms"
)
BAD = {"days_overdue": "many", "unreachable": 2.5, "colour": "red"}
CASE = {"days_overdue": 5, "unreachable": 2}
ON = "2026-03-01"
WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "first pickle": lambda value: pickle.loads(pickle.dumps(value, 0)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A compiled module, as a program imports it."""
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "compiled_house.py").write_text(compile_module(POLICY.typed), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("compiled_house")
    del sys.modules["compiled_house"]


def raised(run: Callable[..., object], *arguments: object) -> Any:
    with pytest.raises(Exception) as caught:  # noqa: PT011  what it is is looked at by whoever asks
        run(*arguments)
    return caught.value


@pytest.mark.parametrize("way", WAYS)
def test_an_error_is_copied_with_all_that_it_says(way: str, module: ModuleType) -> None:
    for error in (raised(POLICY.decide, BAD, ON), raised(module.decide, BAD, ON), forbear.CaseError(iter([]))):
        sent = WAYS[way](error)
        assert type(sent) is type(error)
        assert (sent.faults, str(sent)) == (error.faults, str(error))
    assert len(raised(module.decide, BAD, ON).faults) == 3
    error = raised(forbear.loads, "rule a: after 3 dayss then allow sms\nrule b: nonsense")
    sent = WAYS[way](error)
    assert type(sent) is forbear.PolicyError
    assert (sent.diagnostics, str(sent)) == (error.diagnostics, str(error))
    for other in (forbear.RecordError, forbear.Incomparable, NoFrame, NotWritten, Unreadable):
        sent = WAYS[way](other("why not"))
        assert (type(sent), str(sent)) == (other, "why not")


@pytest.mark.parametrize("way", WAYS)
def test_answers_and_policies_are_copied(way: str, tmp_path: Path) -> None:
    policy = WAYS[way](POLICY)
    assert policy.digest == POLICY.digest
    decision = POLICY.decide(CASE, on=ON)
    assert policy.decide(CASE, on=ON) == decision == WAYS[way](decision)
    assert WAYS[way](decision["sms"]) == decision["sms"]
    explained = POLICY.explain("sms", CASE, on=ON)
    assert WAYS[way](explained) == explained
    other = forbear.loads("policy house\nrule late: after 4 days then allow sms")
    assert WAYS[way](forbear.diff(POLICY, other)) == forbear.diff(POLICY, other)
    found = findings(POLICY.typed, ()).diagnostics
    assert found
    assert WAYS[way](found) == found
    (tmp_path / "house.forbear").write_text("policy house\nrule late: after 4 days then allow sms", encoding="utf-8")
    assert WAYS[way](forbear.load_book(tmp_path)).on(ON).digest == other.digest


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_bad_case_does_not_end_a_pool(start: str, module: ModuleType) -> None:
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        tasks = [pool.submit(ask, case, ON) for ask in (POLICY.decide, module.decide) for case in (BAD, CASE)]
        broken = pool.submit(forbear.loads, "rule a: nonsense")
        assert isinstance(broken.exception(timeout=60), forbear.PolicyError)
        for bad, error in ((tasks[0], forbear.CaseError), (tasks[2], module.CaseError)):
            reported: Any = bad.exception(timeout=60)
            assert isinstance(reported, error)
            assert len(reported.faults) == 3
        answer: Any = tasks[1].result(timeout=60)
        assert answer.permits("sms")
        assert tasks[3].result(timeout=60) == POLICY.decide(CASE, on=ON).as_json()
    with context.Pool(1) as other:
        for ask, error in ((POLICY.decide, forbear.CaseError), (module.decide, module.CaseError)):
            reported = raised(other.apply_async(ask, (BAD, ON)).get, 60)
            assert isinstance(reported, error)
            assert len(reported.faults) == 3
        assert other.apply_async(POLICY.permits, ("sms", CASE, ON)).get(60)
