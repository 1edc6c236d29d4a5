"""Hints for the steps and the precision of a fact, said in other words."""

from __future__ import annotations

from forbear.language.syntax.hints.hint import DECLARING, NAME, TYPE, Hint, around

_TYPED = rf"\b{DECLARING}\s+{NAME}\s+{TYPE}\b(?:(?!\b(?:of|until|since)\b)[^:#\n\"])*?\s"
_STEP = r"(?P<step>(?:[A-Z]{3}\s+)?[0-9]{1,9}(?:\.[0-9]{1,9})?%?)(?![\w.])"

HINTS = (
    Hint(
        around(
            rf"{_TYPED}(?<!\bin\s)(?!in\s+steps\s+of\b)(?P<mark>(?:in\s+)?(?:steps?|multiples?)\s+(?:of\s+|by\s+)?{_STEP})"
        ),
        "the steps of a fact follow `in steps of`",
        "write `in steps of {step}`",
        "fact paid money EUR ⟨step EUR 0.05⟩",
    ),
    Hint(
        around(rf"{_TYPED}(?P<mark>(?:by|every)\s+{_STEP})"),
        "the steps of a fact follow `in steps of`",
        "write `in steps of {step}`",
        "fact paid money EUR ⟨by EUR 5⟩",
    ),
    Hint(
        around(
            rf"{_TYPED}(?P<mark>(?:(?:with|to|up\s+to|rounded\s+to)\s+)?(?P<digits>[0-9]|no|one|two|three)\s+"
            r"(?:decimals?|digits?|places?)(?:\s+places?)?|rounded\s+to\s+(?P<more>[0-9]))(?![\w.])"
        ),
        "the precision of a fact is given by its steps",
        lambda words: f"write `in steps of {words['digits_decimals' if 'digits' in words else 'more_decimals']}`",
        "fact score number ⟨with 2 decimals⟩",
    ),
    Hint(
        around(rf"{_TYPED}(?P<mark>(?:in\s+)?(?:whole|integers?)(?:\s+numbers?)?(?:\s+only)?)\b"),
        "the precision of a fact is given by its steps",
        "write `in steps of 1`",
        "fact score number ⟨whole⟩",
    ),
)
