"""Cases in JSON with a field that names the account, which is no fact."""

from __future__ import annotations

from forbear.cli.support.failing import wrong_use
from forbear.cli.support.reading import read_bytes
from forbear.library.answering import Asking, read_case
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.runtime.records.sink import Names


def require_json(key: str | None, case_path: str | None) -> None:
    """Ends the command with 2 where a field is named and there is no case in JSON."""
    if key is not None and case_path is None:
        wrong_use("--key is for a case in JSON (--case)")


def named_case(policy: Policy | Book, case_path: str, key: str | None) -> tuple[Names, dict[str, object]]:
    """Reads a case without the field `key`, which is its name. Raises `CaseError`."""
    return Asking(policy, key=key).named(read_case(read_bytes(case_path)))
