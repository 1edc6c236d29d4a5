"""The witnesses of findings as examples, for an author to settle what each should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from forbear.diagnostic import Diagnostic
from forbear.vocabulary.values import quoted


def witness_examples(diagnostics: Iterable[Diagnostic]) -> str:
    """An example for each witness of a finding that names actions, with the expectation left to the author."""
    blocks = [block for diagnostic in diagnostics if diagnostic.accepted is None for block in _blocks(diagnostic)]
    head = (
        "# Cases that `forbear validate` found. Move those that matter into the policy, and say behind `expect` what\n"
        "# each should be: allowed, not allowed, forbidden, required or unsaid.\n"
    )
    return head + "".join(f"\n{block}" for block in blocks)


def _blocks(diagnostic: Diagnostic) -> Iterator[str]:
    witnesses = diagnostic.witnesses or ((diagnostic.witness,) if diagnostic.witness is not None else ())
    for witness in witnesses:
        if not diagnostic.actions:
            continue
        given = ", ".join(f"{name} {_value(value)}" for name, value in witness.items() if name != "on")
        on = f" on {witness['on']}" if "on" in witness else ""
        rules = f" of {', '.join(diagnostic.rules)}" if diagnostic.rules else ""
        yield (
            f"example {quoted(f'{diagnostic.code}{rules}')}:\n"
            + (f"  given {given}{on}\n" if given else f" {on}\n" if on else "")
            + f"  expect {', '.join(diagnostic.actions)} not allowed\n"
        )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
