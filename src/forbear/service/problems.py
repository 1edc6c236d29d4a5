"""What is answered instead of a decision: documents of RFC 9457, `application/problem+json`."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from forbear.answering import case_error
from forbear.kernel import CaseError
from forbear.service.writing import Reply, encode

KIND: Final = b"application/problem+json"


class Problem(Exception):
    """A request that gets a problem, and nothing else, as its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def problem(status: int, detail: str, headers: Iterable[tuple[str, str]] = (), /, **more: object) -> Reply:
    """The answer of a status: what is wrong with this request, in a sentence, and what programs may read besides."""
    title = HTTPStatus(status).phrase
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    encoded = tuple((name.lower().encode(), value.encode()) for name, value in headers)
    return Reply(status, encode(document), KIND, headers=encoded)


def of_case(error: CaseError, status: int = 422, /, **more: object) -> Reply:
    """The answer for a case in error: every error of it, as the command line has them."""
    return problem(status, str(error), (), faults=case_error(error)["faults"], **more)
