"""Conditions as sentences, each written out: what a reader is told must be what the rule says."""

from __future__ import annotations

import pytest
from checking import typed

import forbear
from forbear.report.derivations import derivation_in_words
from forbear.report.sentences import actions_in_words, effects_in_words, sentence

POLICY = """\
policy words currency USD
fact days_overdue days clock "Days past due: 0 on the due date"
fact letter_age days "How long ago"
fact calls_in_7_days count
fact unreachable count "Outbound calls in a row that nobody took; not more"
fact score number
fact share percent
fact owed money
fact income money
fact today date of decision
fact hour time
fact promised_on date or none
fact days_since_letter days or none
fact hardship one of none_asked, plan_active, plan_broken
fact risk one of low < medium < high
fact region text
fact died yes/no "The borrower has died"
fact consent yes/no optional "The borrower has consented, or not answered"
fact approved yes/no "A manager has approved what is asked" not so: "A manager has not looked at it"
fact tired yes/no
fact must_notify yes/no
fact not_answered yes/no "Whether the borrower has not answered"
fact capacity yes/no "The borrower may lack the capacity to decide"
fact series count "Series of calls"
fact untold yes/no "Too old to sue upon"
action sms, email, push, phone_call
group messages is sms, email, push
define gone is died or tired
rule a: {0} then allow phone_call
"""


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("always", "in every case"),
        ("after 60 days", "more than 60 days overdue"),
        ("from day 1", "at least 1 day overdue"),
        ("from day 9 to day 13", "9 to 13 days overdue"),
        ("on day 180", "exactly 180 days overdue"),
        ("letter_age > 3", "letter age is more than 3 days"),
        ("calls_in_7_days >= 7", "at least 7 calls in 7 days"),
        ("calls_in_7_days >= 1", "calls in 7 days: at least 1"),
        ("calls_in_7_days < 3", "fewer than 3 calls in 7 days"),
        ("unreachable >= 3", "at least 3 outbound calls in a row that nobody took"),
        ("score > 0.5", "score is more than 0.5"),
        ("share < 20%", "share is less than 20%"),
        ("owed >= USD 500", "owed is at least USD 500"),
        ("hour < 08:00 or hour >= 21:00", "hour is before 08:00 or hour is no earlier than 21:00"),
        ("hour between 21:00 and 08:00", "hour is between 21:00 and 08:00"),
        ("promised_on > 2020-01-01", "promised on is after 2020-01-01"),
        ("promised_on is none", "promised on is none"),
        ("days_since_letter is none", "days since letter is none"),
        ("days_since_letter > 14", "more than 14 days since letter"),
        ("hardship is plan_active", "hardship is plan active"),
        ("hardship is not one of plan_active, plan_broken", 'hardship is neither "plan active" nor "plan broken"'),
        ("risk >= medium", "risk is at least medium"),
        ("region is \"CA\"", "region is \"CA\""),
        ("died", "the borrower has died"),
        ("not died", "in every case, unless the borrower has died"),
        ("tired or not died", "tired or died: no"),
        ("tired or not consent", "tired or consent: no"),
        ("not approved or tired", "a manager has not looked at it or tired"),
        ("consent is unknown", "consent: not known"),
        ("consent is known", "consent: known"),
        ("untold", "untold"),
        ("not must_notify or tired", "must notify: no or tired"),
        ("not not_answered or tired", "not answered: no or tired"),
        ("not capacity or tired", "capacity: no or tired"),
        ("hardship is not none_asked", 'hardship is not "none asked"'),
        ("series = 1", "series: exactly 1"),
        ("series > 2", "more than 2 series"),
        ("owed > 10% of income", "owed is more than 10% of income"),
        ("promised_on + 3 days < today", "promised on plus 3 days is before today"),
        ("tired and untold and not gone", "tired and untold, unless the borrower has died or tired"),
        ("after 3 days and gone", "more than 3 days overdue; and (the borrower has died or tired)"),
        ("(after 3 days and tired) or died", "(more than 3 days overdue and tired); or the borrower has died"),
        ("tired unless died or consent",
         "tired, unless the borrower has died; or the borrower has consented, or not answered"),
    ],
)  # fmt: skip
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


DERIVED = """\
event call has answered yes/no
event paid has amount money EUR
fact due days clock
fact born date
fact calls count of call where answered in last 7 days
fact today_calls count of call in last 1 day
fact old any call at least 21 days ago
fact span any call between 7 and 30 days ago
fact silent count of call where not answered since last call where answered
fact recent sum of paid.amount this month
fact hours count of call in last 24 hours
fact months count of call in last 1 month
fact quiet days since last call where answered
fact sum_last amount of last paid
fact age years since born
fact days_left days until born
calendar office covers 2026-01-01 to 2026-12-31
fact since_born count of call since born
fact both count of call in last 2 days and since born and since last call where answered
fact worked count of call in last 3 working days of office
fact dates days with call in last 2 days
fact row days in a row with call in last 2 days
fact waited working days of office since born
action visit
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "calls",
            "how many times there was a call, on the day of the decision or the 6 calendar days before it, where"
            " answered",
        ),
        ("today_calls", "how many times there was a call, on the day of the decision"),
        ("old", "whether there was a call, at least 21 calendar days before the day of the decision"),
        ("span", "whether there was a call, from 30 to 7 calendar days before the day of the decision, both included"),
        (
            "silent",
            "how many times there was a call where answered: no; only those count that"
            " were after the last call where answered, or all where there was none",
        ),
        ("recent", "the sum of amount over each paid, since the first of the month of the decision"),
        ("hours", "how many times there was a call, in the 24 times 60 minutes before the decision"),
        ("months", "how many times there was a call, less than 1 whole month before the day of the decision"),
        (
            "quiet",
            "the calendar days up to the day of the decision, 0 on the day itself, since the last call where answered",
        ),
        ("sum_last", "amount of the last paid"),
        ("age", "the whole years from born to the day of the decision"),
        ("dates", "on how many days there was a call, on the day of the decision or the calendar day before it"),
        (
            "row",
            "on how many days in a row, up to the day before the decision, there was a call, on the day of the"
            " decision or the calendar day before it",
        ),
        (
            "worked",
            "how many times there was a call, since the first of the last 3 working days by the calendar office",
        ),
        (
            "since_born",
            "how many times there was a call; only those count that were on the day of born or later, or all where"
            " there was none",
        ),
        (
            "both",
            "how many times there was a call, on the day of the decision or the calendar day before it; only those"
            " count that were on the day of born or later and after the last call where answered, or all where there"
            " was none",
        ),
        (
            "waited",
            "the working days by the calendar office after born up to the day of the decision: below 0 before it",
        ),
        ("days_left", "the calendar days from the day of the decision to born: below 0 once it has passed"),
    ],
)
def test_a_derived_fact_says_what_counts_for_it(name: str, words: str) -> None:
    assert derivation_in_words(name, typed(DERIVED)) == words


def test_a_rule_on_every_action_says_so() -> None:
    policy = typed("rule a: never everything\nrule b: never messages, calls")
    [[(_, verb, every)], [(_, _, some)]] = [list(effects_in_words(rule, policy)) for rule in policy.rules]
    assert (verb, every) == ("Never permits", "every action")
    assert some == "messages, calls"
