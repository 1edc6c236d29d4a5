"""Cases in JSON with fields that name the account and the request, which are no facts."""

from __future__ import annotations

from forbear.cli.support.failing import wrong_use
from forbear.cli.support.reading import read_bytes
from forbear.deciding.records.sink import Names
from forbear.library.answering import Asking, read_case
from forbear.library.book import Book
from forbear.library.policy import Policy


def require_json(key: str | None, request: str | None, case_path: str | None) -> None:
    """Ends the command with 2 where a field is named and there is no case in JSON."""
    for option, field in (("--key", key), ("--request", request)):
        if field is not None and case_path is None:
            wrong_use(f"{option} is for a case in JSON (--case)")


def named_case(
    policy: Policy | Book, case_path: str, key: str | None, request: str | None
) -> tuple[Names, dict[str, object]]:
    """Reads a case without the fields `key` and `request`, which are its names. Raises `CaseError`."""
    return Asking(policy, key=key, request=request).named(read_case(read_bytes(case_path)))
