"""Cases in JSON with fields that name the account and the request, which are no facts."""

from __future__ import annotations

from collections.abc import Collection

from forbear.cli.cases.written import ReadCase, written
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import Asked, AskedCase
from forbear.cli.support.reading import read_bytes
from forbear.deciding.records.sink import Names
from forbear.library.answering import Asking, read_case, request_of
from forbear.library.book import Book
from forbear.library.policy import Policy


def require_json(case: AskedCase) -> None:
    """Ends the command with 2 where a field is named and there is no case in JSON."""
    for option, field in (("--key", case.key), ("--request", case.request)):
        if field is not None and case.case_path is None:
            wrong_use(f"{option} is for a case in JSON (--case)")


def named_case(policy: Policy | Book, case: AskedCase) -> tuple[Names, dict[str, object]]:
    """Reads a case in JSON without the fields that name it; of no file, the empty one. Raises `CaseError`."""
    document = {} if case.case_path is None else read_case(read_bytes(case.case_path))
    return Asking(policy, key=case.key, request=case.request).named(document)


def read_asked(
    loaded: Policy | Book,
    asked: Asked,
    case: AskedCase,
    action: str | None = None,
    opened: Collection[str] | None = (),
) -> ReadCase:
    """Reads a case, on one action or on all, from a file or in words, of which None opens all that they leave out.
    Raises `CaseError`."""
    if case.given is not None:
        return written(loaded, case.given, action, asked.on, asked.at, opened)
    request = request_of(named_case(loaded, case)[1], asked.on, asked.at)
    return ReadCase(loaded.deciding(request.case, request.on, request.at, action), request)
