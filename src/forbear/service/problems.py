"""The answers in place of a decision: documents of RFC 9457, `application/problem+json`.

Each is a code of `PROBLEMS` with arguments, and is put into words here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from attrs import evolve, frozen

from forbear.kernel.cases import CaseError
from forbear.language.model.names import did_you_mean
from forbear.library.answering import case_error
from forbear.service.writing import Reply, encode

KIND: Final = b"application/problem+json"


@frozen
class _Row:
    """The answer of a problem. `near` follows the text if there is a `nearest` name."""

    status: int
    text: str
    near: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()


def _later(status: int, text: str, seconds: int = 1) -> _Row:
    """A problem after which the client may try again."""
    return _Row(status, text, headers=((b"retry-after", str(seconds).encode()),))


_MEANT: Final = ": did you mean `{nearest}`?"
PROBLEMS: Final[Mapping[str, _Row]] = {
    "no-http": _Row(400, "malformed HTTP request"),
    "unreadable": _Row(400, "{errors}"),
    "no-parameter": _Row(400, "unknown parameter `{name}`", _MEANT),
    "parameter": _Row(400, "give the parameter `{name}` once, with a value"),
    "parameter-value": _Row(400, "the parameter `{name}` must be {values}"),
    "no-fact": _Row(400, "the vocabulary has no fact `{name}`", _MEANT),
    "no-token": _Row(
        401,
        "send the token of the service: `Authorization: Bearer TOKEN`",
        headers=((b"www-authenticate", b"Bearer"),),
    ),
    "browser": _Row(403, "a page in a browser may ask only with a token; this service has none"),
    "other-host": _Row(
        403, "`Host` is `{name}`; without a token this service answers only `localhost` and names that it allows"
    ),
    "no-policy": _Row(404, "there is no policy `{name}`", _MEANT),
    "no-action": _Row(404, "the vocabulary has no action `{name}`", _MEANT),
    "no-path": _Row(404, "unknown path; /openapi.json lists all paths", _MEANT),
    "no-action-named": _Row(
        404, "this question is about one action: ask it at `{path}/ACTION`, with the action's name"
    ),
    "no-method": _Row(405, "this path does not accept {method}: use {allowed}"),
    "slow": _Row(408, "the request did not arrive within {seconds:g} seconds"),
    "long-body": _Row(413, "the body has more than {most:,} bytes"),
    "encoded-body": _Row(415, "send the body uncompressed"),
    "no-json": _Row(415, "send JSON, with `Content-Type: application/json`"),
    "case": _Row(422, "{errors}"),
    "no-batch": _Row(422, 'a batch is an object with the list of its cases, {{"cases": [...]}}'),
    "no-part-of-batch": _Row(
        422, "a batch has the list `cases` and no `{name}`: put per-case fields into each case", _MEANT
    ),
    "long-batch": _Row(422, "a batch has at most {most:,} cases, and this one has {given:,}"),
    "long-head": _Row(431, "a request has at most {most} KB besides its body, and at most {fields} headers"),
    "fault": _Row(500, "internal error; the log of the service has details"),
    "not-recorded": _later(503, "{reason}, so there is no answer", 5),
    "overtime": _later(503, "the answer takes longer than the service allows"),
    "busy": _later(503, "all threads work on long requests; try again"),
    "bodies": _later(503, "too many long bodies at once; try again"),
    "full": _later(503, "there are {most:,} connections already; try again"),
}


class Problem(Exception):
    """A request that gets a problem, and nothing else, as its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def problem(
    code: str,
    /,
    more: Mapping[str, object] | None = None,
    headers: Iterable[tuple[bytes, bytes]] = (),
    **arguments: object,
) -> Reply:
    """Returns the answer of a code: a sentence about the error in this request and, in `more`, further data for
    programs.
    """
    row = PROBLEMS[code]
    text = row.text + (row.near if arguments.get("nearest") is not None else "")
    title = HTTPStatus(row.status).phrase
    document = {"type": "about:blank", "title": title, "status": row.status, "code": code}
    document |= {"detail": text.format_map(arguments), **(more or {})}
    return Reply(row.status, encode(document), KIND, headers=(*row.headers, *headers))


def nothing_of(code: str, name: str, known: Iterable[str]) -> Reply:
    """Returns the answer for an unknown name, with the nearest known one."""
    suggestion = did_you_mean(name, known)
    nearest = None if suggestion is None else suggestion.meant
    return problem(code, {"nearest": nearest}, name=name[:200], nearest=nearest)


def of_case(error: CaseError, code: str = "case", /, **more: object) -> Reply:
    """The answer for a case in error: every error of it, as the command line has them."""
    reply = problem(code, {"faults": case_error(error)["faults"], **more}, errors=str(error))
    return evolve(reply, refused=1) if code == "case" else reply
