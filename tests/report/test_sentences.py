"""Conditions as sentences, each written out: what a reader is told must be what the rule says."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import typed
from written import arrows

import forbear
from forbear.report.page.rules import derivation_in_words
from forbear.report.sentences import actions_in_words, effects_in_words, sentence

_, CONDITIONS, FACTS = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").split("\n## ")
POLICY, DERIVED = (part.partition("\n")[2].partition("\n\n")[0] + "\n" for part in (CONDITIONS, FACTS))


@pytest.mark.parametrize(("condition", "said"), arrows(CONDITIONS))
def test_a_condition_in_words(condition: str, said: str) -> None:
    clause, _, unless = condition.partition(" unless ")
    text = POLICY.format(clause) + (f"  unless {unless}\n" if unless else "")
    policy = forbear.loads(text).typed
    assert sentence(policy.rules[0].condition, policy.facts) == said


def test_actions_of_a_group_go_by_its_name() -> None:
    policy = forbear.loads(POLICY.format("always")).typed
    assert actions_in_words(["phone_call", "sms", "email", "push"], policy.groups) == ["phone call", "messages"]
    assert actions_in_words(["sms", "email"], policy.groups) == ["SMS", "email"]


@pytest.mark.parametrize("pack", ["pack:regulation/us-reg-f", "pack:examples/us_card_issuer"])
def test_no_sentence_of_a_pack_has_an_identifier(pack: str) -> None:
    policy = forbear.load(pack).typed
    for rule in policy.rules:
        assert "_" not in sentence(rule.condition, policy.facts)


@pytest.mark.parametrize(("name", "words"), arrows(FACTS))
def test_a_derived_fact_says_what_counts_for_it(name: str, words: str) -> None:
    assert derivation_in_words(name, typed(DERIVED)) == words


def test_a_rule_on_every_action_says_so() -> None:
    policy = typed("rule a: never everything\nrule b: never messages, calls")
    [[(_, verb, every)], [(_, _, some)]] = [list(effects_in_words(rule, policy)) for rule in policy.rules]
    assert (verb, every) == ("Never permits", "every action")
    assert some == "messages, calls"
