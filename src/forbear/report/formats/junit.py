"""Writes the outcomes of examples and ensures as JUnit XML, which CI systems read.

There is no standard; this is the form of the schema of the Jenkins xUnit plugin, which all readers accept.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from attrs import frozen

from forbear.base.characters import printable
from forbear.base.diagnostic import Diagnostic


@frozen
class TestCase:
    """One example or ensure with its failures, or the errors of a file that has no policy."""

    name: str
    line: int
    failures: tuple[Diagnostic, ...]
    is_error: bool = False


@frozen
class TestSuite:
    """The test cases of one file."""

    file: str
    name: str
    cases: tuple[TestCase, ...]


def junit_xml(suites: Iterable[TestSuite]) -> str:
    """The document of some suites. Characters that XML cannot hold are escaped as JSON escapes them."""
    root = Element("testsuites")
    for suite in suites:
        element = SubElement(
            root,
            "testsuite",
            name=_text(suite.name),
            tests=str(len(suite.cases)),
            failures=str(sum(bool(case.failures) and not case.is_error for case in suite.cases)),
            errors=str(sum(bool(case.failures) and case.is_error for case in suite.cases)),
        )
        for case in suite.cases:
            _add(element, suite, case)
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(element.get(total, "0")) for element in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _add(suite_element: Element, suite: TestSuite, case: TestCase) -> None:
    element = SubElement(
        suite_element,
        "testcase",
        classname=_text(suite.name),
        name=_text(case.name),
        file=_text(suite.file),
        line=str(case.line),
    )
    if case.failures:
        kind = "error" if case.is_error else "failure"
        problem = SubElement(element, kind, type=case.failures[0].code, message=_text(case.failures[0].message))
        problem.text = "\n".join(
            _text(f"{failure.place}: {failure.message}; {failure.help}") for failure in case.failures
        )


def _text(text: str) -> str:
    return printable(text).replace("￾", "\\ufffe").replace("￿", "\\uffff")
