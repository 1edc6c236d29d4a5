"""A finding is its file, which declares it, a line in the registry, and its page in the docs."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from forbear.analysis import findings
from forbear.analysis.engine.analysis import Finding
from forbear.analysis.findings.registry import CODES, FINDINGS
from forbear.base.diagnostic import CODES as CHECKED


def test_every_finding_that_a_file_declares_is_registered() -> None:
    modules = [
        import_module(found.name) for found in pkgutil.walk_packages(findings.__path__, "forbear.analysis.findings.")
    ]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, Finding)]
    assert {finding.code for finding in declared} == {finding.code for finding in FINDINGS}


def test_no_code_is_declared_twice() -> None:
    assert len({*CODES, *CHECKED}) == len(CODES) + len(CHECKED)
