"""Compiled rules have a text: a debugger steps through it, and a traceback shows its lines."""

from __future__ import annotations

import gc
import inspect
import linecache
import traceback

import pytest

import forbear
from forbear.space.predicates.mask import of_values
from forbear.space.predicates.specs import specs

POLICY = """\
fact late days clock
fact calls count
action visit
rule a: late > 60 and calls >= 3 then allow visit
"""


def test_a_traceback_shows_the_line_of_the_rule() -> None:
    rules_that_hold = of_values(specs(forbear.loads(POLICY).typed))
    assert rules_that_hold(61, 3) == 1
    with pytest.raises(TypeError) as raised:
        rules_that_hold(61, "many")
    assert "if late_ >= 61 and calls_ >= 3:" in "".join(traceback.format_exception(raised.value))
    assert inspect.getsource(rules_that_hold).startswith("def of_values(late_, calls_):")


def test_the_text_goes_with_the_function() -> None:
    rules_that_hold = of_values(specs(forbear.loads(POLICY).typed))
    file = rules_that_hold.__code__.co_filename
    assert linecache.getlines(file)
    del rules_that_hold
    gc.collect()
    assert linecache.getlines(file) == []
