"""Cases in short, and what cannot be seen. The text report itself is in `tests/cli/transcripts/report_in_text.txt`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from checking import typed
from invoking import forbear, write

from forbear.base.characters import printable
from forbear.language.model.cases import case_text, shortener
from forbear.language.model.values import value_json, value_text


def test_what_cannot_be_seen_is_shown(tmp_path: Path) -> None:
    assert printable("a\x1b[2J\u200b\u202e催\tb") == "a\\u001b[2J\\u200b\\u202e催 b"
    report = forbear("validate", write(tmp_path, 'rule a "\u202e\x9b": after 3 days then allow smss\n')).out
    assert '1 | rule a "\\u202e\\u009b": after 3 days then allow smss' in report
    [shown, marks] = report.splitlines()[2:4]
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "smss"


def test_a_fact_is_told_where_it_is_unknown_or_not_as_plain_as_it_can_be() -> None:
    """Without a usual value the mildest is left out; what a case does not give is unknown."""
    text = """\
fact late days clock
fact score count between 2 and 9
fact change number
fact told yes/no optional
fact region text
fact called date or none usually none
action sms
"""
    policy = typed(text + 'rule a: score > 2 and change < 0 and told and region is "CA" then allow sms\n')
    shorten = shortener(policy)
    plain = {"late": 0, "score": 2, "change": 0, "told": False, "region": "other", "called": "none"}
    assert shorten(plain) == {}
    assert shorten({**plain, "score": 3, "change": -1, "region": "CA", "on": "2026-03-01"}) == {
        "score": 3,
        "change": -1,
        "region": "CA",
        "on": "2026-03-01",
    }
    told = shorten({name: value for name, value in plain.items() if name != "told"})
    assert told == {"told": None}
    assert case_text(told, policy.facts) == "told unknown"
    assert case_text({}, policy.facts) == "every fact usual, or at its mildest"
    named = typed(text + 'rule a: region is "other" then allow sms\n')
    assert shortener(named)({"region": "other"}) == {"region": "other"}


def test_a_case_in_short_has_numbers_as_rules_do() -> None:
    facts = typed(
        "fact fee money CNY in steps of CNY 0.50 fact share percent fact score number fact late days\n"
        "action act always then allow act"
    ).facts
    for steps in (0, 1, 2, 9, 250):
        case = {name: value_json(fact, steps) for name, fact in facts.items()}
        assert case_text(case, facts) == ", ".join(f"{name} {value_text(facts[name], steps)}" for name in facts)
    assert case_text({"fee": Decimal("4.5"), "share": 80}, facts) == "fee CNY 4.50, share 80%"
