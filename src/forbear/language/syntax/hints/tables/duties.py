"""Hints for accompanying actions. They precede the search for misspelt words: `each` is a word of these sentences."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.language.syntax.hints.hint import NAME, Hint, around

_EACH = r"(?:every|each|all|any)"
_A = r"(?:(?:an?|the|its)\s+)?"
_CARRIES = (
    r"(?:(?:must|shall|should|has\s+to|have\s+to)\s+)?(?:always\s+)?"
    r"(?:carr(?:y|ies)|contains?|includes?|needs?|has|have|bears?|comes?\s+with|requires?|goes\s+with|go\s+with)"
)
_DUTY = "`with` names an action that must accompany another"
_LISTED = "`forbear facts FILE --all` lists the actions"
_ACTIONS = rf"(?!{_EACH}\b)(?P<sent>{NAME}(?:\s*(?:,|\band\b)\s*(?!{_EACH}\b){NAME})*)"
_TOGETHER = rf"(?P<action>{NAME})\s+and\s+(?P<companion>{NAME})\s+together\b"


def _without(words: Mapping[str, str]) -> str:
    required = "write `require {companion} with {action}`".format_map(words)
    denied = "write `never {action} when not {companion}`".format_map(words)
    if words["of_companion"] in ("", "group"):
        return f"if `{words['companion']}` is an action, {required}; if it is a fact, {denied}"
    return required if words["of_companion"] == "action" else denied


HINTS = (
    Hint(
        around(
            rf"(?P<mark>\b(?:send|include|add|attach|put|give)\s+{_A}(?P<companion>{NAME})\s+(?:along\s+)?(?:with|in|to)\s+"
            rf"(?:{_EACH}\s+)?{_ACTIONS})"
        ),
        _DUTY,
        f"write `require {{companion}} with {{sent_listed}}`; {_LISTED}",
        "⟨send opt_out_notice with every sms⟩",
        more=("⟨send opt_out_notice with every text⟩",),
    ),
    Hint(
        around(rf"(?P<mark>\b{_EACH}\s+{_ACTIONS}\s+{_CARRIES}\s+{_A}(?P<companion>{NAME}))"),
        _DUTY,
        f"write `require {{companion}} with {{sent_listed}}`; {_LISTED}",
        "rule r: ⟨each sms carries opt_out_notice⟩",
        more=("rule r: ⟨each text carries opt_out_notice⟩",),
    ),
    Hint(
        around(
            rf"(?<=:)\s*(?P<mark>{_ACTIONS}\s+(?:must|shall|should|has\s+to|have\s+to)\s+(?:always\s+)?"
            rf"(?:carry|contain|include|bear|come\s+with|go\s+with|be\s+accompanied\s+by)\s+{_A}(?P<companion>{NAME}))"
        ),
        _DUTY,
        f"write `require {{companion}} with {{sent_listed}}`; {_LISTED}",
        "rule r: ⟨sms, email must include opt_out_notice⟩",
    ),
    Hint(
        around(rf"\brequire\s+(?P<companion>{NAME})\s+(?P<mark>with\s+{_EACH}\s+{_ACTIONS})"),
        "a rule on an action holds each time",
        "write `with {sent_listed}`",
        "rule r: require opt_out_notice ⟨with every sms⟩",
        more=("rule r: require opt_out_notice ⟨with every text⟩",),
    ),
    Hint(
        around(
            rf"(?<=:)\s*(?P<mark>(?P<companion>{NAME})\s+(?:(?:must|shall|should|has\s+to|have\s+to)\s+(?:always\s+)?accompany|accompanies)"
            rf"\s+(?:{_EACH}\s+|an?\s+|the\s+)?{_ACTIONS})"
        ),
        _DUTY,
        f"write `require {{companion}} with {{sent_listed}}`; {_LISTED}",
        "rule r: ⟨opt_out_notice must accompany every sms⟩",
    ),
    Hint(
        around(
            rf"\brequire\s+(?P<companion>{NAME})\s+(?P<mark>(?:for|on|in|if|whenever|(?:when|if)\s+(?=[^\n:]*\bsent\b))\s*"
            rf"(?:{_EACH}\s+)?(?!(?:day|force|advance)\b){_ACTIONS}(?:\s+(?:is|are)\s+sent)?)"
        ),
        _DUTY,
        "write `with {sent_listed}`",
        "rule r: require opt_out_notice ⟨for sms⟩",
        more=("rule r: require opt_out_notice ⟨for text⟩",),
    ),
    *[
        Hint(around(rf"{before}(?P<mark>{_TOGETHER}){after}"), _DUTY, help, example)
        for before, after, help, example in (
            (
                r"\bthen\s+(?:allow|require)\s+",
                "",
                "write `{action} with {companion}`",
                "after 9 days then allow ⟨sms and opt_out_notice together⟩",
            ),
            (
                r"\b(?:allow|require)\s+",
                r"(?=\s+(?:when|unless)\b)",
                "write `{action} with {companion}`",
                "rule r: allow ⟨sms and opt_out_notice together⟩ when deceased",
            ),
            (
                r"\b(?:allow|require)\s+",
                "",
                "write `{action} with {companion} when always`, or another condition for `always`; if it must"
                " accompany each {action}, write `require {companion} with {action}`",
                "allow ⟨sms and opt_out_notice together⟩",
            ),
        )
    ],
    Hint(
        around(rf"(?P<mark>\b(?:forbid|never)\s+(?P<action>{NAME})\s+without\s+(?P<companion>{NAME}))"),
        _DUTY,
        _without,
        "rule r: ⟨never sms without opt_out_notice⟩",
        more=("rule r: ⟨never sms without deceased⟩", "rule r: ⟨never sms without a_note⟩"),
    ),
)
