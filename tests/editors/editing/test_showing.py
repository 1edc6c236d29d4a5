"""What an editor shows unasked: colours, lenses, inlays, when a rule decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from forbear import load
from forbear.analysis.engine.analysis import analyse
from forbear.base import resources
from forbear.editors.editing.reading import read
from forbear.editors.editing.showing.clock import decides_when
from forbear.editors.editing.showing.colours import colours
from forbear.editors.editing.showing.inlays import inlays
from forbear.editors.editing.showing.lenses import example_text, examples_text, explanation_text, lenses

HOUSE = """\
policy house "名 😀"  # what it is
fact days_overdue days clock
fact risk one of low < medium < high
setting most is 5
setting late is 20
action sms, visit
group all_of is sms, visit
event contact has medium one of call, letter
fact calls count of contact where medium is call in last 7 days
define poor is risk > low
rule a "A": after late days and poor then allow sms
rule b: after 3 days and calls < most then forbid sms unless risk is high overrides a
table t
  | days_overdue | risk | visit  |
  | over 9       | high | allow  |
  | over 19      | low  | forbid |
example "x": given days_overdue 21, risk medium, calls 7 expect sms allowed, visit unsaid
example "y": given days_overdue 10, risk high, calls 0 expect visit not allowed
"""


def test_each_word_has_the_colour_of_what_it_is() -> None:
    found = {(HOUSE[slice(*one.span)], one.kind, one.declares) for one in colours(read(HOUSE, None))}
    assert found >= {
        ("policy", "keyword", False),
        ('"名 😀"', "string", False),
        ("# what it is", "comment", False),
        ("days_overdue", "fact", True),
        ("days_overdue", "fact", False),
        ("low", "value", True),
        ("low", "value", False),
        ("most", "setting", True),
        ("late", "setting", False),
        ("sms", "action", True),
        ("all_of", "group", True),
        ("contact", "event", False),
        ("medium", "fact", True),
        ("poor", "define", False),
        ("a", "rule", True),
        ("a", "rule", False),
        ("t", "rule", True),
        ("days", "keyword", False),
        ("<", "operator", False),
        ("5", "number", False),
    }
    within = colours(read(HOUSE, None), (HOUSE.index("rule a"), HOUSE.index("rule b")))
    assert [HOUSE[slice(*one.span)] for one in within][:3] == ["rule", "a", '"A"']


def test_a_broken_text_has_colours_too() -> None:
    text = HOUSE + "rule c: after then $ allow sms\n"
    found = [(text[slice(*one.span)], one.kind) for one in colours(read(text, None))]
    assert ("risk", "fact") in found
    assert found[-2:] == [("then", "keyword"), ("allow", "keyword")]


def test_inlays_say_what_is_not_written() -> None:
    reading = read(HOUSE, None)
    found = [(HOUSE[: one.offset].rpartition("\n")[2], one.text) for one in inlays(reading)]
    assert found == [
        ('rule a "A": after late', "= 20"),
        ('rule a "A": after late days', "from day 21"),
        ("rule b: after 3 days", "from day 4"),
        ("rule b: after 3 days and calls < most", "= 5"),
    ]
    at = HOUSE.index("rule b")
    assert len(inlays(reading, (at + 3, at + 4))) == 2


@pytest.mark.parametrize(
    ("value", "said"),
    [("12.50%", "12.5%"), ("CNY 3", "CNY 3"), ("09:30", "09:30"), ("2026-03-01", "2026-03-01"), ('"AL"', '"AL"')],
)
def test_the_value_of_a_setting_is_as_facts_show_it(value: str, said: str) -> None:
    kind = {"%": "percent", "C": "money CNY", "0": "time", "2": "date", '"': "text"}[
        "%" if value.endswith("%") else value[0]
    ]
    text = f"fact x {kind}\naction sms\nsetting s is {value}\nrule a: x = s then allow sms\n"
    assert [one.text for one in inlays(read(text, None))] == [f"= {said}"]


def test_lenses_say_what_examples_do() -> None:
    reading = read(HOUSE, None)
    found = [(HOUSE[slice(*one.span)].split(":")[0].split("\n")[0], one.text) for one in lenses(reading)]
    assert found == [
        ('rule a "A"', "decides in 1 of 2 examples"),
        ("rule b", "decides in 0 of 2 examples"),
        ("table t", "its rows decide in 1 of 2 examples"),
        ('example "x"', "holds: run again"),
        ('example "x"', "explain"),
        ('example "y"', "fails: run again"),
        ('example "y"', "explain"),
    ]
    assert examples_text(reading, "a") == "`a` decides in:\n- x"
    assert examples_text(reading, "t") == "`t` decides in:\n- y"
    assert examples_text(reading, "b") == "`b` decides in no example"
    assert example_text(reading, "x") == "“x” holds"
    assert example_text(reading, "y").startswith('example "y" expects `visit` not allowed, and it is allowed by `t.1`')
    assert "sms is allowed by a" in explanation_text(reading, "x")
    assert "visit is not permitted" in explanation_text(reading, "x")
    assert "no example" in explanation_text(reading, "z")
    assert lenses(read(HOUSE + "rule", None)) == []


def test_each_example_that_a_rule_decides_is_counted() -> None:
    example = 'example "{}": given days_overdue 10 expect sms allowed\n'
    text = "rule a: after 3 days then allow sms\nrule b: after 5 days then allow sms\n"
    found = lenses(read(text + "".join(example.format(title) for title in "xyz"), None))
    assert [one.text for one in found][:2] == ["decides in 3 of 3 examples"] * 2


def test_a_rule_decides_on_days() -> None:
    reading = read(HOUSE, None)
    assert decides_when(reading, "a") == ["decides SMS: day 21 and later"]
    assert decides_when(reading, "b") == ["decides SMS: day 4 and later"]
    assert decides_when(reading, "t") == [
        "- `t.1` decides visit: day 10 and later\n- `t.2` decides visit: day 20 and later"
    ]
    text = "rule c: from day 9 to day 13 then allow sms, visit\nrule d: never visit\n"
    other = read(text + "rule e: after 3 days then allow visit\n", None)
    assert decides_when(other, "c") == ["decides SMS: day 9 to 13; visit: never, other rules decide"]
    assert decides_when(other, "e") == ["decides nothing by itself"]


@pytest.mark.parametrize("path", ["huabei/redesigned", "examples/strategy_matrix"])
def test_the_days_are_those_on_which_it_decides(path: str) -> None:
    """Held against the search of the analyser for a case in which a rule decides."""
    from forbear.report.examples import rule_examples

    policy = load(f"pack:{path}").typed
    reading = read(
        Path(policy.place.source.name.replace("pack:", str(resources.folder("rules")) + "/") + ".forbear").read_text(
            encoding="utf-8"
        ),
        None,
    )
    assert analyse(policy).policy is policy
    for rule in policy.rules:
        decides = bool(rule_examples(policy, [rule.name]))
        [said] = decides_when(reading, rule.name)
        assert decides == (said != "decides nothing by itself"), (rule.name, said)
