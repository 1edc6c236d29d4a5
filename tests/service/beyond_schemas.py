"""A check for Schemathesis: what the description takes is answered, or refused for what JSON Schema cannot say, or a
generator for Java cannot read."""

from __future__ import annotations

from typing import Any

import schemathesis

_NUMBERS = {"out-of-range", "off-grid", "too-many-digits", "no-sum"}
"""A text of digits has no range, and a multiple of 0.01 in decimals is none in binary."""
_DAYS = {"another-day"}
"""An `at` on another day than `on`."""
_ZONES = {"no-zone", "empty-zone", "zone-missing", "too-many-zones"}
"""A `zone` is a text or a list of texts, of the IANA database, and is left open."""
_OF_QUESTIONS = {
    "decide": {"decided-without-moment"},  # which `valid_until` needs
    "permits": {"missing"},  # a case lacks what the rules on another action do not read
    "explain": {"missing"},
    "when": {"missing", "no-start", "early-end", "late-end", "late-start"},
    "partial": {"missing", "given-and-open"},
    "ask": set[str](),
}


@schemathesis.check
def what_the_schema_takes_is_refused_for_nothing_that_it_could_say(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    known = _NUMBERS | _DAYS | _ZONES
    known |= next(codes for question, codes in _OF_QUESTIONS.items() if f"/{question}" in case.path)
    for fault in response.json()["faults"]:
        if (fault["code"], fault["fact"]) != ("unknown-fact", "zone"):  # which goes with a moment
            assert fault["code"] in known, fault
