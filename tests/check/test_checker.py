"""What the checker makes of several mistakes, of names and of heads; `mistakes.txt` has each diagnostic."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found, only, place, typed

from forbear.language.model.comparisons import Compare


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_a_text_without_statements(text: str) -> None:
    diagnostic = only(text)
    assert (diagnostic.code, diagnostic.place.text) == ("empty-file", "")
    assert "no statement" in diagnostic.message
    assert_well_worded(diagnostic)


# Several errors in one run


# Unnamed rules


def test_a_rule_without_a_head_is_called_by_its_place() -> None:
    policy = typed(
        "policy p\n\nafter 3 days\n  then allow sms\nrule named: never letter\nnever email never visit never phone_call"
    )
    assert [rule.name for rule in policy.rules] == ["p:3", "named", "p:6", "p:6:13", "p:6:25"]
    assert [rule.named for rule in policy.rules] == [False, True, False, False, False]
    assert typed("never sms").rules[0].name == "policy:1"


def test_rules_without_a_name_are_warned_of_where_there_are_several() -> None:
    assert found("never sms") == []
    assert [(one.code, one.rules, place(one)) for one in found("never sms\nrule r: never email")] == [
        ("unnamed-rule", ("policy:1",), "1:1")
    ]
    assert [one.rules for one in found("never sms\nnever email")] == [("policy:1",), ("policy:2",)]
    assert found("rule r: never sms\nrule s: never email") == []


# Name spaces


def test_the_three_name_spaces_do_not_touch() -> None:
    text = "fact x count\naction x\nrule x: x > 3 then allow x\nrule y: never y\ngroup y is x\ndefine y is x > 4\n"
    policy = typed(text)
    assert [rule.name for rule in policy.rules] == ["x", "y"]
    assert policy.groups["y"].actions == ("x",)


def test_values_may_recur_between_facts() -> None:
    policy = typed(
        "fact k one of low, high\nfact l one of high < low\naction a\nrule r: k is low and l > high then allow a"
    )
    assert policy.facts["k"].names == ("low", "high")
    assert policy.facts["l"].names == ("high", "low")


def test_a_value_may_have_the_name_of_a_setting_of_nobody() -> None:
    assert [one.code for one in found("fact k one of low, high\nsetting low is 3\naction a")] == ["duplicate-name"]


# Warnings do not hide what is read


def test_a_decided_comparison_still_decides() -> None:
    policy = typed("fact o count optional\naction a\nrule r: o >= 0 then allow a")
    assert policy.rules[0].condition == Compare("o", ">=", 0)
    assert policy.rules[0].effects == {"a": "allow"}


# Ladders, groups, heads


def test_a_ladder_of_the_policy_replaces_that_of_its_vocabulary() -> None:
    policy = typed("uses collections\nladder pressure: sms, phone_call rising with overdue_amount\nnever sms")
    assert policy.ladders["pressure"].rungs == ("sms", "phone_call")
    assert policy.ladders["pressure"].rising == ("overdue_amount",)
    assert len(typed("never sms").ladders["pressure"].rungs) > 2


def test_groups_unfold_in_the_order_of_the_vocabulary() -> None:
    policy = typed(
        "action a, b, c, d\ngroup g is h, a\ngroup h is d, c\ngroup h also b\ngroup rest is everything except h\n"
        "rule r: always then forbid g except c, a"
    )
    assert policy.groups["g"].actions == ("a", "b", "c", "d")
    assert policy.groups["h"].actions == ("b", "c", "d")
    assert policy.groups["rest"].actions == ("a",)
    assert list(policy.rules[0].effects) == ["b", "d"]


def test_a_used_vocabulary_may_be_added_to() -> None:
    policy = typed(
        "uses collections\naction drone\ngroup third_party also drone\nfact wind count\n"
        "rule r: wind > 3 then forbid third_party"
    )
    assert "drone" in policy.rules[0].effects
    assert "contact_related" in policy.rules[0].effects


def test_a_head_says_what_the_policy_is() -> None:
    policy = typed(
        'standard s "Title"\n  version "3" source "law"\n  uses collections\n  currency EUR in force until 2020-02-29\n'
        "rule r: overdue_amount > EUR 5 then forbid visit"
    )
    assert (policy.name, policy.title, policy.version, policy.source) == ("s", "Title", "3", "law")
    assert (policy.standard, policy.headed, policy.currency, policy.dated) == (True, True, "EUR", True)
    bare = typed("never sms")
    assert (bare.name, bare.headed, bare.standard, bare.dated, bare.version) == ("policy", False, False, False, None)


def test_a_file_without_declarations_has_the_standard_vocabulary() -> None:
    assert "sms" in typed("never sms").actions
    assert "days_overdue" in typed("define late is after 3 days\nsetting x is 3\nrule r: late then allow sms").facts
    assert list(typed("action a\nnever a").actions) == ["a"]
    assert "sms" not in typed("fact n count").actions


# Currency


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("overdue_amount > USD 3 then allow sms", "USD"),
        ("policy p currency CNY\noverdue_amount > CNY 3 then allow sms", "CNY"),
        ('# EUR 5\nrule r "GBP 3": overdue_amount > USD 3 then allow sms', "USD"),
        ("vocabulary v currency EUR\nfact m money\naction a\nm > EUR 3 then allow a", "EUR"),
        ("vocabulary v currency EUR\npolicy p currency USD\nfact m money\naction a\nm > USD 3 then allow a", "USD"),
        ("setting big is EUR 5\noverdue_amount > big then allow sms", "EUR"),
        ("never sms", None),
        ("overdue_amount > CNY # a comment\n  5 then allow sms", "CNY"),
    ],
)
def test_a_policy_has_one_currency(text: str, currency: str | None) -> None:
    policy = typed(text)
    assert policy.currency == currency
    for fact in policy.facts.values():
        assert fact.currency == (currency if fact.kind.word == "money" else None)


def test_a_fact_may_have_a_currency_of_its_own() -> None:
    policy = typed(
        "policy p currency CNY\nfact m money\nfact u money USD\naction a\nm > CNY 3 and u > USD 3 then allow a"
    )
    assert (policy.facts["m"].currency, policy.facts["u"].currency) == ("CNY", "USD")
