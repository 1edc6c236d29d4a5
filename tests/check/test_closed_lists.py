"""A closed list of texts: `text one of "AL", "AK"`. What is not in it is an error, of a rule and of a case."""

from __future__ import annotations

import pytest
from checking import only, typed

import forbear
from forbear.kernel.cases import nearest
from forbear.semantics.to_text import type_text

STATES = 'fact state text one of "MA", "New \\"York\\"", "CA" or none\naction sms\n'
IN_ONE = STATES + 'rule here: state is "MA" then allow sms\nrule else: never sms when state is not one of "MA", "CA"\n'


def test_a_case_is_decided_by_its_text() -> None:
    policy = forbear.loads(IN_ONE)
    decided = {text: policy.decide({"state": text})["sms"].verdict for text in ("MA", "CA", 'New "York"', "none")}
    assert decided == {"MA": "allowed", "CA": "unsaid", 'New "York"': "forbidden", "none": "forbidden"}


@pytest.mark.parametrize("text", ["ma", "Massachusetts", "MA ", "", 1, True])
def test_any_other_value_is_refused(text: object) -> None:
    policy = forbear.loads(IN_ONE)
    with pytest.raises(forbear.CaseError, match="`state` needs one of MA"):
        policy.decide({"state": text})
    with pytest.raises(forbear.CaseError):
        policy.permits("sms", {"state": text})


def test_its_type_is_written_as_it_is_read() -> None:
    policy = typed(IN_ONE)
    assert type_text(policy.facts["state"]) == 'text one of "MA", "New \\"York\\"", "CA" or none'
    assert type_text(policy.facts["state"], 1) == 'text one of "MA" and 2 more or none'
    assert type_text(policy.facts["state"], 3) == type_text(policy.facts["state"])


def test_a_text_takes_no_name() -> None:
    """A fact, a definition or a setting may be called by a text of a list; it may not be by a value that is a name."""
    typed(
        'fact x text one of "grace", "y"\naction a\nsetting grace is 3\nfact y count\nrule r: x is "y" then allow a\n'
    )


def test_a_setting_may_be_one_of_the_texts() -> None:
    typed(STATES + 'setting home is "MA"\nrule r: state is home then allow sms\n')
    assert only(STATES + 'setting home is "MX"\nrule r: state is home then allow sms\n').code == "unknown-name"


@pytest.mark.parametrize(("fact", "other"), [("state", "ma"), ("state", "Massachusetts"), ("city", "NYC")])
def test_no_spelling_of_a_place_escapes_the_packs(fact: str, other: str) -> None:
    policy = forbear.loads('never sms when state is "MA" or city is "New York"\nalways then allow letter\n')
    with pytest.raises(forbear.CaseError, match=f"`{fact}` needs one of"):
        policy.decide({"state": "NY", "city": "none", fact: other})
    assert policy.decide({"state": "MA", "city": "none"})["sms"].verdict == "forbidden"
    assert policy.decide({"state": "none", "city": "New York"})["sms"].verdict == "forbidden"


# What is said of a value that a long list has not

MEANT = [
    ("ma", "MA"),
    ("Massachusetts", None),
    ("XX", None),
    ("NYC", None),
    (3, None),
    ("", None),
]


@pytest.mark.parametrize(("value", "meant"), MEANT)
def test_a_long_list_is_cut_after_the_first_and_what_may_be_meant(value: object, meant: str | None) -> None:
    policy = forbear.loads('rule r: state is "MA" then allow sms\n')
    with pytest.raises(forbear.CaseError) as refused:
        policy.decide({"state": value})
    given = f'"{value}"' if isinstance(value, str) else value
    hint = "" if meant is None else f"; did you mean {meant}?"
    assert str(refused.value) == f"`state` needs one of AL, AK, AZ, AR, CA, CO, CT, DE and 65 more, not {given}{hint}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("no_answr", "no_answer"),
        ("no_anwser", "no_answer"),
        ("no_answers", "no_answer"),
        ("No_Answer", "no_answer"),
        ("no_answér", "no_answer"),
        ("xo_answer", "no_answer"),
        ("answer", None),
        ("onx", None),
        ("on", None),
        ("ONE", "one"),
        ("\U0001f600ne", None),
        ("Éa", None),
        ("ÉA", "ÉA"),
        ("bbba", "bbbb"),
    ],
)
def test_what_may_be_meant(text: str, name: str | None) -> None:
    assert nearest(text, ["one", "no_answer", "éa", "ÉA", "bbbb", "bbbab"]) == name


def test_what_may_be_meant_by_a_private_value_is_not_said() -> None:
    values = ", ".join(f'"value{number}"' for number in range(20))
    policy = forbear.loads(f'fact x text one of {values} private\naction a\nrule r: x is "value1" then allow a\n')
    with pytest.raises(forbear.CaseError, match=r"and 12 more, not \(private\)$"):
        policy.decide({"x": "VALUE3"})
